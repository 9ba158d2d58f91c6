"""One worker: requests in, checked copy out, exactly once for a read_committed reader."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from schemas.access import AccessRefused
from schemas.codec import Codec
from schemas.registry import RegistryError, RegistryRefused
from schemas.telemetry.trace import Write
from workers.authors import UNRELEASED, Authors, Generate, Releasing
from workers.blocking import Blocking
from workers.edge import Edge
from workers.engines.engine import Engine, EngineDied
from workers.job import Job
from workers.lane import FloodStopped, Lane
from workers.latest import Served
from workers.ledger import Ledger
from workers.messages import Consumed, Partition
from workers.metrics import LaneStanding, WorkerMeter
from workers.outbox import Publishing
from workers.publish import Publisher
from workers.rules import Patience, Rules
from workers.runners import Runners
from workers.serve import Server
from workers.source import Source, SourceListener
from workers.tracing import serving
from workers.vitals import Bounds, Organs, Vitals
from workers.watched import EngineHung
from workers.window import Progress

log = structlog.get_logger()

_RETRY_SECONDS = 0.5
_RELEASE_SECONDS = 10.0
"""The group waits for whoever hands partitions over: for a call that hangs (3 s), a publish (6 s), and no longer."""

_PARKED_SECONDS = 30.0
"""How long the work of a lost partition is kept after the group has given out its partitions anew."""


class WorkerFailed(Exception):
    """The worker cannot go on in this process; a fresh one may."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker is made of; tests put fakes here."""

    engine: Engine
    generate: Generate
    codec: Codec
    publisher: Publisher
    ledger_of: Callable[[Partition], Ledger]
    recall: Callable[[Partition, int], list[Served]]
    published_beyond: Callable[[Partition, Progress], int | None]
    sources_for: Callable[[SourceListener, Blocking], Mapping[str, Source]]
    """By topic."""
    write_span: Write | None = None
    """Where spans of traces go, None for nowhere."""
    releasing: Releasing = UNRELEASED


