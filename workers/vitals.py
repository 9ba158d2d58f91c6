"""How a worker is: looked at once a second on its event loop, told to whoever asks, and acted on when it hangs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from schemas.telemetry.health import TICK_SECONDS, Check, Health, Heartbeat, Watchdog, Watched
from workers.blocking import end_process
from workers.metrics import LaneStanding, Standing, WorkerMeter
from workers.revisions import Revisions
from workers.runners import Runners
from workers.watched import StepCount, WatchedEngine

_SUSPECT = 3
"""An engine that has stood still for this part of its patience is given nothing more."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a worker hangs, when it is late, and how long the broker may take nothing, in seconds."""

    stall_seconds: float
    late_seconds: float
    broker_seconds: float


@dataclass(frozen=True, slots=True)
class Organs:
    """What is looked at; `lanes` says how the partitions stand and `is_leaving` whether an end was asked for."""

    revisions: Revisions
    runners: Runners
    meter: WorkerMeter
    lanes: Callable[[], tuple[LaneStanding, ...]]
    is_leaving: Callable[[], bool]


class Vitals:
    """A worker's pulse. `hung` is told, on a thread of its own, of an engine that does nothing for its prompts.

    An event loop that stands still ends the process at once: nothing else could any more.
    """

    def __init__(self, organs: Organs, bounds: Bounds, *, hung: Callable[[str], None]) -> None:
        self._organs = organs
        self._bounds = bounds
        self._hung = hung
        self._heart = Heartbeat()
        self._engines: dict[WatchedEngine, Watched] = {}
        self._steps = StepCount()
        loop = Watched("the event loop", self._heart.sample, end_process, bounds.stall_seconds)
        self._watchdog = Watchdog((loop,))
        self._standing: Standing | None = None
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin: the engine serves, and the event loop is never held up from now on."""
        self._standing = self._look()
        self._beating = asyncio.create_task(self._beat(), name="heartbeat")
        self._watchdog.start()

    def stop(self) -> None:
        """Look no more."""
        self._watchdog.stop()
        if self._beating is not None:
            self._beating.cancel()

    def suspects_engine(self, *, alone: bool = False) -> bool:
        """Say whether the engine stands still for so long that what it has may be to blame.

        For a request that is alone, since it may be given up for good, at the first sign.
        """
        return bool(self._suspects(alone=alone))

    async def engine_moves(self, *, alone: bool) -> None:
        """Wait while an engine is suspected: what it were given now would be blamed for what it had before."""
        while suspects := self._suspects(alone=alone):
            with ExitStack() as wanting:
                for engine in suspects:
                    wanting.enter_context(engine.wanted())
                await asyncio.sleep(TICK_SECONDS)

    def _suspects(self, *, alone: bool) -> list[WatchedEngine]:
        bound = TICK_SECONDS if alone else self._bounds.stall_seconds / _SUSPECT
        return [engine for engine, watched in self._engines.items() if watched.still_seconds > bound]

    def health(self) -> Health:
        """Say whether the worker gets on; from any thread."""
        now, bounds = self._standing, self._bounds
        if now is None:
            return Health(is_started=False)
        stall = bounds.stall_seconds or float("inf")
        unpublished = max((lane.unpublished_seconds for lane in now.lanes), default=0.0)
        commit_age = max((lane.commit_age_seconds for lane in now.lanes), default=0.0)
        live = (
            Check("engine-still", now.engine_still_seconds, stall),
            Check("loop-silent", self._heart.silent_seconds, stall),
            Check("results-unpublished", unpublished, bounds.broker_seconds + stall),
        )
        late = (
            Check("in-flight-age", now.in_flight_age_seconds, bounds.late_seconds),
            Check("commit-age", commit_age, bounds.late_seconds),
        )
        return Health(is_started=not self._organs.is_leaving(), live=live, late=late)

    def page(self) -> str:
        """Give all numbers as Prometheus reads them; from any thread, also while the loop stands still."""
        return self._organs.meter.page(self._standing, is_ready=self.health().is_ready)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._heart.beat()
            self._standing = self._look()

    def _look(self) -> Standing:
        revisions, runners = self._organs.revisions, self._organs.runners
        self._watch(revisions.engines)
        return Standing(
            lanes=self._organs.lanes(),
            in_flight=runners.running,
            in_flight_age_seconds=runners.oldest_seconds(time.monotonic()),
            engine_in_flight=sum(engine.in_flight for engine in self._engines),
            engine_still_seconds=max(watched.still_seconds for watched in self._engines.values()),
            loop_delay_seconds=self._heart.late_seconds,
            steps=self._steps.of(self._engines),
            revisions=revisions.counts,
            taken_unix_ms=time.time_ns() // 1_000_000,
        )

    def _watch(self, engines: tuple[WatchedEngine, ...]) -> None:
        """Watch the engines that there are now; one that hangs is as bad as all."""
        for engine in engines:
            if engine not in self._engines:
                watched = Watched("the engine", engine.sample, self._hung, self._bounds.stall_seconds)
                self._engines[engine] = watched
                self._watchdog.watch(watched)
        for engine in self._engines.keys() - set(engines):
            self._watchdog.forget(self._engines.pop(engine))
