"""How the streams are: looked at once a second on their event loop, told to whoever asks, and acted on when stuck."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from schemas.telemetry.health import TICK_SECONDS, Check, Health, Heartbeat, Watchdog, Watched
from streams.metrics import InputStanding, Standing, gauges
from streams.tally import Tally

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bounds:
    """When the streams are stuck (0: never), and when they are late, in seconds."""

    stall_seconds: float
    late_seconds: float


def end_stuck(what: str) -> None:
    """End this process as a crash would, with a code that asks to be started again (EX_TEMPFAIL, 75).

    What was held is delivered again; nothing was acknowledged.
    """
    log.error("stuck: this process ends, to be started again", what=what)
    os._exit(os.EX_TEMPFAIL)


class Vitals:
    """The streams' pulse. An event to which nothing happens any more ends the process, as do events that nobody takes.

    Waiting for the broker, the registry or the catalogue is something that happens: that is waited out elsewhere.
    """

    def __init__(self, tally: Tally, bounds: Bounds, expired: Callable[[str], None] = end_stuck) -> None:
        self._tally = tally
        self._bounds = bounds
        self._expired = expired
        self._heart = Heartbeat()
        self._standing: Standing | None = None
        self._untaken_ticks = 0
        self._watchdog = Watchdog((Watched("the event loop", self._heart.sample, expired, bounds.stall_seconds),))
        self._is_leaving = False

    def beat(self, inputs: tuple[InputStanding, ...], *, generation: int) -> None:
        """Note how the inputs stand; once a second, on the event loop. The first time, begin to watch that loop."""
        if self._standing is None:
            self._watchdog.start()
        self._heart.beat()
        self._standing = Standing(
            inputs=inputs,
            generation=generation,
            still_seconds=self._still_seconds(sum(each.held for each in inputs)),
            loop_delay_seconds=self._heart.late_seconds,
            taken_unix_ms=time.time_ns() // 1_000_000,
        )
        limit = self._bounds.stall_seconds
        if limit and self._standing.still_seconds > limit and not self._is_leaving:
            self._expired(f"events are held and nothing has happened to one of them for {limit:.0f} s")

    def _still_seconds(self, held: int) -> float:
        """Count one tick more, and say how long the event has stood still that has done so longest."""
        working = self._tally.working
        working.ticks += 1
        self._untaken_ticks = self._untaken_ticks + 1 if held and not working.count else 0
        return max(working.still_ticks, self._untaken_ticks) * TICK_SECONDS

    def leave(self) -> None:
        """Note that an end was asked for: what drains may stand still, and has a time-out of its own."""
        self._is_leaving = True
        self._watchdog.stop()

    def health(self) -> Health:
        """Say whether the streams get on; from any thread."""
        now, bounds = self._standing, self._bounds
        if now is None:
            return Health(is_started=False)
        stall = bounds.stall_seconds or float("inf")
        live = (
            Check("events-still", now.still_seconds, stall),
            Check("loop-silent", self._heart.silent_seconds, stall),
        )
        return Health(not self._is_leaving, live, (Check("held-age", now.oldest_seconds, bounds.late_seconds),))

    def page(self) -> str:
        """Give all numbers as Prometheus reads them; from any thread."""
        return self._tally.meter.page(gauges(self._standing, is_ready=self.health().is_ready))
