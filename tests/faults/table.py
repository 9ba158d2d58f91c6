"""The results of a suite as a table, and whether all of them hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

Row = Mapping[str, object]

_COLUMNS = (
    "scenario",
    "seed",
    "ok",
    "repeated",
    "inputs",
    "published",
    "dead_lettered",
    "superseded",
    "lost",
    "duplicated",
    "stale",
    "mistaken",
    "disagreeing",
    "regenerated",
    "kills",
    "seconds",
)


_WIDTH = 180
"""Wide enough for every column, in a log too."""


def newest(lines: Iterable[str]) -> list[Row]:
    """Give each scenario's last result for each seed, in the order in which they were first played.

    `repeated` says how many results it stands for beside itself, `broken_before` how many of those broke a promise:
    what was played again until it held has not held at once.
    """
    rows: dict[tuple[str, int], Row] = {}
    for line in lines:
        row: Row = json.loads(line)
        turn = str(row["scenario"]), int(str(row["seed"]))
        before = rows.get(turn)
        rows[turn] = {**row, "repeated": 0, "broken_before": 0} if before is None else _after(before, row)
    return list(rows.values())


def _after(before: Row, row: Row) -> Row:
    repeated, broken = int(str(before["repeated"])), int(str(before["broken_before"]))
    return {**row, "repeated": repeated + 1, "broken_before": broken + (before["ok"] is not True)}


def print_table(results: Sequence[Row], *, wanted: int) -> bool:
    """Print one row per result and say whether there are as many as wanted, all of them kept promises."""
    rows = sorted(results, key=lambda row: (str(row["scenario"]), int(str(row["seed"]))))
    table = Table(*(name.replace("_", " ") for name in _COLUMNS))
    for row in rows:
        table.add_row(*(str(row.get(name, "")) for name in _COLUMNS), style="" if row["ok"] else "red")
    console = Console(width=max(_WIDTH, Console().width))
    console.print(table)
    kept = sum(row["ok"] is True for row in rows)
    console.print(f"{kept} of {wanted} runs kept every promise; broker {rows[0]['broker_version'] if rows else '?'}")
    return len(rows) == wanted == kept
