"""`python -m tests.faults.summary out/faults.jsonl`: one row a scenario over its seeds, as Markdown for the docs."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.faults.catalogue import ALL, BY_NAME
from tests.faults.table import Row, newest

_SUMMED = ("inputs", "lost", "duplicated", "stale", "regenerated", "finished_twice")


def summary(lines: Iterable[str]) -> str:
    """Give the table: every scenario of the suite, with sums over its seeds, and how many runs kept every promise.

    `repeated` counts earlier runs of the same seeds, which the sums leave out, and says how many of those did not hold.
    """
    names = ("scenario", "runs that hold", "repeated", *(name.replace("_", " ") for name in _SUMMED), "seconds")
    played = _by_scenario(lines)
    due = [each.name for each in ALL if (each.in_all and each.judged) or each.name in played]
    unheard_of = [name for name in played if name not in BY_NAME]
    rows = (names, *((scenario, *_cells(played.get(scenario, []))) for scenario in (*due, *unheard_of)))
    head, *body = ("| " + " | ".join(cells) + " |" for cells in rows)
    return "\n".join((head, "|---" * len(names) + "|", *body))


def _by_scenario(lines: Iterable[str]) -> dict[str, list[Row]]:
    by_scenario: defaultdict[str, list[Row]] = defaultdict(list)
    for row in newest(lines):
        by_scenario[str(row["scenario"])].append(row)
    return dict(by_scenario)


def _cells(rows: Sequence[Row]) -> tuple[str, ...]:
    if not rows:
        return ("not played", *("" for _ in ("repeated", *_SUMMED, "seconds")))
    return (_held(rows), _repeated(rows), *(f"{_sum(rows, name):,}" for name in _SUMMED), _range(rows, "seconds"))


def _held(rows: Sequence[Row]) -> str:
    return f"{sum(bool(row['ok']) for row in rows)} of {len(rows)}"


def _repeated(rows: Sequence[Row]) -> str:
    again, broken = _sum(rows, "repeated"), _sum(rows, "broken_before")
    return f"{again}, {broken} of them broken" if broken else str(again)


def _sum(rows: Sequence[Row], name: str) -> int:
    return sum(int(str(row.get(name, 0))) for row in rows)


def _range(rows: Sequence[Row], name: str) -> str:
    values = sorted(float(str(row[name])) for row in rows)
    return f"{values[0]:.0f} to {values[-1]:.0f}"


if __name__ == "__main__":
    sys.stdout.write(summary(Path(sys.argv[1]).read_text().splitlines()) + "\n")
