"""How much was generated again, and how much of it the faults explain."""

from __future__ import annotations

from tests.faults.stage import IN_FLIGHT, Stage

_COMMIT_SECONDS = 0.25
"""From one commit interval's begin to the end of its transaction, on a busy machine."""
_MEAN_OF_MEDIAN = 2.08
"""Of a log-normal variable with a sigma of 1.21: exp(1.21 squared / 2)."""


def per_death(stage: Stage) -> int:
    """Count what is in flight, and what finishes between two commits."""
    mean_seconds = stage.median_seconds * _MEAN_OF_MEDIAN
    return IN_FLIGHT + int(IN_FLIGHT / mean_seconds * _COMMIT_SECONDS)


def regenerated(stage: Stage) -> int:
    """Count the generations that were started again so far."""
    starts = stage.read_engine_ledger().starts
    return starts.total() - len(starts)


def expect_at_most(stage: Stage, faults: int) -> None:
    """Expect no more rework than so many deaths, or faults that cost as much, explain."""
    again, explained = regenerated(stage), faults * per_death(stage)
    stage.expect(again <= explained, f"{faults} faults explain {explained} regenerated, not {again}")


def expect_none(stage: Stage) -> None:
    """Expect that nothing was generated again."""
    expect_at_most(stage, 0)
