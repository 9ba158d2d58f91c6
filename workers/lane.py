"""The way of one request partition through this worker, from its first message to its last commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

import structlog
from confluent_kafka import KafkaException

from schemas import tasks
from schemas.codec import Codec, ErrorClass, Undecodable
from schemas.record import Record
from schemas.registry import RegistryUnavailable
from schemas.request import GenerationRequest
from schemas.topics import REQUEST_ID_HEADER, REQUESTS_BULK, REQUESTS_INTERACTIVE
from workers.latest import Duplicate, Latest, Proceed, Stale
from workers.ledger import CommitFailed, Ledger, Membership
from workers.messages import Consumed, Partition, Result
from workers.publish import Publisher
from workers.window import Progress, Window

log = structlog.get_logger()

_PAUSE_ABOVE = 500
_RESUME_BELOW = 100
_RETRY_SECONDS = 0.5
_FENCED_SECONDS = 3.0
"""Longer than the consumer needs to notice that the partition is no longer ours: the lane is closed then."""


T = TypeVar("T")


class LaneClosed(Exception):
    """The partition was given up while something waited for the broker."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What a lane needs of the world. `recall` gives the ids served just below an offset; it blocks, in `blocking`."""

    codec: Codec
    publisher: Publisher
    recall: Callable[[Partition, int], list[str]]
    membership: Callable[[], Membership | None]
    pause: Callable[[Partition], None]
    resume: Callable[[Partition], None]
    blocking: Executor
    commit_interval_seconds: float = 0.1


@dataclass(eq=False, slots=True)
class Job:
    """One request to generate; `running` is set while a generation is under way."""

    lane: Lane
    source: Consumed
    request: GenerationRequest
    running: asyncio.Task[None] | None = field(default=None)


class JobSink(Protocol):
    """Where a lane's jobs go."""

    def submit(self, job: Job) -> None:
        """Take a job to be generated in its turn."""
        ...

    def abort(self, job: Job) -> None:
        """Drop a job, inside the engine too."""
        ...


