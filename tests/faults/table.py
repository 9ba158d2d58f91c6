"""The results of a suite as a table, and whether all of them hold."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

_COLUMNS = (
    "scenario",
    "seed",
    "ok",
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


_WIDTH = 170
"""Wide enough for every column, in a log too."""


def print_table(lines: Sequence[str], *, wanted: int) -> bool:
    """Print one row per result line and say whether there are as many as wanted, all of them kept promises."""
    rows = sorted((json.loads(line) for line in lines), key=lambda row: (row["scenario"], row["seed"]))
    table = Table(*(name.replace("_", " ") for name in _COLUMNS))
    for row in rows:
        table.add_row(*(str(row.get(name, "")) for name in _COLUMNS), style="" if row["ok"] else "red")
    console = Console(width=max(_WIDTH, Console().width))
    console.print(table)
    kept = sum(row["ok"] is True for row in rows)
    console.print(f"{kept} of {wanted} runs kept every promise; broker {rows[0]['broker_version'] if rows else '?'}")
    return len(rows) == wanted == kept
