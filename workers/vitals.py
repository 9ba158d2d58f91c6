"""How a worker is: looked at once a second on its event loop, told to whoever asks, and acted on when it hangs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from schemas.telemetry.health import TICK_SECONDS, Check, Health, Heartbeat, Watchdog, Watched
from workers.blocking import end_process
from workers.metrics import LaneStanding, Standing, WorkerMeter
from workers.runners import Runners
from workers.watched import WatchedEngine

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

    engine: WatchedEngine
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
        self._heart = Heartbeat()
        self._engine = Watched("the engine", organs.engine.sample, hung, bounds.stall_seconds)
        loop = Watched("the event loop", self._heart.sample, end_process, bounds.stall_seconds)
        self._watchdog = Watchdog((self._engine, loop))
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
        bound = TICK_SECONDS if alone else self._bounds.stall_seconds / _SUSPECT
        return self._engine.still_seconds > bound

    async def engine_moves(self, *, alone: bool) -> None:
        """Wait while the engine is suspected: what it were given now would be blamed for what it had before."""
        with self._organs.engine.wanted():
            while self.suspects_engine(alone=alone):  # noqa: ASYNC110 - a thread counts, once a tick
                await asyncio.sleep(TICK_SECONDS)

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
        engine, runners = self._organs.engine, self._organs.runners
        return Standing(
            lanes=self._organs.lanes(),
            in_flight=runners.running,
            in_flight_age_seconds=runners.oldest_seconds(time.monotonic()),
            engine_in_flight=engine.in_flight,
            engine_still_seconds=self._engine.still_seconds,
            loop_delay_seconds=self._heart.late_seconds,
            steps=engine.steps,
            taken_unix_ms=time.time_ns() // 1_000_000,
        )
