"""The way of one request partition through this worker, from its first message to its last commit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import partial

import structlog

from schemas.codec import ErrorClass, Undecodable
from schemas.flood import Flood
from schemas.request import GenerationRequest
from schemas.topics import REDRIVEN_HEADER
from workers.decode import decode
from workers.edge import Edge
from workers.inbox import Inbox
from workers.job import Job, JobSink
from workers.latest import Duplicate, Latest, Proceed, Stale, served
from workers.ledger import Ledger
from workers.messages import Consumed, Partition, Result
from workers.metrics import LaneStanding
from workers.outbox import Outbox
from workers.outcome import Undeliverable

log = structlog.get_logger()

_TURN = 64
"""Messages that are taken in before others have their turn on the event loop."""

_MOST_WAITING = 2_000
"""Results that may wait for the broker before nothing more is taken in."""

FATAL_DEATHS = 3
"""A request that was under way at so many deaths is given up; at the death before, it runs alone."""


class FloodStopped(Exception):
    """So many messages are bad that the deployment is to blame: nothing more is dead-lettered until somebody looks."""


class Lane:
    """One partition: reads in order, generates in any order, publishes with the offsets that it finished.

    `parked` are the jobs of an earlier lane that lost the partition; what is still wanted of them is not done again.
    """

    def __init__(
        self, partition: Partition, ledger: Ledger, edge: Edge, jobs: JobSink, parked: Iterable[Job] = ()
    ) -> None:
        self.partition = partition
        self._edge = edge
        self._sink = jobs
        self._parked = {job.source.offset: job for job in parked}
        self._inbox = Inbox(edge.marks)
        self._paused = False
        self._busy_since = time.monotonic()
        self._outbox = Outbox(partition, ledger, edge.publishing, self._published)
        self._latest = Latest()
        self._flood = Flood(edge.flood_limits)
        self._jobs: dict[int, Job] = {}
        """Every job that is not published yet."""
        self._held_bytes = 0
        self._finished_some = asyncio.Event()
        self._is_closed = False
        self._died: Callable[[BaseException], None] = lambda _: None
        self._run = asyncio.create_task(self._live(), name=f"lane {partition}")

    # ---- life

    async def _live(self) -> None:
        """Open the partition, then take in and commit until closed."""
        await self._outbox.open()
        self._forget_finished()
        base = self._outbox.window.progress().base
        for earlier in await self._outbox.patiently("recall", partial(self._edge.recall, self.partition, base)):
            self._latest.remember(earlier)
        log.info("partition opened", partition=str(self.partition), base=base, parked=len(self._parked))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._take_in_until_a_flood())
                group.create_task(self._outbox.run())
        except BaseExceptionGroup as group_of_errors:
            raise group_of_errors.exceptions[0] from None

    def _forget_finished(self) -> None:
        """Drop the parked jobs that somebody else has finished meanwhile."""
        for offset in self._outbox.window.progress().finished_of(self._parked):
            self._sink.abort(self._parked.pop(offset))

    async def close(self, *, in_order: bool = True) -> None:
        """Abort what is under way, publish what is finished; unless `in_order`, what the engine has counts a death."""
        self._end()
        for job in self._unfinished():
            if not job.is_begun:
                self._outbox.window.stop(job.source.offset)
        for job in (*self._unfinished(), *self._parked.values()):
            self._sink.abort(job)
        await asyncio.wait([self._run])
        await self._outbox.close(in_order=in_order)

    def park(self) -> list[Job]:
        """End at once, publishing nothing: the partition is lost. Give what is finished or under way, for later."""
        self._end()
        for job in self._unfinished():
            if not job.is_begun:
                self._sink.abort(job)
        self._letting_go = asyncio.create_task(self._outbox.let_go())
        return [*(job for job in self._jobs.values() if job.is_begun), *self._parked.values()]

    def watch(self, died: Callable[[BaseException], None]) -> None:
        """Report a defect that ends this lane; trouble in the world never does, it is waited out."""

        self._died = died

        def ended(run: asyncio.Task[None]) -> None:
            error = None if run.cancelled() else run.exception()
            if error is not None and not self._is_closed:
                died(error)

        self._run.add_done_callback(ended)

    def _end(self) -> None:
        self._is_closed = True
        self._outbox.give_up()
        self._run.cancel()

    def _unfinished(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.result is None]

    def standing(self, end: int | None) -> LaneStanding:
        """Say how the partition stands, whose last message lies just below `end`, where that is known."""
        window, oldest = self._outbox.window, next(iter(self._jobs.values()), None)
        since = max(self._busy_since, self._outbox.committed_at)
        return LaneStanding(
            topic=self.partition.topic,
            lag=window.not_finished_below(end or 0),
            waiting=self._inbox.waiting + sum(not job.is_begun for job in self._jobs.values()),
            unpublished=self._outbox.waiting,
            oldest_unix_ms=oldest.source.timestamp_unix_ms if oldest else self._inbox.oldest_unix_ms,
            unpublished_seconds=self._outbox.unpublished_seconds,
            commit_age_seconds=time.monotonic() - since if self._is_busy else 0.0,
            window_fill=window.fill,
        )

    @property
    def _is_busy(self) -> bool:
        return bool(self._jobs or self._inbox.waiting or self._outbox.waiting)

    # ---- in

    def deliver(self, message: Consumed) -> None:
        """Take the partition's next message; reading pauses when too many wait."""
        if not self._is_busy:
            self._busy_since = time.monotonic()
        self._inbox.put(message)
        if not self._paused and self._inbox.is_full:
            self._paused = True
            self._edge.pause(self.partition)

    async def _take_in_until_a_flood(self) -> None:
        """Take in; after a flood no more, but what was taken in before is still published."""
        try:
            await self._take_in()
        except FloodStopped as flood:
            self._died(flood)

    async def _take_in(self) -> None:
        turn = 0
        while True:
            message = await self._inbox.get()
            if self._paused and self._inbox.is_low:
                self._paused = False
                self._edge.resume(self.partition)
            while not self._has_room_for(message):
                self._finished_some.clear()
                await self._finished_some.wait()
            await self._take(message)
            turn = (turn + 1) % _TURN
            if not turn:
                await asyncio.sleep(0)  # nothing above need wait: let commits and hand-overs have their turn

    def _has_room_for(self, message: Consumed) -> bool:
        """Tell whether a message fits into what a commit can record, and into memory; one always does."""
        held_bytes = self._held_bytes + self._outbox.waiting_bytes
        fits = not held_bytes or held_bytes + message.size_bytes <= self._edge.held_bytes
        return fits and self._outbox.waiting < _MOST_WAITING and self._outbox.window.has_room_for(message.offset)

    async def _take(self, message: Consumed) -> None:
        if self._outbox.window.admit(message.offset):
            await self._accept(message)
        elif earlier := served(message.key, message.headers):
            self._latest.remember(earlier)
        if unwanted := self._parked.pop(message.offset, None):
            self._sink.abort(unwanted)

    async def _accept(self, message: Consumed) -> None:
        """Decide what becomes of one message that was not served before."""
        match await decode(message, self._edge.codec, self._edge.publishing.blocking):
            case Undecodable(error_class=error_class, detail=detail):
                self._finish(self._edge.publisher.unreadable(message, error_class, detail))
            case GenerationRequest() as request:
                self._judge(message, request)

    def _judge(self, message: Consumed, request: GenerationRequest) -> None:
        match self._latest.judge(request, message.offset, redriven_from=message.header(REDRIVEN_HEADER)):
            case Duplicate():
                self._finish(self._edge.publisher.dropped(message, request, "duplicate"))
            case Stale():
                self._finish(self._edge.publisher.dropped(message, request, "superseded"))
            case Proceed(supersedes=older):
                if older is not None:
                    self._supersede(older)
                self._proceed(message, request)

    def _supersede(self, offset: int) -> None:
        job = self._jobs.pop(offset)
        self._sink.abort(job)
        self._held_bytes -= job.source.size_bytes
        self._finish(self._edge.publisher.dropped(job.source, job.request, "superseded"))

    def _proceed(self, message: Consumed, request: GenerationRequest) -> None:
        deaths = self._outbox.window.deaths(message.offset)
        if request.action == "withdraw":
            self._latest.done(request, message.offset)
            self._finish(self._edge.publisher.withdrawn(message, request))
        elif deaths >= FATAL_DEATHS:
            self._latest.done(request, message.offset)
            self._finish(self._edge.publisher.generated(message, request, _killer(deaths), seconds=0.0))
        else:
            self._have_done(self._adopted(message) or Job(self, message, request, alone=deaths == FATAL_DEATHS - 1))

    def _adopted(self, message: Consumed) -> Job | None:
        """Give the parked job of a message; an offset whose message is another now (a log cut short) has none."""
        job = self._parked.get(message.offset)
        if job is None or job.source != message:
            return None
        del self._parked[message.offset]
        job.lane = self
        return job

    def _have_done(self, job: Job) -> None:
        self._jobs[job.source.offset] = job
        self._held_bytes += job.source.size_bytes
        if job.result is not None:
            self._complete(job, job.result)
        elif job.is_begun:
            self._outbox.window.start(job.source.offset)
        else:
            self._sink.submit(job)

    # ---- out

    async def begin(self, job: Job) -> None:
        """Note that the engine gets a job now; one that may kill this worker only once the broker knows.

        While the broker takes nothing, nothing is begun: somebody else may have to do it again.
        """
        self._outbox.window.start(job.source.offset)
        if job.alone or self._outbox.window.cautious or self._outbox.is_behind:
            await self._outbox.recorded()
        job.is_begun = True

    def finish(self, job: Job, result: Result) -> None:
        """Take a job's result; it is published with the next transaction. A job no longer wanted is ignored."""
        if self._jobs.get(job.source.offset) is not job:
            return
        job.result = result
        if not self._is_closed:  # else it is parked with its result
            self._complete(job, result)

    async def settled(self) -> None:
        """Wait until what is finished is published: of a job that was alone, before the next begins and may kill us.

        Else that death were its third as well.
        """
        await self._outbox.recorded()

    def _complete(self, job: Job, result: Result) -> None:
        self._latest.done(job.request, job.source.offset)
        self._held_bytes -= job.source.size_bytes
        self._finish(result)

    def _finish(self, result: Result) -> None:
        if flood := self._flood.note(bad=result.bad):
            raise FloodStopped(f"{self.partition}: {flood}; look at `shelftalk dead-letters list` before a restart")
        self._outbox.add(result)
        self._finished_some.set()

    def _published(self, offsets: Iterable[int]) -> None:
        for offset in offsets:
            self._jobs.pop(offset, None)
        self._finished_some.set()


def _killer(deaths: int) -> Undeliverable:
    detail = f"{deaths} workers died while this request was under way, the last one with nothing else to do"
    return Undeliverable(ErrorClass.KILLS_ENGINE, detail, attempts=deaths)
