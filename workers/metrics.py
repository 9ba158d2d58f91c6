"""The numbers of a worker: their names, and how what happens becomes them. Counts are of what was published."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.telemetry.metrics import Meter, Metric, Reading
from schemas.topics import REQUESTS_INTERACTIVE
from workers.messages import Entry
from workers.outcome import Cost

_STATM, _PAGE_BYTES = Path("/proc/self/statm"), os.sysconf("SC_PAGE_SIZE")
_GENERATED = ("published", "withheld")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)

OUTCOMES = Metric(
    "shelftalk_worker_outcomes_total", "counter", "Requests by what became of them.", ("tier", "task", "outcome")
)
TEXTS = Metric("shelftalk_worker_texts_total", "counter", "Published texts by who wrote them.", ("task", "origin"))
TOKENS = Metric(
    "shelftalk_worker_tokens_total",
    "counter",
    "Tokens of finished requests: of prompts, of those the ones found in the prefix cache, and written ones.",
    ("task", "kind"),
)
REFUSALS = Metric(
    "shelftalk_worker_refusals_total",
    "counter",
    "Finished requests of which some candidate was refused, by the rule and by what became of the request.",
    ("rule", "outcome"),
)
DEAD_LETTERS = Metric(
    "shelftalk_worker_dead_letters_total", "counter", "Requests that became dead letters, by error class.", ("class",)
)
GENERATION = Metric(
    "shelftalk_worker_generation_seconds",
    "histogram",
    "From the start of a generation to the verdict on its text.",
    ("tier",),
    _SECONDS,
)
TRANSACTIONS = Metric(
    "shelftalk_worker_transactions_total",
    "counter",
    "Transactions that published something or recorded progress, by how they ended.",
    ("result",),
)
TRANSACTION = Metric(
    "shelftalk_worker_transaction_seconds", "histogram", "How long a committed transaction took.", (), _SECONDS
)
MOVES = Metric(
    "shelftalk_worker_partitions_moved_total",
    "counter",
    "Partitions that came and went: assigned, revoked in order, or lost.",
    ("how",),
)
TRIED = Metric(
    "shelftalk_worker_shadow_texts_total",
    "counter",
    "Texts that a candidate wrote beside what was published, by what would have become of them.",
    ("task", "became"),
)
REVISION_FAILURES = Metric(
    "shelftalk_worker_revision_failures_total",
    "counter",
    "Times that a released model did not load or stopped serving, by why; what was live went on.",
    ("reason",),
)
STEPS = Metric("shelftalk_worker_engine_steps_total", "counter", "Steps of the engine that did something.")
STEP_SECONDS = Metric("shelftalk_worker_engine_step_seconds_total", "counter", "Time spent in those steps.")
CPU = Metric("process_cpu_seconds_total", "counter", "Processor time of the process.")

READY = Metric("shelftalk_worker_ready", "gauge", "1 while the worker keeps up with its work, as /ready says it.")
PARTITIONS = Metric("shelftalk_worker_partitions", "gauge", "Request partitions that this worker owns.", ("tier",))
LAG = Metric(
    "shelftalk_worker_lag_messages",
    "gauge",
    "Requests in owned partitions that are not finished, those that were not read yet among them.",
    ("tier",),
)
WAITING = Metric("shelftalk_worker_waiting_messages", "gauge", "Requests that were read and not begun.", ("tier",))
OLDEST = Metric(
    "shelftalk_worker_oldest_seconds",
    "gauge",
    "Age of the oldest request that was read and is not published, by the broker's stamp and this clock.",
    ("tier",),
)
UNPUBLISHED = Metric(
    "shelftalk_worker_unpublished_results", "gauge", "Finished requests that wait for their transaction.", ("tier",)
)
COMMIT_AGE = Metric(
    "shelftalk_worker_commit_age_seconds",
    "gauge",
    "How long partitions with work in hand have gone without a commit, the worst of them.",
    ("tier",),
)
WINDOW = Metric(
    "shelftalk_worker_window_fill_ratio",
    "gauge",
    "How full the fullest window of unfinished offsets is; at 1 nothing more is taken in.",
    ("tier",),
)
IN_FLIGHT = Metric("shelftalk_worker_in_flight", "gauge", "Requests under way, the guard included.")
IN_FLIGHT_AGE = Metric("shelftalk_worker_in_flight_age_seconds", "gauge", "How long the oldest of them has been.")
ENGINE_IN_FLIGHT = Metric("shelftalk_worker_engine_in_flight", "gauge", "Prompts that the engine has.")
ENGINE_STILL = Metric(
    "shelftalk_worker_engine_still_seconds", "gauge", "How long the engine has had prompts and done nothing."
)
REVISIONS = Metric(
    "shelftalk_worker_revisions", "gauge", "Released models that are loaded, and those still to be.", ("state",)
)
LOOP_DELAY = Metric("shelftalk_worker_loop_delay_seconds", "gauge", "How late the event loop's last turn was.")
MEMORY = Metric("process_resident_memory_bytes", "gauge", "Memory of the process that is not swapped out.")

TABLE = (
    OUTCOMES, TEXTS, TOKENS, REFUSALS, DEAD_LETTERS, GENERATION, TRANSACTIONS, TRANSACTION, MOVES, TRIED,
    REVISION_FAILURES, STEPS, STEP_SECONDS, CPU, READY, PARTITIONS, LAG, WAITING, OLDEST, UNPUBLISHED, COMMIT_AGE,
    WINDOW, IN_FLIGHT, IN_FLIGHT_AGE, ENGINE_IN_FLIGHT, ENGINE_STILL, REVISIONS, LOOP_DELAY, MEMORY,
)  # fmt: skip


def tier_of(topic: str) -> str:
    """Give the tier that a request topic's requests are of."""
    return "interactive" if topic == REQUESTS_INTERACTIVE.name else "bulk"


