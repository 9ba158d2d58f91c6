"""Pairs to prefer by: each text that was refused or rejected, with one for the same prompt that is wanted.

A person's edit stands beside the text it was made of, an approved text beside a draft that the guard refused, a true
text beside a lie about the same record. A refused text without any such counterpart stays alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from training.examples import Example, Message

_MADE: Final = re.compile(r"[!+]")
"""What parts an example's name from how it came to be: `R7!edited` and `R7+edited` are of one text."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts for one prompt; `wanted` is None where none is known."""

    wanted: Example | None
    rejected: Example


def pairs(examples: Iterable[Example]) -> Iterator[Pair]:
    """Give every text that is not wanted with a wanted one for its prompt: its own edit, else each in turn."""
    wanted: defaultdict[tuple[Message, ...], list[Example]] = defaultdict(list)
    rejected: list[Example] = []
    for one in examples:
        if one.wanted:
            wanted[one.prompt].append(one)
        else:
            rejected.append(one)
    for one in rejected:
        known = wanted[one.prompt]
        yield Pair(_counterpart(one, known), one)
        # The next text that is rejected for this prompt is held against another, where there is one.
        known[:] = [*known[1:], *known[:1]]


def _counterpart(one: Example, known: list[Example]) -> Example | None:
    return next((other for other in known if _name(other) == _name(one)), known[0] if known else None)


def _name(one: Example) -> str:
    return _MADE.split(one.source, maxsplit=1)[0]
