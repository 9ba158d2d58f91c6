"""Whether a process gets on with its work, not whether it lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """How long something has stood still or waited, and how long it may."""

    name: str
    seconds: float
    limit_seconds: float

    @property
    def holds(self) -> bool:
        """Say whether it is within its limit."""
        return self.seconds <= self.limit_seconds


@dataclass(frozen=True, slots=True)
class Health:
    """What a supervisor asks: `live` fails when only a new process helps, `ready` also when work is late.

    `is_started` is false until work can begin; until then a process is live, and not ready.
    """

    is_started: bool
    live: tuple[Check, ...] = ()
    late: tuple[Check, ...] = ()

    @property
    def is_live(self) -> bool:
        """Say whether to leave the process alone."""
        return all(check.holds for check in self.live)

    @property
    def is_ready(self) -> bool:
        """Say whether the process keeps up with its work."""
        return self.is_started and self.is_live and all(check.holds for check in self.late)


class Sample(NamedTuple):
    """Whether there is something to do at a moment, and a number that changes whenever some of it is done."""

    is_busy: bool
    progress: float


@dataclass(slots=True)
class Watched:
    """Something that may stand still while it has something to do, but not for long: then `expired` is called, once.

    It is counted in ticks, not by a clock, so that a process that was stopped or slept is not blamed. Having nothing to
    do is no progress: what hung before its work was taken away hangs still.
    """

    name: str
    sample: Callable[[], Sample]
    expired: Callable[[str], None]
    limit_seconds: float
    still_seconds: float = 0.0
    _progress: float = 0.0
    _is_expired: bool = False

    def tick(self) -> None:
        """Look once more, one tick after the last time."""
        now = self.sample()
        if now.progress != self._progress:
            self.still_seconds = 0.0
        elif now.is_busy:
            self.still_seconds += TICK_SECONDS
        self._progress = now.progress
        if self.still_seconds > self.limit_seconds and not self._is_expired:
            self._is_expired = True
            self.expired(f"{self.name} stands still for more than {self.limit_seconds:.0f} s")


class Watchdog:
    """Looks at several things once a tick, from a thread of its own; a limit of 0 turns one off."""

    def __init__(self, watched: Sequence[Watched]) -> None:
        self._watched = tuple(each for each in watched if each.limit_seconds)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog of progress", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def watch(self, each: Watched) -> None:
        """Look at one more thing from now on."""
        if each.limit_seconds:
            self._watched = (*self._watched, each)

    def forget(self, gone: Watched) -> None:
        """Look at a thing no more."""
        self._watched = tuple(each for each in self._watched if each is not gone)

    def _run(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            for each in self._watched:
                each.tick()


class Heartbeat:
    """When an event loop last had its turn, and how late it was."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self.beats = 0
        self.late_seconds = 0.0

    def beat(self) -> None:
        """Note that the loop has its turn, which it should have once a tick."""
        now = self._clock()
        self.late_seconds = max(0.0, now - self._last - TICK_SECONDS)
        self._last = now
        self.beats += 1

    def sample(self) -> Sample:
        """Give the beats as progress: a loop always has something to do."""
        return Sample(is_busy=True, progress=self.beats)

    @property
    def silent_seconds(self) -> float:
        """Give how long ago the last beat was."""
        return self._clock() - self._last
