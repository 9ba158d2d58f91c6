"""How long it takes until work is done again, measured by what a read_committed reader sees."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.topics import GENERATION_OUTCOMES, REQUESTS
from tests.faults.follower import Told
from tests.faults.places import Bounds, ends, within
from tests.faults.stage import Stage
from tests.faults.supervisor import Life

RESTART_SECONDS = 3.0
TAKE_OVER_SECONDS = 8.0
BLOCKED_SECONDS = 3.0
HEALED_SECONDS = 10.0
REPLACED_SECONDS = 60.0

_RECENT_SECONDS = 3.0
_WAIT_SECONDS = 45.0


class Service(NamedTuple):
    """A worker that publishes for a partition of the requests."""

    worker: str
    topic: str
    partition: int


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
    return {(one.topic, one.partition) for one in _services(stage, before) if one.worker == name}


def in_service(stage: Stage) -> frozenset[Service]:
    """Wait until every partition of the requests was served lately, and give by whom: what a fault may then break.

    Raises TimeoutError, when there is too little work left as well.
    """
    every = set(within(stage.follower.since, REQUESTS))
    served: set[Service] = set()

    def are_all() -> bool:
        served.clear()
        served.update(_services(stage, time.monotonic()))
        return {(one.topic, one.partition) for one in served} == every

    stage.wait_until(are_all, "every partition is served")
    return frozenset(served)


def resume(stage: Stage, served: frozenset[Service]) -> float:
    """Wait until all is served again that was before a fault, when it has healed; gives the seconds of the slowest.

    The load must be steady in all partitions. When it takes too long the workers write down where they stand, and
    TimeoutError is raised.
    """
    healed_at, healed_unix_ms = time.monotonic(), time.time_ns() // 1_000_000

    def fresh() -> list[Told]:
        return [told for told in list(stage.follower.outcomes) if told.record.finished_unix_ms > healed_unix_ms]

    try:
        stage.wait_until(
            lambda: not unserved(fresh(), served),
            "all is served again after the healing",
            timeout_seconds=_WAIT_SECONDS * max(1.0, stage.slowness),
        )
    except TimeoutError as error:
        stage.supervisor.show_stacks({one.worker for one in served})
        raise TimeoutError(f"{error}, but for {unserved(fresh(), served)}") from None
    return resumed_at(fresh(), served) - healed_at


def resumed_at(fresh: Sequence[Told], served: Iterable[Service]) -> float:
    """Give when the last worker had resumed its share of each topic and, after that, the last partition was served.

    A partition may have had another owner until the worker came back: what was served before that shows nothing.
    `fresh` is what was finished since, and must be enough.
    """
    served = frozenset(served)
    came_back = max(_came_back(fresh)[one.worker, one.topic] for one in served)
    return max(_served_from(fresh, came_back)[one.topic, one.partition] for one in served)


def unserved(fresh: Sequence[Told], served: Iterable[Service]) -> list[str]:
    """Name the shares and partitions that were served before a fault and not since, in what was finished since."""
    served = frozenset(served)
    came_back = _came_back(fresh)
    missing = {f"{one.worker} in {one.topic}" for one in served if (one.worker, one.topic) not in came_back}
    if not missing:
        again = _served_from(fresh, max(came_back[one.worker, one.topic] for one in served))
        missing = {f"{one.topic}/{one.partition}" for one in served if (one.topic, one.partition) not in again}
    return sorted(missing)


def unblocked(stage: Stage, died_at: float) -> float:
    """Wait until a read_committed reader may read all that was in the ledger's topic now; seconds since the death."""
    bootstrap = stage.ground.bootstrap
    written = ends(bootstrap, within(stage.follower.since, [GENERATION_OUTCOMES]), "read_uncommitted")
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


def _services(stage: Stage, before: float) -> set[Service]:
    """Give who published for what in the last seconds before a moment."""
    recent = before - _RECENT_SECONDS * stage.slowness
    return {
        Service(told.record.worker, told.record.topic, told.record.partition)
        for told in list(stage.follower.outcomes)
        if recent < told.at
    }


def _came_back(fresh: Sequence[Told]) -> dict[tuple[str, str], float]:
    """Give when each worker first published for each topic."""
    found: dict[tuple[str, str], float] = {}
    for told in fresh:
        found.setdefault((told.record.worker, told.record.topic), told.at)
    return found


def _served_from(fresh: Sequence[Told], at: float) -> dict[tuple[str, int], float]:
    """Give when each partition was first served from a moment on."""
    found: dict[tuple[str, int], float] = {}
    for told in fresh:
        if told.at >= at:
            found.setdefault((told.record.topic, told.record.partition), told.at)
    return found


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