@dataclass(frozen=True, slots=True)
class LaneStanding:
    """How one partition stands: requests that are not finished, not begun and not published, and since when.

    `oldest_unix_ms` is the stamp of the oldest request in hand, None without any; `commit_age_seconds` counts from the
    last commit, or from when there was something to do again.
    """

    topic: str
    lag: int
    waiting: int
    unpublished: int
    unpublished_seconds: float
    oldest_unix_ms: int | None
    commit_age_seconds: float
    window_fill: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How a worker stands at a moment. `steps` is None for an engine that does not tell; `revisions` are the released
    models that are loaded, and those still to be.
    """

    lanes: tuple[LaneStanding, ...]
    in_flight: int
    in_flight_age_seconds: float
    engine_in_flight: int
    engine_still_seconds: float
    loop_delay_seconds: float
    steps: tuple[int, float] | None
    revisions: tuple[int, int]
    taken_unix_ms: int


@dataclass(slots=True)
class _Spent:
    """The tokens of one task's requests."""

    prompt: int = 0
    cached: int = 0
    output: int = 0

    def add(self, cost: Cost) -> None:
        """Add what one request cost."""
        self.prompt += cost.prompt_tokens
        self.cached += cost.cached_tokens
        self.output += cost.output_tokens


class WorkerMeter:
    """Counts what becomes of requests; one for each worker."""

    def __init__(self) -> None:
        self.meter = Meter()
        self._outcomes = self.meter.of(OUTCOMES)
        self._texts = self.meter.of(TEXTS)
        self._spent: defaultdict[str, _Spent] = defaultdict(_Spent)

    def published(self, topic: str, entries: Iterable[Entry | None]) -> None:
        """Count what became visible of one request topic."""
        tier = tier_of(topic)
        outcomes, seconds = self._outcomes, self.meter.distribution(GENERATION, tier)
        for entry in entries:
            if entry is None:
                continue
            outcomes[tier, entry.task, entry.kind] += 1
            if entry.kind in _GENERATED:
                self._spent[entry.task].add(entry.cost)
                seconds.add(entry.seconds)
                self._judged(entry)
            elif entry.error_class is not None:
                self.meter.add(DEAD_LETTERS, entry.error_class)

    def _judged(self, entry: Entry) -> None:
        if entry.origin is not None:
            self._texts[entry.task, entry.origin] += 1
        for rule in entry.rules:
            self.meter.add(REFUSALS, rule, entry.kind)

    def transaction(self, result: str, seconds: float) -> None:
        """Count a transaction: `committed`, `failed`, `fenced` or `abandoned`."""
        self.meter.add(TRANSACTIONS, result)
        if result == "committed":
            self.meter.distribution(TRANSACTION).add(seconds)

    def moved(self, how: str, partitions: int) -> None:
        """Count partitions that came or went: `assigned`, `revoked` or `lost`."""
        self.meter.add(MOVES, how, by=partitions)

    def tried(self, task: str, became: str) -> None:
        """Count a text of a candidate by what became of it: its origin, or why there is none."""
        self.meter.add(TRIED, task, became)

    def revision_failed(self, reason: str) -> None:
        """Count a released model that does not serve: `missing`, `changed`, `unfit`, `not-loaded` or `stopped`."""
        self.meter.add(REVISION_FAILURES, reason)

    def page(self, standing: Standing | None, *, is_ready: bool) -> str:
        """Give everything as Prometheus reads it; of a worker that has not started, only that it is there."""
        readings = [Reading(READY, int(is_ready)), *_of_process(), *_of_tokens(self._spent)]
        if standing is not None:
            readings += (*_of_worker(standing), *_of_lanes(standing.lanes, standing.taken_unix_ms))
        return self.meter.page(readings)