class Lane:
    """One partition: reads in order, generates in any order, publishes with the offsets that it finished."""

    def __init__(self, partition: Partition, ledger: Ledger, edge: Edge, jobs: JobSink) -> None:
        self.partition = partition
        self._ledger = ledger
        self._edge = edge
        self._sink = jobs
        self._inbox: asyncio.Queue[Consumed] = asyncio.Queue()
        self._paused = True
        self._window = Window(Progress(0, 0))
        self._latest = Latest()
        self._jobs: dict[int, Job] = {}
        self._results: list[Result] = []
        self._finished_some = asyncio.Event()
        self._committing = asyncio.Lock()
        self._closing = asyncio.Event()
        self._run = asyncio.create_task(self._live(), name=f"lane {partition}")

    # ---- life

    async def _live(self) -> None:
        """Open the partition, then take in and commit until closed."""
        self._window = Window(await self._patiently(self._ledger.open))
        base = self._window.progress().base
        recalled = await self._patiently(lambda: self._edge.recall(self.partition, base))
        for request_id in recalled:
            self._latest.remember(request_id)
        log.info("partition opened", partition=str(self.partition), base=base, recalled=len(recalled))
        self._resume()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_in())
            group.create_task(self._commit_regularly())

    async def close(self, *, flush: bool) -> None:
        """Stop everything; with `flush`, publish what is finished in one last transaction."""
        self._closing.set()
        self._run.cancel()
        for job in list(self._jobs.values()):
            self._sink.abort(job)
        self._jobs.clear()
        await asyncio.wait([self._run])
        async with self._committing:
            if flush and self._results:
                await self._publish()

    def watch(self, died: Callable[[BaseException], None]) -> None:
        """Report a defect that ends this lane; trouble in the world never does, it is waited out."""

        def ended(run: asyncio.Task[None]) -> None:
            error = None if run.cancelled() else run.exception()
            if error is not None and not self._closing.is_set():
                died(error)

        self._run.add_done_callback(ended)

    # ---- in

    def deliver(self, message: Consumed) -> None:
        """Take the partition's next message; reading pauses when too many wait."""
        self._inbox.put_nowait(message)
        if not self._paused and self._inbox.qsize() > _PAUSE_ABOVE:
            self._paused = True
            self._edge.pause(self.partition)

    async def _take_in(self) -> None:
        while True:
            message = await self._inbox.get()
            if self._paused and self._inbox.qsize() < _RESUME_BELOW:
                self._resume()
            while not self._window.has_room_for(message.offset):
                self._finished_some.clear()
                await self._finished_some.wait()
            if self._window.admit(message.offset):
                await self._accept(message)
            elif request_id := message.header(REQUEST_ID_HEADER):
                self._latest.remember(request_id)
            await asyncio.sleep(0)  # nothing above need wait: let commits and hand-overs have their turn

    async def _accept(self, message: Consumed) -> None:
        """Decide what becomes of one message that was not served before."""
        match await self._decoded(message):
            case Undecodable(error_class=error_class, detail=detail):
                self._finish(self._edge.publisher.unreadable(message, error_class, detail))
            case GenerationRequest(task=task) if task not in tasks.BY_NAME:
                self._finish(self._edge.publisher.unreadable(message, ErrorClass.UNKNOWN_TASK, f"no task {task!r}"))
            case GenerationRequest() as request:
                self._judge(message, request)

    def _judge(self, message: Consumed, request: GenerationRequest) -> None:
        match self._latest.judge(request, message.offset):
            case Duplicate():
                self._finish(self._edge.publisher.dropped(message, request, "duplicate"))
            case Stale():
                self._finish(self._edge.publisher.dropped(message, request, "superseded"))
            case Proceed(supersedes=older):
                if older is not None:
                    self._supersede(older)
                self._proceed(message, request)

    def _proceed(self, message: Consumed, request: GenerationRequest) -> None:
        if request.action == "withdraw":
            self._latest.done(request, message.offset)
            self._finish(self._edge.publisher.withdrawn(message, request))
        else:
            job = Job(self, message, request)
            self._jobs[message.offset] = job
            self._sink.submit(job)

    def _supersede(self, offset: int) -> None:
        job = self._jobs.pop(offset)
        self._sink.abort(job)
        self._finish(self._edge.publisher.dropped(job.source, job.request, "superseded"))

    async def _decoded(self, message: Consumed) -> Record | Undecodable:
        """Decode a message, waiting as long as the registry is away: the bytes are not to blame for that."""
        if message.value is None:
            return Undecodable(ErrorClass.NULL_VALUE, "a request has a value")
        topic = REQUESTS_INTERACTIVE if message.partition.topic == REQUESTS_INTERACTIVE.name else REQUESTS_BULK
        while True:
            try:
                if self._edge.codec.needs_registry(message.value):
                    return await self._in_thread(partial(self._edge.codec.decode, topic, message.value))
                return self._edge.codec.decode(topic, message.value)
            except RegistryUnavailable as error:
                log.warning("waiting for the schema registry", partition=str(self.partition), error=str(error))
                await asyncio.sleep(_RETRY_SECONDS)

    def _resume(self) -> None:
        self._paused = False
        self._edge.resume(self.partition)

    # ---- out

    def finish(self, job: Job, result: Result) -> None:
        """Take a job's result; it is published with the next transaction. A job no longer wanted is ignored."""
        if self._jobs.pop(job.source.offset, None) is job:
            self._latest.done(job.request, job.source.offset)
            self._finish(result)

    def _finish(self, result: Result) -> None:
        self._window.finish(result.offset)
        self._results.append(result)
        self._finished_some.set()

    async def _commit_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._edge.commit_interval_seconds)
            if self._results:  # a transaction under way is never cancelled: closing waits for it
                await asyncio.shield(self._commit())

    async def _commit(self) -> None:
        async with self._committing:
            failure = await self._publish()
            if failure is None or self._closing.is_set():
                return
            if failure.fenced:
                await self._unless_closing(_FENCED_SECONDS)
            with suppress(LaneClosed):
                progress = await self._patiently(self._ledger.open)
                self._results = [result for result in self._results if not progress.finished(result.offset)]

    async def _publish(self) -> CommitFailed | None:
        """Publish what is finished; give the failure, if any.

        Results and progress are taken together, so a commit never speaks of an offset whose result it lacks.
        """
        batch, progress, membership = list(self._results), self._window.progress(), self._edge.membership()
        try:
            await self._in_thread(partial(self._ledger.publish, batch, progress, membership))
        except CommitFailed as failure:
            log.warning("a transaction failed", partition=str(self.partition), error=str(failure))
            return failure
        del self._results[: len(batch)]
        return None

    async def _patiently(self, call: Callable[[], T]) -> T:
        """Give what a blocking call gives, however long the broker is away; raises LaneClosed when closed meanwhile."""
        while not self._closing.is_set():
            try:
                return await self._in_thread(call)
            except KafkaException as error:
                log.warning("waiting for the broker", partition=str(self.partition), error=str(error))
                await self._unless_closing(_RETRY_SECONDS)
        raise LaneClosed

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._edge.blocking, call)

    async def _unless_closing(self, seconds: float) -> None:
        """Wait, but not past the closing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()
