"""How much was generated again, and how much of it the faults explain."""

from __future__ import annotations

from tests.faults.stage import IN_FLIGHT, Stage

_COMMIT_SECONDS = 0.25
"""From one commit interval's begin to the end of its transaction, on a busy machine."""
_MEAN_SECONDS = 0.62
"""Of a generation: 0.3 s times exp(1.21 squared / 2)."""

PER_DEATH = IN_FLIGHT + int(IN_FLIGHT / _MEAN_SECONDS * _COMMIT_SECONDS)
"""What was in flight, and what finished since the last commit."""


def regenerated(stage: Stage) -> int:
    """Count the generations that were started again so far."""
    starts = stage.read_engine_ledger().starts
    return starts.total() - len(starts)


def expect_at_most(stage: Stage, deaths: int, *, each: int = PER_DEATH) -> None:
    """Expect no more rework than so many deaths explain."""
    again = regenerated(stage)
    stage.expect(again <= deaths * each, f"{deaths} deaths explain {deaths * each} regenerated, not {again}")


def expect_none(stage: Stage) -> None:
    """Expect that nothing was generated again."""
    expect_at_most(stage, 0)
