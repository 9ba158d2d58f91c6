"""How long it takes until work is done again, measured by what a read_committed reader sees."""

from __future__ import annotations

import time
from collections.abc import Sequence

from schemas.topics import GENERATION_OUTCOMES
from tests.faults.places import Bounds, ends
from tests.faults.stage import Stage
from tests.faults.supervisor import Life

RESTART_SECONDS = 3.0
TAKE_OVER_SECONDS = 8.0
BLOCKED_SECONDS = 3.0
HEALED_SECONDS = 10.0
REPLACED_SECONDS = 60.0

_RECENT_SECONDS = 3.0
_WAIT_SECONDS = 45.0


def works_again(stage: Stage, name: str, killed_at: float) -> float:
    """Wait for the first outcome of the life after a kill, and give the seconds from its start to it."""
    stage.wait_until(lambda: stage.supervisor.life_after(name, killed_at) is not None, f"{name} is restarted")
    life = stage.supervisor.life_after(name, killed_at)
    assert life is not None
    stage.wait_until(lambda: _first_of(stage, life) is not None, f"{name} works again", timeout_seconds=_WAIT_SECONDS)
    return (_first_of(stage, life) or life.began) - life.began


def replaced(stage: Stage, name: str, stuck_at: float) -> float:
    """Wait until another life of a process that is stuck has begun, and give the seconds."""
    stage.wait_until(lambda: stage.supervisor.life_after(name, stuck_at) is not None, f"{name} is replaced")
    life = stage.supervisor.life_after(name, stuck_at)
    assert life is not None
    return life.began - stuck_at


def taken_over(stage: Stage, name: str, killed_at: float) -> float:
    """Wait until others have published for each partition of a worker that is no more; seconds since its death.

    The load must be steady in all of them: a slow takeover cannot be told from an empty partition.
    """
    theirs = served_lately(stage, name, killed_at)
    stage.expect(bool(theirs), f"{name} worked until it was gone")
    stage.wait_until(
        lambda: theirs <= _firsts(stage, name, killed_at).keys(),
        f"others own the partitions of {name}",
        timeout_seconds=_WAIT_SECONDS,
    )
    firsts = _firsts(stage, name, killed_at)
    return max((firsts[partition] - killed_at for partition in theirs), default=0.0)


def served_lately(stage: Stage, name: str, before: float) -> set[tuple[str, int]]:
    """Give the partitions that a worker published for in the last seconds before a moment."""
    return {
        (told.record.topic, told.record.partition)
        for told in stage.follower.outcomes
        if told.record.worker == name and before - _RECENT_SECONDS < told.at
    }


def resume(stage: Stage, workers: Sequence[str]) -> float:
    """Wait until each of the workers has finished something from now on, when something has healed; gives the seconds.

    The load must be steady in the partitions of all of them.
    """
    healed_at, healed_unix_ms = time.monotonic(), time.time_ns() // 1_000_000

    def firsts() -> dict[str, float]:
        found: dict[str, float] = {}
        for told in stage.follower.outcomes:
            if told.record.finished_unix_ms > healed_unix_ms:
                found.setdefault(told.record.worker, told.at)
        return found

    what = f"{', '.join(workers)} go on after the healing"
    stage.wait_until(lambda: firsts().keys() >= set(workers), what, timeout_seconds=_WAIT_SECONDS)
    return max(firsts()[name] for name in workers) - healed_at


def unblocked(stage: Stage, died_at: float) -> float:
    """Wait until a read_committed reader may read all that was in the ledger's topic now; seconds since the death."""
    bootstrap = stage.ground.bootstrap
    written = ends(bootstrap, (GENERATION_OUTCOMES,), "read_uncommitted")
    stage.wait_until(
        lambda: _reaches(stage.ground.ends((GENERATION_OUTCOMES,)), written),
        "the reader is no longer blocked",
        timeout_seconds=_WAIT_SECONDS,
    )
    return time.monotonic() - died_at


def note(stage: Stage, figure: str, seconds: float, *, at_most: float) -> None:
    """Add a measured time to a figure of the run, and expect it to be in bounds."""
    known = stage.figures.setdefault(figure, [])
    if isinstance(known, list):
        known.append(round(seconds, 2))
    allowed = at_most * stage.slowness
    stage.expect(seconds <= allowed, f"{figure}: {seconds:.1f} s, at most {allowed:.0f} s are promised")


def _first_of(stage: Stage, life: Life) -> float | None:
    return next(
        (
            told.at
            for told in stage.follower.outcomes
            if told.record.worker == life.name and told.record.finished_unix_ms > life.began_unix_ms
        ),
        None,
    )


def _firsts(stage: Stage, name: str, after: float) -> dict[tuple[str, int], float]:
    """Give when each partition had its first outcome of another worker after a time."""
    firsts: dict[tuple[str, int], float] = {}
    for told in stage.follower.outcomes:
        if told.at > after and told.record.worker != name:
            firsts.setdefault((told.record.topic, told.record.partition), told.at)
    return firsts


def _reaches(now: Bounds, wanted: Bounds) -> bool:
    return all(now[part] >= offset for part, offset in wanted.items())
