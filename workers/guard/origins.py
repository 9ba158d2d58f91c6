"""Where a text or a record says that a thing is made: the places named as such, not those named for anything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from workers.guard.lexicon import Occurrence
from workers.guard.tokens import Token

MADE_IN: Final = "origin:made in"
"""Beside it the place is a claim of its own."""

_KIND: Final = "origin"
_BETWEEN: Final = 2
"""The most words between `made in` and the place: made in the north of Italy is too far."""

_JOINTS: Final = frozenset([",", "and", "or", "&", "/", ":"])


def made_where(key: str) -> str:
    """Give the key under which a record affirms that it is made in the place of this key."""
    return f"{MADE_IN} {key}"


def places_of_making(row: list[Token], found: Iterable[Occurrence]) -> Iterator[Occurrence]:
    """Give the places that a thing is said to be made in: `made in Italy and Portugal`, `Italian-made`."""
    making: int | None = None
    for one in found:
        term = one.terms[0]
        if term.key == MADE_IN:
            making = one.last
        elif term.kind == _KIND:
            follows = making is not None and _leads_to(row[making : one.first])
            if follows or _is_made_after(row, one.last):
                yield one
            making = one.last if follows else None


def _leads_to(between: list[Token]) -> bool:
    """Say whether only a word or two, or the joint of a list, stands between."""
    words = [token for token in between if token.text.lower() not in _JOINTS]
    return len(words) <= _BETWEEN and all(token.kind == "w" for token in words)


def _is_made_after(row: list[Token], last: int) -> bool:
    following = next((token for token in row[last : last + 2] if token.text != "-"), None)
    return following is not None and following.text.lower() == "made"
