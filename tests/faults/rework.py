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


def between_commits(stage: Stage) -> int:
    """Count what finishes from the beginning of one transaction to the end of the next."""
    return 2 * (per_death(stage) - IN_FLIGHT)


def finished_twice(stage: Stage) -> int:
    """Count the generations that were finished and thrown away so far."""
    finishes = stage.read_engine_ledger().finishes
    return finishes.total() - len(finishes)


def regenerated(stage: Stage) -> int:
    """Count the generations that were started again so far."""
    starts = stage.read_engine_ledger().starts
    return starts.total() - len(starts)


def expect_at_most(stage: Stage, faults: int) -> None:
    """Expect no more rework than so many deaths, or faults that cost as much, explain; of finished work much less."""
    again, explained = regenerated(stage), faults * per_death(stage)
    stage.expect(again <= explained, f"{faults} faults explain {explained} regenerated, not {again}")
    thrown, lost = finished_twice(stage), faults * between_commits(stage)
    stage.expect(thrown <= lost, f"{faults} faults explain {lost} finished and thrown away, not {thrown}")


def expect_some(stage: Stage) -> None:
    """Expect that the faults hit work in flight: a run in which they did not has shown nothing."""
    stage.expect(regenerated(stage) > 0, "the faults hit what was in flight")


def expect_none(stage: Stage) -> None:
    """Expect that nothing was generated again."""
    expect_at_most(stage, 0)
