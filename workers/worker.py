"""One worker: requests in, checked copy out, exactly once for a read_committed reader."""

from __future__ import annotations

import asyncio
import gc
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from schemas.codec import Codec, ErrorClass
from schemas.flood import FloodLimits
from schemas.registry import RegistryError
from schemas.request import GenerationRequest
from schemas.topics import REQUESTS_INTERACTIVE
from workers.blocking import Blocking
from workers.engines.engine import Engine, EngineDied, EngineUnavailable
from workers.lane import Edge, Job, Lane
from workers.latest import Served
from workers.ledger import Ledger
from workers.messages import Consumed, Partition, Result
from workers.outbox import Publishing
from workers.outcome import Outcome, Undeliverable
from workers.publish import Publisher
from workers.schedule import Limits, Schedule, Tier
from workers.source import Source, SourceListener

log = structlog.get_logger()

_RETRY_SECONDS = 0.5
_RELEASE_SECONDS = 30.0
_MOST_REFUSALS = 20
"""How often the engine may be unavailable to one request that others got an answer in between."""

_PARKED_SECONDS = 30.0
"""How long the work of a lost partition is kept after the group has given out its partitions anew."""


class WorkerFailed(Exception):
    """The worker cannot go on in this process; a fresh one may."""


class EngineGaveUp(WorkerFailed):
    """The engine stayed away longer than its patience allows."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    For a failing engine before giving up (None: for ever), for work in flight at the end, and for a broker that has
    given us a partition and takes nothing for it.
    """

    engine_seconds: float | None = 120.0
    drain_seconds: float = 30.0
    broker_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a worker abides by. `owner` is a name that no other process has, not even this worker's next one."""

    owner: str
    limits: Limits = field(default_factory=Limits)
    patience: Patience = Patience()
    flood_limits: FloodLimits = field(default_factory=FloodLimits)
    commit_interval_seconds: float = 0.1


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker is made of; tests put fakes here."""

    engine: Engine
    generate: Callable[[GenerationRequest, Engine], Coroutine[Any, Any, Outcome]]
    codec: Codec
    publisher: Publisher
    ledger_of: Callable[[Partition], Ledger]
    recall: Callable[[Partition, int], list[Served]]
    sources_for: Callable[[SourceListener, Blocking], Mapping[str, Source]]
    """By topic."""


class Worker:
    """Runs lanes for the partitions it owns and starts their jobs as the schedule allows."""

    def __init__(self, parts: Parts, rules: Rules) -> None:
        self._parts = parts
        self._patience = rules.patience
        self._schedule: Schedule[Job] = Schedule(rules.limits)
        self._places = rules.limits.in_flight
        self._runners: list[asyncio.Task[None]] = []
        self._idle: deque[asyncio.Future[None]] = deque()
        self._lanes: dict[Partition, Lane] = {}
        self._parked: dict[Partition, list[Job]] = {}
        self._stopping = asyncio.Event()
        self._failure: BaseException | None = None
        self._engine_down_since: float | None = None
        self._served = 0
        self._loop = asyncio.get_running_loop()
        self._blocking = Blocking()
        self._sources = parts.sources_for(self, self._blocking)
        self._edge = self._edge_of(parts, rules)

    def _edge_of(self, parts: Parts, rules: Rules) -> Edge:
        publishing = Publishing(
            membership=lambda partition: self._sources[partition.topic].membership,
            blocking=self._blocking,
            owner=rules.owner,
            commit_interval_seconds=rules.commit_interval_seconds,
            stuck_seconds=rules.patience.broker_seconds,
        )
        return Edge(
            codec=parts.codec,
            publisher=parts.publisher,
            publishing=publishing,
            recall=parts.recall,
            pause=lambda partition: self._sources[partition.topic].pause(partition),
            resume=lambda partition: self._sources[partition.topic].resume(partition),
            flood_limits=rules.flood_limits,
        )

    async def run(self) -> None:
        """Work until `stop`, then finish what is in flight, publish it and leave the group.

        Raises WorkerFailed when this process cannot go on; what was published stays, what was not is done elsewhere.
        """
        async with self._parts.engine:
            await self._know_schemas()
            gc.freeze()  # an engine's millions of objects live as long as we: looking through them again takes 0.1 s
            log.info("worker ready", model=self._parts.engine.model.name)
            self._runners = [self._runner() for _ in range(self._places)]
            for source in self._sources.values():
                source.start()
            await self._stopping.wait()
            if self._failure is None:
                await self._drain()
            leaving = [self._blocking.run("leave the group", source.stop) for source in self._sources.values()]
            await asyncio.gather(*leaving)
            self._blocking.close()
            for runner in self._runners:
                runner.cancel()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Ask for an orderly end; may be called more than once."""
        self._stopping.set()

    # ---- jobs

    def submit(self, job: Job) -> None:
        """Take a job from a lane to be generated in its turn."""
        self._schedule.add(job, _tier(job))
        self._wake_one()

    def abort(self, job: Job) -> None:
        """Drop a job; cancelling its generation aborts it inside the engine."""
        self._schedule.remove(job)
        job.is_aborted = True
        if job.running:
            job.running.cancel()
        self._wake_one()

    def _runner(self) -> asyncio.Task[None]:
        runner = asyncio.create_task(self._run_jobs())
        runner.add_done_callback(self._runner_ended)
        return runner

    def _runner_ended(self, runner: asyncio.Task[None]) -> None:
        """Hear of a runner that ends before the worker does: its job would wait for ever."""
        if not self._stopping.is_set():
            self._fail(WorkerFailed(f"a generation ended in a way that nobody asked for: {runner!r}"))

    async def _run_jobs(self) -> None:
        """Serve one job after another, as the schedule allows, until the worker stops."""
        while not self._stopping.is_set():
            job = self._schedule.start_next()
            if job is None:
                await self._wait_for_jobs()
            else:
                self._wake_one()
                await self._serve(job)

    async def _wait_for_jobs(self) -> None:
        woken = self._loop.create_future()
        self._idle.append(woken)
        await woken

    def _wake_one(self) -> None:
        """Let one more runner look for work; it wakes the next one if it finds some."""
        while self._idle:
            woken = self._idle.popleft()
            if not woken.done():
                woken.set_result(None)
                return

    async def _serve(self, job: Job) -> None:
        job.running = asyncio.current_task()
        try:
            await job.lane.begin(job)
            started = time.monotonic()
            outcome = await self._outcome(job.request)
            job.lane.finish(job, self._result(job, outcome, seconds=time.monotonic() - started))
        except asyncio.CancelledError:
            if not job.is_aborted or job.running is None:
                raise
            job.running.uncancel()
        except Exception as error:  # a request that is left without a result would hold its partition for ever
            self._fail(error)
        finally:
            job.running = None
            self._schedule.remove(job)
            if not self._schedule.running:
                self._engine_down_since = None  # nobody waits for it any more

    def _result(self, job: Job, outcome: Outcome, *, seconds: float) -> Result:
        """Give what an outcome publishes; one that cannot be written down becomes a dead letter."""
        try:
            return self._parts.publisher.generated(job.source, job.request, outcome, seconds=seconds)
        except Exception as error:
            log.exception("an outcome cannot be encoded", request_id=job.request.request_id)
            unwritable = Undeliverable(
                ErrorClass.INTERNAL_ERROR, f"the outcome cannot be encoded: {type(error).__name__}"
            )
            return self._parts.publisher.generated(job.source, job.request, unwritable, seconds=seconds)

    async def _outcome(self, request: GenerationRequest) -> Outcome:
        """Generate and check; a missing engine is waited for, a defect becomes a dead letter.

        So does a request that the engine leaves unserved again and again while it serves others.
        """
        refusals, served_others = 0, self._served
        while True:
            try:
                outcome = await self._parts.generate(request, self._parts.engine)
            except EngineDied:
                raise
            except EngineUnavailable as error:
                self._engine_missed(error)
                refusals, served_others = refusals + (self._served > served_others), self._served
                if refusals >= _MOST_REFUSALS:
                    detail = f"the engine serves others, not this: {error}"
                    return Undeliverable(ErrorClass.NOT_SERVED, detail, attempts=refusals)
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception as error:  # a defect of ours meets one request, not the whole stream
                log.exception("generation failed unexpectedly", request_id=request.request_id)
                return Undeliverable(ErrorClass.INTERNAL_ERROR, f"generation failed: {type(error).__name__}")
            else:
                self._engine_down_since = None
                self._served += 1
                return outcome

    def _engine_missed(self, error: EngineUnavailable) -> None:
        now = time.monotonic()
        if self._engine_down_since is None:
            self._engine_down_since = now
            log.warning("waiting for the engine", error=str(error))
        patience = self._patience.engine_seconds
        if patience is not None and now - self._engine_down_since > patience:
            raise EngineGaveUp(f"the engine is away for more than {patience:.0f} s: {error}") from error

    # ---- partitions, told by the source's thread

    def assigned(self, partitions: Sequence[Partition]) -> None:
        """Open lanes for new partitions."""
        self._loop.call_soon_threadsafe(self._open_lanes, list(partitions))

    def released(self, partitions: Sequence[Partition], *, lost: bool) -> None:
        """Close the lanes of partitions that go; of lost ones the work is parked, since they may come back."""
        if lost:
            self._loop.call_soon_threadsafe(self._park_lanes, list(partitions))
            return
        closing = asyncio.run_coroutine_threadsafe(self._close_lanes(list(partitions)), self._loop)
        try:
            closing.result(_RELEASE_SECONDS)
        except TimeoutError:
            log.warning("a partition is handed over before its last transaction ended", partitions=len(partitions))

    def delivered(self, messages: Sequence[Consumed]) -> None:
        """Hand messages to their lanes."""
        self._loop.call_soon_threadsafe(self._deliver, messages)

    def failed(self, error: Exception) -> None:
        """End the worker: without its consumer it is of no use."""
        self._loop.call_soon_threadsafe(self._fail, WorkerFailed(f"the consumer failed: {error}"))

    def _open_lanes(self, partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            parked = self._parked.pop(partition, [])
            lane = Lane(partition, self._parts.ledger_of(partition), self._edge, self, parked)
            lane.watch(self._fail)
            self._lanes[partition] = lane
        for jobs in self._parked.values():
            self._loop.call_later(_PARKED_SECONDS, self._abandon, jobs)

    async def _close_lanes(self, partitions: Sequence[Partition]) -> None:
        in_order = not isinstance(self._failure, EngineDied)
        lanes = [self._lanes.pop(partition) for partition in partitions if partition in self._lanes]
        await asyncio.gather(*(lane.close(in_order=in_order) for lane in lanes))

    def _park_lanes(self, partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            if lane := self._lanes.pop(partition, None):
                self._parked[partition] = lane.park()
        log.warning("partitions lost", partitions=len(partitions), parked=sum(map(len, self._parked.values())))

    def _abandon(self, jobs: list[Job]) -> None:
        """Drop parked jobs, unless their partition has come back since."""
        for partition, parked in list(self._parked.items()):
            if parked is jobs:
                del self._parked[partition]
                for job in jobs:
                    self.abort(job)

    def _deliver(self, messages: Sequence[Consumed]) -> None:
        for message in messages:
            if lane := self._lanes.get(message.partition):
                lane.deliver(message)

    # ---- beginning and end

    async def _know_schemas(self) -> None:
        """Learn the schema ids, so that publishing never needs the registry; wait for it as long as it takes."""
        while not self._stopping.is_set():
            try:
                await asyncio.to_thread(self._parts.codec.warm)
            except RegistryError as error:  # not provisioned yet is as temporary as away
                log.warning("waiting for the schemas: the registry is away, or `shelftalk provision` has not run")
                log.debug("the registry says", error=str(error))
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    async def _drain(self) -> None:
        """Let what is in flight finish, for a while."""
        for parked in list(self._parked.values()):
            self._abandon(parked)
        log.info("draining", in_flight=self._schedule.running)
        while self._idle:
            self._wake_one()
        await asyncio.wait(self._runners, timeout=self._patience.drain_seconds)

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            log.error("the worker ends", error=str(error))
            self._failure = error
        self._stopping.set()


def _tier(job: Job) -> Tier:
    if job.alone:
        return "alone"
    return "interactive" if job.source.partition.topic == REQUESTS_INTERACTIVE.name else "bulk"
