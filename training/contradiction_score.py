"""Scores of a judge on a suite of contradictions: how much of each kind it refuses, and how much of the truth."""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Final

_Z: Final = 1.96
"""The normal quantile of a two-sided interval of 95 %."""

EXACT: Final = frozenset({"number", "unit", "material", "colour", "size", "enumerated"})
"""The kinds that are numbers, units and enumerated attributes."""


@dataclass(frozen=True, slots=True)
class Score:
    """How many texts of a kind were refused, out of how many, with the Wilson interval of the share."""

    kind: str
    refused: int
    judged: int

    @property
    def share(self) -> float:
        """Give the share refused, 0 of nothing."""
        return self.refused / self.judged if self.judged else 0.0

    def interval(self) -> tuple[float, float]:
        """Give the bounds of the share (Wilson 1927, 95 %)."""
        if not self.judged:
            return (0.0, 1.0)
        size, share = self.judged, self.share
        middle = (share + _Z**2 / (2 * size)) / (1 + _Z**2 / size)
        reach = _Z * sqrt(share * (1 - share) / size + _Z**2 / (4 * size**2)) / (1 + _Z**2 / size)
        return (max(0.0, middle - reach), min(1.0, middle + reach))


@dataclass(frozen=True, slots=True)
class Judged:
    """One case and what the judge said of it."""

    kind: str
    false: bool
    in_record: bool
    refused: bool


def judged(cases: Path, verdicts: Path) -> Iterator[Judged]:
    """Join the cases with the verdicts by id; a case without a verdict counts as allowed."""
    allowed = {one["id"]: bool(one["allowed"]) for one in map(json.loads, _lines(verdicts))}
    for case in map(json.loads, _lines(cases)):
        refused = not allowed.get(case["id"], True)
        yield Judged(case["kind"], case["expected"] == "refused", bool(case["in_record"]), refused)


def scores(told: Iterator[Judged]) -> tuple[Score, ...]:
    """Give recall by kind, over numbers, units and enumerated attributes, over all; then false alarms."""
    by_kind: dict[str, list[bool]] = defaultdict(list)
    for one in told:
        groups = [one.kind] if one.false else ["true, all", *(["true, in the record"] if one.in_record else [])]
        groups += ["false, exact kinds"] if one.kind in EXACT else []
        groups += ["false, all"] if one.false else []
        for group in groups:
            by_kind[group].append(one.refused)
    last = ("false, exact kinds", "false, all", "true, in the record", "true, all")
    order = [kind for kind in by_kind if kind not in last] + [kind for kind in last if kind in by_kind]
    return tuple(Score(kind, sum(by_kind[kind]), len(by_kind[kind])) for kind in order)


def table(found: tuple[Score, ...]) -> str:
    """Give the scores as lines of text: kind, refused, of, share, interval."""
    lines = [f"{'texts':<22}{'refused':>8}{'of':>7}{'share':>9}   95 % interval"]
    for one in found:
        low, high = one.interval()
        lines.append(f"{one.kind:<22}{one.refused:>8}{one.judged:>7}{one.share:>9.2%}   {low:.2%} to {high:.2%}")
    return "\n".join(lines)


def as_json(found: tuple[Score, ...]) -> str:
    """Give the scores as one JSON object by kind."""
    rows = {}
    for one in found:
        low, high = one.interval()
        rows[one.kind] = {"refused": one.refused, "of": one.judged, "share": one.share, "low": low, "high": high}
    return json.dumps(rows, indent=2)


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main() -> None:
    """Print the scores of a file of verdicts (`id`, `allowed`) on a file of cases."""
    parser = argparse.ArgumentParser(description="Score verdicts on a suite of contradictions.")
    parser.add_argument("cases", type=Path)
    parser.add_argument("verdicts", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = scores(judged(asked.cases, asked.verdicts))
    sys.stdout.write((as_json(found) if asked.json else table(found)) + "\n")


if __name__ == "__main__":
    main()
