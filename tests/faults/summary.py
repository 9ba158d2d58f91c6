"""`python -m tests.faults.summary out/faults.jsonl`: one row a scenario over its seeds, as Markdown for the docs."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Row = Mapping[str, object]

_SUMMED = ("inputs", "lost", "duplicated", "stale", "regenerated", "finished_twice")


def newest_of_each(lines: Iterable[str]) -> dict[str, list[Row]]:
    """Give each scenario's last result for each seed, in the order in which they were first played."""
    rows: dict[tuple[str, int], Row] = {}
    for line in lines:
        row: Row = json.loads(line)
        rows[str(row["scenario"]), int(str(row["seed"]))] = row
    by_scenario: defaultdict[str, list[Row]] = defaultdict(list)
    for (scenario, _), row in rows.items():
        by_scenario[scenario].append(row)
    return dict(by_scenario)


def summary(lines: Iterable[str]) -> str:
    """Give the table: sums over the seeds, and how many runs kept every promise."""
    names = ("scenario", "runs that hold", *(name.replace("_", " ") for name in _SUMMED), "seconds")
    table = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    for scenario, rows in newest_of_each(lines).items():
        cells = (scenario, _held(rows), *(f"{_sum(rows, name):,}" for name in _SUMMED), _range(rows, "seconds"))
        table.append("| " + " | ".join(cells) + " |")
    return "\n".join(table)


def _held(rows: Sequence[Row]) -> str:
    return f"{sum(bool(row['ok']) for row in rows)} of {len(rows)}"


def _sum(rows: Sequence[Row], name: str) -> int:
    return sum(int(str(row.get(name, 0))) for row in rows)


def _range(rows: Sequence[Row], name: str) -> str:
    values = sorted(float(str(row[name])) for row in rows)
    return f"{values[0]:.0f} to {values[-1]:.0f}"


if __name__ == "__main__":
    sys.stdout.write(summary(Path(sys.argv[1]).read_text().splitlines()) + "\n")
