"""A set of examples: found, rid of duplicates and of what evaluation sets know, split, and written with its card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from deploy.dataset.lesson import LeftOut
from training.card import Card, counted
from training.duplicates import overlaps, without_duplicates
from training.examples import DEV, TRAIN, DataError, Example, write

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Splitting:
    """How a set is divided, and what becomes of examples that an evaluation set knows."""

    dev_share: float = 0.1
    drop_overlap: bool = False


def build(
    found: Iterable[Example | LeftOut],
    evaluation: Sequence[Example],
    card: Card,
    out: Path,
    splitting: Splitting,
) -> Card:
    """Write the set and its card into a folder, and give the card. Raises DataError.

    Examples that an evaluation set knows are refused, or dropped where that is asked for.
    """
    everything = list(found)
    examples, twice = without_duplicates(one for one in everything if isinstance(one, Example))
    known = {one.source for one in overlaps(examples, evaluation)}
    if known and not splitting.drop_overlap:
        raise DataError(_overlapping(sorted(known), len(examples)))
    kept = [one for one in examples if one.source not in known]
    train, dev = _divided(kept, splitting.dev_share)
    if not train:
        raise DataError(f"nothing to learn from is left: {_reasons(everything)}")
    out.mkdir(parents=True, exist_ok=True)
    write(out / TRAIN, train)
    (out / DEV).unlink(missing_ok=True)
    if dev:
        write(out / DEV, dev)
    reasons = counted([one.reason for one in everything if isinstance(one, LeftOut)])
    whole = replace(
        card,
        left_out=reasons | ({"near-duplicate": twice} if twice else {}),
        made=counted([_kind(one.source) for one in kept if _kind(one.source)]),
        overlapping=len(known),
    )
    whole.write(out)
    return whole


def _divided(examples: Sequence[Example], dev_share: float) -> tuple[list[Example], list[Example]]:
    """Give the examples to learn from and those to look at, no prompt on both sides; at one there is a wanted text."""
    keys = {_key(one) for one in examples if one.wanted and _share_of(_key(one)) < dev_share}
    dev = [one for one in examples if _key(one) in keys]
    return [one for one in examples if _key(one) not in keys], dev


def _key(one: Example) -> str:
    """Give what an example is on one side by: its prompt, or of a text without one the text."""
    return one.asked or one.answer


def _share_of(text: str) -> float:
    """Give a place between 0 and 1 that is always the same of a text, so that a prompt is on one side only."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") / 2**64


def _kind(source: str) -> str:
    """Give how an example was made out of another one, or nothing."""
    return source.partition("+")[2] or (f"not wanted: {source.partition('!')[2]}" if "!" in source else "")


def _overlapping(known: Sequence[str], of: int) -> str:
    some = ", ".join(known[:_SHOWN]) + (", ..." if len(known) > _SHOWN else "")
    return f"{len(known)} of {of} examples are in an evaluation set ({some}); --drop-overlap leaves them out"


def _reasons(everything: Iterable[Example | LeftOut]) -> str:
    told = counted([one.reason for one in everything if isinstance(one, LeftOut)])
    return ", ".join(f"{reason} ({count})" for reason, count in told.items()) or "there was nothing"
