"""Contradictions: a seeded suite of true sentences about a shop's products, and of the same made false in one way.

`python -m training.contradictions FOLDER --out cases.jsonl` reads the formats that
`training.contradiction_records` names and writes one case a line: id, task, locale, facts, text, kind, expected, and
whether the facts of a true sentence are in the record (`in_record`), as `training.contradiction_words` defines it.
"""

# ruff: noqa: S311  (the dice are for variety, not for secrets)

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from training.contradiction_lies import LIES, Neighbours
from training.contradiction_records import Statement, statements
from training.contradiction_words import denies, is_in_record
from training.nested_attributes import Json

UNCHANGED: Final = "unchanged"
"""The kind of the cases that are true: what people wrote of the product."""


@dataclass(frozen=True, slots=True)
class Case:
    """One text to judge, with the record to judge it by and what is right."""

    id: str
    said: Statement
    text: str
    kind: str
    in_record: bool

    @property
    def is_false(self) -> bool:
        """Say whether the text contradicts the record."""
        return self.kind != UNCHANGED

    def line(self) -> str:
        """Give the case as a line of JSON."""
        fixed: dict[str, Json] = {"id": self.id, "task": self.said.task, "locale": "en", "text": self.text}
        expected = "refused" if self.is_false else "allowed"
        judged: dict[str, Json] = {"kind": self.kind, "expected": expected, "in_record": self.in_record}
        return json.dumps(fixed | judged | {"facts": self.said.product.facts()}, ensure_ascii=False)


def cases(folder: Path, *, seed: int, most_per_kind: int) -> Iterator[Case]:
    """Give the suite for a folder: every true sentence that a person wrote, and at most so many lies of each kind.

    Lies are made of sentences whose facts are in the record, and of those that state a known attribute's value.
    """
    told = tuple(statements(folder))
    for said in told:
        if said.human:
            yield Case(f"{UNCHANGED}-{said.id}", said, said.text, UNCHANGED, _is_in_record(said))
    yield from contradicted(told, seed=seed, most_per_kind=most_per_kind)


def contradicted(told: Sequence[Statement], *, seed: int, most_per_kind: int) -> Iterator[Case]:
    """Give at most so many lies of each kind made of true statements."""
    shop = _neighbours(told)
    for kind in LIES:
        yield from _lies(kind, told, shop, Random(f"{seed}-{kind}"), most_per_kind)


def _lies(kind: str, told: Sequence[Statement], shop: Neighbours, dice: Random, most: int) -> Iterator[Case]:
    found = 0
    for said in dice.sample(told, len(told)):
        if found == most:
            return
        if not said.product.states_nothing() and (said.attribute or _is_in_record(said)):
            for text in LIES[kind](said, shop, dice):
                found += 1
                yield Case(f"{kind}-{said.id}", said, text, kind, in_record=False)


def _neighbours(told: Sequence[Statement]) -> Neighbours:
    by_attribute: dict[str, list[Statement]] = defaultdict(list)
    values: dict[str, list[str]] = defaultdict(list)
    for said in told:
        by_attribute[said.attribute].append(said)
        for name, some in said.states.items():
            values[name].extend(some)
    prose = [said for said in by_attribute.pop("", ()) if said.task == "product-description"]
    return Neighbours(dict(by_attribute), dict(values), prose)


def _is_in_record(said: Statement) -> bool:
    product = said.product
    if product.states_nothing() or (product.is_switch() and denies(said.text) != product.is_denied()):
        return False
    return is_in_record(said.text, product.text())


def main() -> None:
    """Write the suite for a folder."""
    parser = argparse.ArgumentParser(description="Write true and false sentences about a shop's products.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most-per-kind", type=int, default=400)
    asked = parser.parse_args()
    with asked.out.open("w", encoding="utf-8") as file:
        for case in cases(asked.folder, seed=asked.seed, most_per_kind=asked.most_per_kind):
            file.write(case.line() + "\n")


if __name__ == "__main__":
    main()