class Worker:
    """Runs lanes for the partitions it owns and starts their jobs as the schedule allows."""

    def __init__(self, parts: Parts, rules: Rules) -> None:
        self._parts = parts
        self._patience = rules.patience
        self._meter = WorkerMeter()
        self._authors = Authors(parts.engine, parts.generate, parts.releasing, self._meter, self._fail)
        self._server = Server(self._authors.generate, parts.publisher, patience_seconds=rules.patience.engine_seconds)
        self._runners = Runners(rules.limits, serve=self._serve, failed=self._fail)
        self._lanes: dict[Partition, Lane] = {}
        self._parked: dict[Partition, list[Job]] = {}
        self._stopping = asyncio.Event()
        self._failure: BaseException | None = None
        self._loop = asyncio.get_running_loop()
        self._blocking = Blocking()
        self._sources = parts.sources_for(self, self._blocking)
        self._edge = self._edge_of(parts, rules)
        self.vitals = self._vitals_of(rules.patience)

    def _edge_of(self, parts: Parts, rules: Rules) -> Edge:
        publishing = Publishing(
            membership=lambda partition: self._sources[partition.topic].membership,
            blocking=self._blocking,
            owner=rules.owner,
            published_beyond=parts.published_beyond,
            commit_interval_seconds=rules.commit_interval_seconds,
            stuck_seconds=rules.patience.broker_seconds,
            meter=self._meter,
            write_span=parts.write_span,
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

    def _vitals_of(self, patience: Patience) -> Vitals:
        organs = Organs(
            self._authors.revisions, self._runners, self._meter, self._lane_standings, self._stopping.is_set
        )
        bounds = Bounds(patience.stall_seconds, patience.late_seconds, patience.broker_seconds)
        return Vitals(organs, bounds, hung=self._engine_hung)

    def _lane_standings(self) -> tuple[LaneStanding, ...]:
        ends = {place: end for source in self._sources.values() for place, end in source.ends.items()}
        return tuple(lane.standing(ends.get(place)) for place, lane in self._lanes.items())

    def _engine_hung(self, what: str) -> None:
        """Give up an engine that does nothing for its prompts; told by the watchdog's thread."""
        self._loop.call_soon_threadsafe(self._fail, EngineHung(what))

    async def run(self) -> None:
        """Work until `stop`, then finish what is in flight, publish it and leave the group.

        Raises WorkerFailed when this process cannot go on; what was published stays, what was not is done elsewhere.
        """
        async with self._authors:
            await asyncio.gather(self._know_schemas(), self._unless_stopped(self._authors.know_releases()))
            if not self._stopping.is_set():  # else joining the group would only take partitions from others
                await self._work()
            await self._blocking.run("stop following", self._authors.unfollow)
            self._blocking.close()
            self._runners.cancel()
        if self._failure is not None:
            raise self._failure

    async def _work(self) -> None:
        """Be a member of the group until `stop`."""
        gc.freeze()  # an engine's millions of objects live as long as we: looking through them again takes 0.1 s
        gc.enable()
        gc.set_threshold(20_000, 10, 50)  # and what judging keeps need not be looked through for every text
        log.info("worker ready", model=self._authors.main.model.name)
        self.vitals.start()
        self._runners.start()
        for source in self._sources.values():
            source.start()
        await self._stopping.wait()
        await self._drain()
        leaving = [self._blocking.run("leave the group", source.stop) for source in self._sources.values()]
        await asyncio.gather(*leaving)
        self.vitals.stop()

    def stop(self) -> None:
        """Ask for an orderly end; may be called more than once."""
        self._stopping.set()

    # ---- jobs

    def submit(self, job: Job) -> None:
        """Take a job from a lane to be generated in its turn."""
        self._runners.submit(job)

    def abort(self, job: Job) -> None:
        """Drop a job, inside the engine too."""
        self._runners.abort(job)

    async def _serve(self, job: Job) -> None:
        """Bring one job to its end.

        One that is alone holds all partitions up, also while it waits for the broker: a mark that is on record before
        its turn would blame it for another's death, and work begun beside it may be what kills. The broker's patience
        bounds that.
        """
        if self.vitals.suspects_engine(alone=job.alone):
            await self.vitals.engine_moves(alone=job.alone)
        await job.lane.begin(job)
        with self._authors.at_work(alone=job.alone), serving(job.source, self._parts.write_span):
            result = await self._server.serve(job.source, job.request)
        job.lane.finish(job, result)  # looked up now: its partition may have gone and come back meanwhile
        if job.alone:
            await job.lane.settled()
        else:
            self._authors.served(job.request)

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
        failure = error if isinstance(error, AccessRefused) else WorkerFailed(f"the consumer failed: {error}")
        self._loop.call_soon_threadsafe(self._fail, failure)

    def _open_lanes(self, partitions: Sequence[Partition]) -> None:
        self._meter.moved("assigned", len(partitions))
        for partition in partitions:
            parked = self._parked.pop(partition, [])
            lane = Lane(partition, self._parts.ledger_of(partition), self._edge, self, parked)
            lane.watch(self._fail)
            self._lanes[partition] = lane
            self._edge.resume(partition)  # librdkafka remembers that an earlier lane of it had paused it
        for jobs in self._parked.values():
            self._loop.call_later(_PARKED_SECONDS, self._abandon, jobs)

    async def _close_lanes(self, partitions: Sequence[Partition]) -> None:
        self._meter.moved("revoked", len(partitions))
        in_order = not (isinstance(self._failure, EngineDied) or self.vitals.suspects_engine())
        lanes = [self._lanes.pop(partition) for partition in partitions if partition in self._lanes]
        await asyncio.gather(*(lane.close(in_order=in_order) for lane in lanes))

    def _park_lanes(self, partitions: Sequence[Partition]) -> None:
        self._meter.moved("lost", len(partitions))
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
            except RegistryRefused as error:
                self._fail(error)
            except RegistryError as error:  # not provisioned yet is as temporary as away
                log.warning("waiting for the schemas: the registry is away, or `shelftalk provision` has not run")
                log.debug("the registry says", error=str(error))
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    async def _unless_stopped(self, beginning: Awaitable[None]) -> None:
        """Wait for something, or until an end is asked for; raises what it raises."""
        waiting = asyncio.ensure_future(beginning)
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait([waiting, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not waiting.done():
            waiting.cancel()
            return
        waiting.result()

    async def _drain(self) -> None:
        """Let what is in flight finish, for a while; with an engine or a broker beyond hope it cannot."""
        for parked in list(self._parked.values()):
            self._abandon(parked)
        hopeless = self._failure is not None and not isinstance(self._failure, FloodStopped)
        log.info("draining", in_flight=self._runners.running)
        await self._runners.drain(0.0 if hopeless else self._patience.drain_seconds)

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            log.error("the worker ends", error=str(error))
            self._failure = error
        self._stopping.set()
