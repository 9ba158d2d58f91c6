"""How much was generated again, and how much of it the faults explain."""

from __future__ import annotations

from tests.faults.stage import IN_FLIGHT, Stage

_COMMIT_SECONDS = 0.1
"""The workers' commit interval: what finished since the last transaction is lost with the worker."""
_MEAN_OF_MEDIAN = 2.08
"""Of a log-normal variable with a sigma of 1.21: exp(1.21 squared / 2)."""

AWAY_AND_BACK = 2
"""What a worker that is cut off costs: what is in flight of its partitions when they move away, and when they return.

As much as two deaths.
"""


def per_death(stage: Stage) -> int:
    """Count what is in flight, and what finishes between two commits."""
    mean_seconds = stage.median_seconds * _MEAN_OF_MEDIAN
    return IN_FLIGHT + int(IN_FLIGHT / mean_seconds * _COMMIT_SECONDS * stage.slowness)


def regenerated(stage: Stage) -> int:
    """Count the generations that were started again so far."""
    starts = stage.read_engine_ledger().starts
    return starts.total() - len(starts)


def expect_at_most(stage: Stage, faults: int) -> None:
    """Expect no more rework than so many deaths, or faults that cost as much, explain."""
    again, explained = regenerated(stage), faults * per_death(stage)
    stage.expect(again <= explained, f"{faults} faults explain {explained} regenerated, not {again}")


def expect_some(stage: Stage) -> None:
    """Expect that the faults hit work in flight: a run in which they did not has shown nothing."""
    stage.expect(regenerated(stage) > 0, "the faults hit what was in flight")


def expect_none(stage: Stage) -> None:
    """Expect that nothing was generated again."""
    expect_at_most(stage, 0)
