"""Standing still is told from having nothing to do, and from not having been there."""

from __future__ import annotations

import pytest

from schemas.telemetry.health import Check, Health, Heartbeat, Sample, Watchdog, Watched
from tests.deadline import until


class Worked:
    """Something whose progress the test turns."""

    def __init__(self, limit_seconds: float = 3) -> None:
        self.now = Sample(is_busy=True, progress=0)
        self.told: list[str] = []
        self.watched = Watched("it", lambda: self.now, self.told.append, limit_seconds)

    def tick(self, times: int, *, busy: bool = True, progress: float | None = None) -> None:
        self.now = Sample(busy, self.now.progress if progress is None else progress)
        for _ in range(times):
            self.watched.tick()


def test_what_is_busy_and_does_nothing_is_told_of_once_after_its_limit() -> None:
    work = Worked()
    work.tick(3)
    assert work.told == []
    work.tick(5)
    assert work.told == ["it stands still for more than 3 s"]


def test_what_moves_or_has_nothing_to_do_is_never_told_of() -> None:
    work = Worked()
    for progress in range(1, 10):
        work.tick(3, progress=progress)
    work.tick(30, busy=False)
    work.tick(1)
    assert work.told == []


def test_what_hangs_does_so_still_when_its_work_is_taken_away_and_other_work_comes() -> None:
    work = Worked()
    work.tick(2)
    work.tick(30, busy=False)
    assert (work.watched.still_seconds, work.told) == (2, [])
    work.tick(2)
    assert len(work.told) == 1


STUCK, MOVING = (Check("stuck", 9, 5),), (Check("stuck", 1, 5),)
LATE, IN_TIME = (Check("late", 9, 5),), (Check("late", 1, 5),)


@pytest.mark.parametrize(
    ("health", "is_live", "is_ready"),
    [
        (Health(is_started=True, live=MOVING, late=IN_TIME), True, True),
        (Health(is_started=True, live=MOVING, late=LATE), True, False),
        (Health(is_started=True, live=STUCK, late=IN_TIME), False, False),
        (Health(is_started=False, live=MOVING, late=IN_TIME), True, False),
    ],
)
def test_a_late_process_is_live_and_not_ready_and_one_that_hangs_is_neither(
    health: Health, *, is_live: bool, is_ready: bool
) -> None:
    assert (health.is_live, health.is_ready) == (is_live, is_ready)


def test_a_loop_that_has_its_turn_late_or_never_is_known_by_its_heart() -> None:
    clock = iter((0.0, 1.5, 2.5, 8.0))
    heart = Heartbeat(lambda: next(clock))
    heart.beat()
    assert (heart.beats, heart.late_seconds) == (1, 0.5)
    heart.beat()
    assert (heart.beats, heart.late_seconds) == (2, 0.0)
    assert heart.silent_seconds == 5.5


async def test_a_watchdog_looks_by_itself_and_not_at_what_is_turned_off() -> None:
    hangs, ignored = Worked(limit_seconds=0.5), Worked(limit_seconds=0)
    watchdog = Watchdog([hangs.watched, ignored.watched])
    watchdog.start()
    await until(lambda: bool(hangs.told), timeout_seconds=10)
    watchdog.stop()
    assert ignored.told == []
