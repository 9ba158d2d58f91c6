"""The numbers of the streams: their names, and what is read of the app when somebody asks."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from schemas.telemetry.metrics import Metric, Reading

_STATM, _PAGE_BYTES = Path("/proc/self/statm"), os.sysconf("SC_PAGE_SIZE")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

EVENTS = Metric(
    "shelftalk_streams_events_total", "counter", "Events brought to their end, whichever it was.", ("topic",)
)
REQUESTS = Metric("shelftalk_streams_requests_total", "counter", "Requests that were asked.", ("task",))
REPEATS = Metric("shelftalk_streams_repeats_total", "counter", "Events that said nothing new.")
STALE = Metric("shelftalk_streams_stale_total", "counter", "Events older than what is known, dropped.")
DEAD_LETTERS = Metric(
    "shelftalk_streams_dead_letters_total", "counter", "Events that became dead letters, by error class.", ("class",)
)
INTERNAL_ERRORS = Metric("shelftalk_streams_internal_errors_total", "counter", "Steps that failed by a defect.")
WORLD_PAUSES = Metric(
    "shelftalk_streams_world_pauses_total", "counter", "Waits for the broker, the registry or the catalogue."
)
SETTLING = Metric(
    "shelftalk_streams_settling_seconds", "histogram", "From an event's turn to its end.", ("topic",), _SECONDS
)
REBALANCES = Metric("shelftalk_streams_rebalances_total", "counter", "Assignments of partitions since the start.")
CPU = Metric("process_cpu_seconds_total", "counter", "Processor time of the process.")

READY = Metric("shelftalk_streams_ready", "gauge", "1 while the streams keep up with their work, as /ready says it.")
HELD = Metric("shelftalk_streams_held_events", "gauge", "Events that were read and not acknowledged.", ("topic",))
OLDEST = Metric(
    "shelftalk_streams_oldest_seconds", "gauge", "Age of the oldest of them, by the broker's stamp.", ("topic",)
)
LAG = Metric(
    "shelftalk_streams_lag_events", "gauge", "Events in our partitions that are not committed past.", ("topic",)
)
PARTITIONS = Metric("shelftalk_streams_partitions", "gauge", "Input partitions that this process owns.", ("topic",))
STILL = Metric("shelftalk_streams_still_seconds", "gauge", "How long nothing has happened to some event that is held.")
LOOP_DELAY = Metric("shelftalk_streams_loop_delay_seconds", "gauge", "How late the event loop's last turn was.")
MEMORY = Metric("process_resident_memory_bytes", "gauge", "Memory of the process that is not swapped out.")

TABLE = (
    EVENTS, REQUESTS, REPEATS, STALE, DEAD_LETTERS, INTERNAL_ERRORS, WORLD_PAUSES, SETTLING, REBALANCES, CPU,
    READY, HELD, OLDEST, LAG, PARTITIONS, STILL, LOOP_DELAY, MEMORY,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class InputStanding:
    """How one input topic stands: partitions that are ours, events held and not committed past, the oldest's stamp."""

    topic: str
    partitions: int
    held: int
    lag: int
    oldest_unix_ms: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the streams stand at a moment."""

    inputs: tuple[InputStanding, ...]
    generation: int
    still_seconds: float
    loop_delay_seconds: float
    taken_unix_ms: int

    @property
    def oldest_seconds(self) -> float:
        """Give the age of the oldest event that was read and not acknowledged."""
        stamps = [each.oldest_unix_ms for each in self.inputs if each.oldest_unix_ms is not None]
        return max(0.0, self.taken_unix_ms - min(stamps, default=self.taken_unix_ms)) / 1000


def gauges(standing: Standing | None, *, is_ready: bool) -> Iterator[Reading]:
    """Give what is read now; of streams that have not started, only that they are there."""
    yield Reading(READY, int(is_ready))
    yield Reading(CPU, time.process_time())
    yield Reading(MEMORY, int(_STATM.read_text().split()[1]) * _PAGE_BYTES)
    if standing is None:
        return
    yield Reading(REBALANCES, standing.generation)
    yield Reading(STILL, standing.still_seconds)
    yield Reading(LOOP_DELAY, standing.loop_delay_seconds)
    for each in standing.inputs:
        oldest = 0.0 if each.oldest_unix_ms is None else max(0, standing.taken_unix_ms - each.oldest_unix_ms) / 1000
        yield Reading(PARTITIONS, each.partitions, (each.topic,))
        yield Reading(HELD, each.held, (each.topic,))
        yield Reading(LAG, each.lag, (each.topic,))
        yield Reading(OLDEST, oldest, (each.topic,))
