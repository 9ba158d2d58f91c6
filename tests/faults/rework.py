"""How much was generated again, and how much of it the faults explain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.faults.follower import Told
from tests.faults.stage import IN_FLIGHT, Stage
from workers.engines.fake import LedgerCounts

_COMMIT_SECONDS = 0.1
"""The workers' commit interval: what finished since the last transaction is lost with the worker."""
_MEAN_OF_MEDIAN = 2.08
"""Of a log-normal variable with a sigma of 1.21: exp(1.21 squared / 2)."""

SESSION_SECONDS = 6.0
"""The workers' `session.timeout.ms`: who is away for less keeps its partitions, and with them its work."""
STILL_BEGINS_SECONDS = 1.5
"""A worker whose results wait for 1 s begins nothing more; the first result has to wait first."""


@dataclass(frozen=True, slots=True)
class Stake:
    """What a fault may cost: what was begun by its end (names of prompts), less the texts that were out before it."""

    begun: frozenset[str]
    out: int

    def cost(self, never_finished: frozenset[str]) -> int:
        """Count what may be generated again, if all of it moves; what was never finished was no longer wanted."""
        return max(0, len(self.begun - never_finished) - self.out)


def texts_out(outcomes: Iterable[Told]) -> int:
    """Count the texts of the engine that a reader has seen."""
    return sum(told.record.outcome in ("published", "withheld") for told in list(outcomes))


def stake(stage: Stage, *, out: int | None = None) -> Stake:
    """Say what is under way now, finished and not published included; `out` if the fault began with fewer texts out."""
    seen = texts_out(stage.follower.outcomes) if out is None else out
    return Stake(frozenset(stage.read_engine_ledger().starts), seen)


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


def expect_at_most_of(stage: Stage, stakes: Sequence[Stake]) -> None:
    """Expect no more rework than what was at stake in the faults that may have cost anything."""
    most = explained(stakes, stage.read_engine_ledger())
    again = regenerated(stage)
    stage.figures["explained"] = most
    stage.expect(again <= most, f"{len(stakes)} faults explain {most} regenerated, not {again}")


def explained(stakes: Iterable[Stake], ledger: LedgerCounts) -> int:
    """Count what faults may have cost, by what stands in the engines' ledger at the end."""
    never_finished = frozenset(ledger.starts.keys() - ledger.finishes.keys())
    return sum(each.cost(never_finished) for each in stakes)


def expect_some(stage: Stage) -> None:
    """Expect that the faults hit work in flight: a run in which they did not has shown nothing."""
    stage.expect(regenerated(stage) > 0, "the faults hit what was in flight")


def expect_none(stage: Stage) -> None:
    """Expect that nothing was generated again."""
    expect_at_most(stage, 0)
