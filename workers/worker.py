"""One worker: requests in, checked copy out, exactly once for a read_committed reader."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog

from schemas.codec import Codec, ErrorClass
from schemas.registry import RegistryError
from schemas.request import GenerationRequest
from schemas.topics import REQUESTS_INTERACTIVE
from workers.engines.engine import Engine, EngineUnavailable
from workers.lane import Edge, Job, Lane
from workers.ledger import Ledger
from workers.messages import Consumed, Partition, Result
from workers.outcome import Outcome, Undeliverable
from workers.publish import Publisher
from workers.schedule import Limits, Schedule
from workers.source import Source, SourceListener

log = structlog.get_logger()

_RETRY_SECONDS = 0.5
_RELEASE_SECONDS = 30.0
_BLOCKING_CALLS = 64
"""Threads for commits and the like, which the guard's never keep waiting: each partition has one call at a time."""


class WorkerFailed(Exception):
    """The worker cannot go on in this process; a fresh one may."""


class EngineGaveUp(WorkerFailed):
    """The engine stayed away longer than its patience allows."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for a failing engine before giving up (None: for ever), and for work at the end."""

    engine_seconds: float | None = 120.0
    drain_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker is made of; tests put fakes here."""

    engine: Engine
    generate: Callable[[GenerationRequest, Engine], Coroutine[Any, Any, Outcome]]
    codec: Codec
    publisher: Publisher
    ledger_of: Callable[[Partition], Ledger]
    recall: Callable[[Partition, int], list[str]]
    source_for: Callable[[SourceListener], Source]


class Worker:
    """Runs lanes for the partitions it owns and starts their jobs as the schedule allows."""

    def __init__(self, parts: Parts, *, limits: Limits, patience: Patience, commit_interval_seconds: float) -> None:
        self._parts = parts
        self._patience = patience
        self._schedule: Schedule[Job] = Schedule(limits)
        self._generations: set[asyncio.Task[None]] = set()
        self._lanes: dict[Partition, Lane] = {}
        self._stopping = asyncio.Event()
        self._failure: BaseException | None = None
        self._engine_down_since: float | None = None
        self._loop = asyncio.get_running_loop()
        self._blocking = ThreadPoolExecutor(_BLOCKING_CALLS, "blocking")
        self._source = parts.source_for(self)
        self._edge = Edge(
            codec=parts.codec,
            publisher=parts.publisher,
            recall=parts.recall,
            membership=lambda: self._source.membership,
            pause=self._source.pause,
            resume=self._source.resume,
            blocking=self._blocking,
            commit_interval_seconds=commit_interval_seconds,
        )

    async def run(self) -> None:
        """Work until `stop`, then finish what is in flight, publish it and leave the group.

        Raises WorkerFailed when this process cannot go on; what was published stays, what was not is done elsewhere.
        """
        async with self._parts.engine:
            await self._know_schemas()
            log.info("worker ready", model=self._parts.engine.model.name)
            self._source.start()
            await self._stopping.wait()
            if self._failure is None:
                await self._drain()
            await self._loop.run_in_executor(self._blocking, self._source.stop)
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Ask for an orderly end; may be called more than once."""
        self._stopping.set()

    # ---- jobs

    def submit(self, job: Job) -> None:
        """Take a job from a lane to be generated in its turn."""
        interactive = job.source.partition.topic == REQUESTS_INTERACTIVE.name
        self._schedule.add(job, "interactive" if interactive else "bulk")
        self._start_what_may()

    def abort(self, job: Job) -> None:
        """Drop a job; cancelling its task aborts the generation inside the engine."""
        self._schedule.remove(job)
        if job.running:
            job.running.cancel()
        self._start_what_may()

    def _start_what_may(self) -> None:
        while not self._stopping.is_set() and (job := self._schedule.start_next()):
            job.running = asyncio.create_task(self._serve(job))
            self._generations.add(job.running)
            job.running.add_done_callback(self._generations.discard)

    async def _serve(self, job: Job) -> None:
        started = time.monotonic()
        try:
            outcome = await self._outcome(job.request)
            job.lane.finish(job, self._result(job, outcome, seconds=time.monotonic() - started))
        except Exception as error:  # a request that is left without a result would hold its partition for ever
            self._fail(error)
        finally:
            self._schedule.remove(job)
            self._start_what_may()

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
        """Generate and check; a missing engine is waited for, a defect becomes a dead letter."""
        while True:
            try:
                outcome = await self._parts.generate(request, self._parts.engine)
            except EngineUnavailable as error:
                self._engine_missed(error)
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception as error:  # a defect of ours meets one request, not the whole stream
                log.exception("generation failed unexpectedly", request_id=request.request_id)
                return Undeliverable(ErrorClass.INTERNAL_ERROR, f"generation failed: {type(error).__name__}")
            else:
                self._engine_down_since = None
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
        """Close the lanes of partitions that go; unless they are lost already, publish what is finished first."""
        closing = asyncio.run_coroutine_threadsafe(self._close_lanes(list(partitions), flush=not lost), self._loop)
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
            lane = Lane(partition, self._parts.ledger_of(partition), self._edge, self)
            lane.watch(self._fail)
            self._lanes[partition] = lane

    async def _close_lanes(self, partitions: Sequence[Partition], *, flush: bool) -> None:
        lanes = [self._lanes.pop(partition) for partition in partitions if partition in self._lanes]
        await asyncio.gather(*(lane.close(flush=flush) for lane in lanes))

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
        log.info("draining", in_flight=len(self._generations))
        if self._generations:
            await asyncio.wait(self._generations, timeout=self._patience.drain_seconds)

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            log.error("the worker ends", error=str(error))
            self._failure = error
        self._stopping.set()
