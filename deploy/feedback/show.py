"""Revisions side by side, for eyes."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from training.bootstrap import Estimate
from training.feedback import Standing


def standings_table(found: Sequence[Standing]) -> Table:
    """Give one row for each author, those of a task together."""
    table = Table("task", "model", "revision", "published", "judged", "approved", "edited", "rejected")
    for name in ("rating", "edit distance", "clicked", "purchased"):
        table.add_column(name)
    for one in found:
        who, verdicts = one.author, (one.approved, one.edited, one.rejected)
        table.add_row(
            who.task,
            who.model,
            f"{who.revision}{f' + {who.adapter}' if who.adapter else ''}",
            str(one.published),
            str(one.judged),
            *(_percent(each) if one.judged else "-" for each in verdicts),
            _number(one.rating) if one.rated else "-",
            _percent(one.edit_distance) if one.edited.value else "-",
            _percent(one.clicked),
            _percent(one.purchased),
        )
    return table


def _percent(one: Estimate) -> str:
    return f"{one.value:.0f} % ({one.low:.0f} to {one.high:.0f})"


def _number(one: Estimate) -> str:
    return f"{one.value:.1f} ({one.low:.1f} to {one.high:.1f})"