def _of_process() -> Iterator[Reading]:
    yield Reading(CPU, time.process_time())
    yield Reading(MEMORY, int(_STATM.read_text().split()[1]) * _PAGE_BYTES)


def _of_tokens(spent: Mapping[str, _Spent]) -> Iterator[Reading]:
    for task, tokens in tuple(spent.items()):
        yield Reading(TOKENS, tokens.prompt, (task, "prompt"))
        yield Reading(TOKENS, tokens.cached, (task, "cached"))
        yield Reading(TOKENS, tokens.output, (task, "output"))


def _of_worker(standing: Standing) -> Iterator[Reading]:
    yield Reading(IN_FLIGHT, standing.in_flight)
    yield Reading(IN_FLIGHT_AGE, standing.in_flight_age_seconds)
    yield Reading(ENGINE_IN_FLIGHT, standing.engine_in_flight)
    yield Reading(ENGINE_STILL, standing.engine_still_seconds)
    yield Reading(LOOP_DELAY, standing.loop_delay_seconds)
    loaded, loading = standing.revisions
    yield Reading(REVISIONS, loaded, ("loaded",))
    yield Reading(REVISIONS, loading, ("loading",))
    if standing.steps is not None:
        yield Reading(STEPS, standing.steps[0])
        yield Reading(STEP_SECONDS, standing.steps[1])


def _of_lanes(lanes: tuple[LaneStanding, ...], now_ms: int) -> Iterator[Reading]:
    for tier in ("interactive", "bulk"):
        mine = [lane for lane in lanes if tier_of(lane.topic) == tier]
        stamps = [lane.oldest_unix_ms for lane in mine if lane.oldest_unix_ms is not None]
        yield Reading(PARTITIONS, len(mine), (tier,))
        yield Reading(LAG, sum(lane.lag for lane in mine), (tier,))
        yield Reading(WAITING, sum(lane.waiting for lane in mine), (tier,))
        yield Reading(UNPUBLISHED, sum(lane.unpublished for lane in mine), (tier,))
        yield Reading(OLDEST, max(0.0, now_ms - min(stamps, default=now_ms)) / 1000, (tier,))
        yield Reading(COMMIT_AGE, max((lane.commit_age_seconds for lane in mine), default=0.0), (tier,))
        yield Reading(WINDOW, max((lane.window_fill for lane in mine), default=0.0), (tier,))
