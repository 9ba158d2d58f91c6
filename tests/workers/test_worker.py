"""One worker from assignment to its end, with its source, broker and engine in memory."""

from __future__ import annotations

import asyncio
import gc
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from structlog.testing import capture_logs

from schemas import topics
from schemas.codec import Codec
from schemas.flood import FloodLimits
from schemas.registry import RegistryRefused
from schemas.request import GenerationRequest
from schemas.topics import Topic
from tests import factories
from tests.deadline import until
from tests.workers.test_lane import BULK_0, Bench
from workers import vitals
from workers import worker as module
from workers.blocking import Blocking
from workers.engines.engine import Engine, EngineDied, Prompt, Sampling
from workers.engines.fake import FakeEngine, FakeSettings
from workers.kafka import KafkaConfig
from workers.lane import FloodStopped
from workers.ledger import CommitFailed, FakeLedger, FakePartition, Membership
from workers.messages import Partition, Result
from workers.outcome import Cost, Outcome, Written
from workers.rules import Patience, Rules
from workers.schedule import Limits
from workers.source import Source, SourceListener
from workers.watched import EngineHung
from workers.window import Hole, Progress
from workers.worker import Parts, Worker, WorkerFailed

BULK_1 = Partition(topics.REQUESTS_BULK.name, 1)


class StubSource(Source):
    """A source without a client: the test says what comes and goes; what may block is told on a thread."""

    def __init__(self, topic: str, listener: SourceListener, blocking: Blocking) -> None:
        super().__init__(topic, KafkaConfig("nowhere", "group"), listener, blocking)
        self.is_started = self.is_stopped = False
        self.owned: list[Partition] = []
        self.resumed: list[Partition] = []
        self.is_open: Callable[[Partition], bool] = lambda _: True

    def start(self) -> None:
        self.is_started = True

    def stop(self) -> None:
        self._release(self.owned, lost=False)
        self.is_stopped = True

    def pause(self, partition: Partition) -> None:
        """Do nothing: there is nothing to read."""

    def resume(self, partition: Partition) -> None:
        self.resumed.append(partition)

    async def assign(self, partition: Partition = BULK_0) -> None:
        """Come back when the worker has signed for the partition."""
        self.membership = Membership(f"member of {partition}")
        self.owned.append(partition)
        self._listener.assigned([partition])
        await until(lambda: self.is_open(partition), timeout_seconds=5)

    async def revoke(self, *partitions: Partition) -> None:
        await asyncio.to_thread(self._release, list(partitions), lost=False)

    async def lose(self, *partitions: Partition) -> None:
        await asyncio.to_thread(self._release, list(partitions), lost=True)

    def _release(self, partitions: Sequence[Partition], *, lost: bool) -> None:
        self._listener.released(partitions, lost=lost)
        self.owned = [each for each in self.owned if each not in partitions]


class CountingCodec(Codec):
    """Counts how often it was asked to learn the schemas."""

    asked = 0

    def warm(self, *which: Topic) -> None:
        self.asked += 1
        super().warm(*which)


class Shop:
    """A worker with everything around it faked; each generation lasts until the test lets it go."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.codec = CountingCodec(self.bench.registry)
        self.brokers: defaultdict[Partition, FakePartition] = defaultdict(FakePartition)
        self.brokers[BULK_0] = self.bench.broker
        self.gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.raises: dict[str, Exception] = {}
        self.begun: list[str] = []
        self.finished: list[str] = []
        self.aborted: list[str] = []
        self.memberships: list[Membership | None] = []
        self.asked_of_engine: set[str] = set()
        self.engine = FakeEngine()

    def open(self, *, drain_seconds: float = 5.0, consecutive: int = 0, commit_interval_seconds: float = 0.01) -> None:
        """Start the worker."""
        rules = Rules(
            "me",
            limits=Limits(in_flight=3, interactive_reserve=0),
            patience=Patience(engine_seconds=5, drain_seconds=drain_seconds, stall_seconds=0.5),
            flood_limits=FloodLimits(consecutive=consecutive, ratio=0),
            commit_interval_seconds=commit_interval_seconds,
        )
        self.worker = Worker(self._parts(), rules)
        self.running = asyncio.create_task(self.worker.run())

    def owner_of(self, partition: Partition) -> str:
        """Name who has signed for a partition."""
        return Progress.decode(*self.brokers[partition].committed).owner

    def _parts(self) -> Parts:
        return Parts(
            engine=self.engine,
            generate=self._generate,
            codec=self.codec,
            publisher=self.bench.publisher,
            ledger_of=lambda partition: NotingLedger(self.brokers[partition], self.memberships),
            recall=lambda _partition, _below: [],
            published_beyond=lambda _partition, _progress: None,
            sources_for=self._sources,
        )

    def _sources(self, listener: SourceListener, blocking: Blocking) -> dict[str, StubSource]:
        self.listener = listener
        self.sources = {topic.name: StubSource(topic.name, listener, blocking) for topic in topics.REQUESTS}
        self.source = self.sources[topics.REQUESTS_BULK.name]
        self.source.is_open = lambda partition: self.owner_of(partition) == "me"
        return self.sources

    async def _generate(self, request: GenerationRequest, engine: Engine) -> Outcome:
        if request.request_id in self.asked_of_engine:
            self.begun.append(request.request_id)
            await engine.generate(Prompt("", request.request_id), Sampling(max_tokens=1))
        self.begun.append(request.request_id)
        try:
            await self.gates[request.request_id].wait()
        except asyncio.CancelledError:
            self.aborted.append(request.request_id)
            raise
        if request.request_id in self.raises:
            raise self.raises[request.request_id]
        self.finished.append(request.request_id)
        return Written(factories.description(request.subject), Cost())

    async def deliver(self, *offsets: int, partition: Partition = BULK_0) -> None:
        """Deliver the request Q3 at offset 3 and so on, and come back when the engine has them."""
        before = len(self.begun)
        requests = [factories.request(f"Q{offset}", subject=f"P{offset}") for offset in offsets]
        messages = [self.bench.message(*each) for each in zip(offsets, requests, strict=True)]
        self.listener.delivered([message._replace(partition=partition) for message in messages])
        await until(lambda: len(self.begun) == before + len(offsets), timeout_seconds=5)

    def deliver_garbage(self, *offsets: int) -> None:
        self.listener.delivered([self.bench.message(offset, b"\x01garbage") for offset in offsets])

    def let_go(self, *names: str) -> None:
        for name in names:
            self.gates[name].set()

    async def end(self) -> None:
        """Ask for an orderly end, and see it."""
        self.worker.stop()
        async with asyncio.timeout(5):
            await self.running


class NotingLedger(FakeLedger):
    """Keeps as whose member it published."""

    def __init__(self, partition: FakePartition, memberships: list[Membership | None]) -> None:
        super().__init__(partition)
        self._memberships = memberships

    def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
        self._memberships.append(membership)
        super().publish(results, progress, membership)


@pytest.fixture
async def shop(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(vitals, "end_process", print)  # a busy machine holds this event loop up for a second
    shop = Shop()
    yield shop
    shop.let_go(*shop.begun)
    shop.worker.stop()
    await asyncio.wait([shop.running])
    shop.bench.blocking.close()


async def test_what_is_delivered_is_published_as_a_member_of_the_group(shop: Shop) -> None:
    shop.open()
    await shop.source.assign()
    await shop.deliver(0, 1, 2)

    shop.let_go("Q0", "Q1", "Q2")
    await until(lambda: len(shop.bench.outcomes()) == 3)

    assert sorted(shop.bench.outcomes()) == [(0, "published"), (1, "published"), (2, "published")]
    assert set(shop.memberships) == {Membership("member of generation-requests-bulk/0")}


async def test_a_revoked_partition_is_given_up_only_after_its_last_publish_and_with_nothing_under_way(
    shop: Shop,
) -> None:
    shop.open(commit_interval_seconds=60)
    await shop.source.assign()
    await shop.deliver(0, 1)
    shop.let_go("Q1")
    await until(lambda: shop.finished == ["Q1"])

    await shop.source.revoke(BULK_0)

    assert (shop.bench.outcomes(), shop.aborted) == ([(1, "published")], ["Q0"])
    assert shop.bench.progress() == Progress(0, 2, (Hole(0),), owner="")


async def test_messages_of_a_partition_that_has_gone_are_ignored(shop: Shop) -> None:
    shop.open()
    await shop.source.assign()
    await shop.source.revoke(BULK_0)
    shop.deliver_garbage(0)

    await shop.end()

    assert shop.bench.outcomes() == []


async def test_work_of_a_lost_partition_that_comes_back_is_not_generated_again(shop: Shop) -> None:
    shop.open()
    await shop.source.assign()
    await shop.deliver(0, 1)

    await shop.source.lose(BULK_0)
    shop.let_go("Q0")
    await shop.source.assign()
    redelivered = [shop.bench.message(n, factories.request(f"Q{n}", subject=f"P{n}")) for n in range(2)]
    shop.listener.delivered(redelivered)
    shop.let_go("Q1")
    await until(lambda: len(shop.bench.outcomes()) == 2)

    assert sorted(shop.bench.outcomes()) == [(0, "published"), (1, "published")]
    assert (shop.begun, shop.aborted) == (["Q0", "Q1"], [])


async def test_a_generation_that_ends_after_its_partition_came_back_is_published(shop: Shop) -> None:
    shop.open()
    await shop.source.assign()
    await shop.deliver(0)
    await shop.source.lose(BULK_0)
    await shop.source.assign()
    shop.listener.delivered([shop.bench.message(0, factories.request("Q0", subject="P0"))])
    await shop.deliver(1)  # behind it: the new lane has taken both

    shop.let_go("Q0")

    await until(lambda: shop.bench.outcomes() == [(0, "published")])
    assert (shop.begun, shop.aborted) == (["Q0", "Q1"], [])


async def test_a_partition_that_went_while_it_was_paused_is_read_again_when_it_comes_back(shop: Shop) -> None:
    shop.open()
    await shop.source.assign()
    shop.source.resumed.clear()

    await shop.source.revoke(BULK_0)
    await shop.source.assign()

    assert shop.source.resumed == [BULK_0]


async def test_work_of_a_lost_partition_is_dropped_when_only_others_come_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PARKED_SECONDS", 0.01)
    shop.open()
    await shop.source.assign()
    await shop.deliver(0)
    await shop.source.lose(BULK_0)
    assert shop.aborted == []

    await shop.source.assign(BULK_1)

    await until(lambda: shop.aborted == ["Q0"])


async def test_work_of_a_lost_partition_that_came_back_in_time_is_not_dropped_later(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PARKED_SECONDS", 0.01)
    shop.open()
    await shop.source.assign()
    await shop.deliver(0)
    await shop.source.lose(BULK_0)

    shop.listener.assigned([BULK_1])
    shop.listener.assigned([BULK_0])
    await until(lambda: shop.owner_of(BULK_1) == "me")
    dropping_was_due = asyncio.Event()
    asyncio.get_running_loop().call_later(0.02, dropping_was_due.set)
    await dropping_was_due.wait()

    assert shop.aborted == []


async def test_work_of_a_partition_that_is_lost_twice_is_kept_as_after_one_loss(shop: Shop) -> None:
    shop.open()
    await shop.source.assign()
    await shop.deliver(0)
    for _ in range(2):
        await shop.source.lose(BULK_0)
        await shop.source.assign()

    shop.listener.delivered([shop.bench.message(0, factories.request("Q0", subject="P0"))])
    shop.let_go("Q0")
    await until(lambda: shop.bench.outcomes() == [(0, "published")])

    assert (shop.begun, shop.aborted) == (["Q0"], [])


async def test_a_worker_asked_to_stop_finishes_what_is_under_way_and_begins_nothing_more(shop: Shop) -> None:
    shop.open()
    await shop.source.assign()
    await shop.deliver(0, 1, 2)
    waiting = shop.bench.message(3, factories.request("Q3", subject="P3"))
    shop.listener.delivered([waiting])
    for _ in range(5):  # turns enough for it to reach the runners
        await asyncio.sleep(0)

    shop.worker.stop()
    await asyncio.sleep(0)
    shop.let_go("Q0", "Q1", "Q2", "Q3")
    await shop.running

    assert (sorted(shop.finished), shop.begun) == (["Q0", "Q1", "Q2"], ["Q0", "Q1", "Q2"])
    assert (len(shop.bench.outcomes()), shop.bench.progress()) == (3, Progress(3, 3))
    assert all(source.is_stopped for source in shop.sources.values())


async def test_a_worker_asked_to_stop_waits_no_longer_than_it_may_and_leaves_no_mark_of_a_death(shop: Shop) -> None:
    shop.open(drain_seconds=0.01)
    await shop.source.assign()
    await shop.deliver(0)

    await shop.end()

    assert shop.aborted == ["Q0"]
    assert shop.bench.progress() == Progress(0, 1, (Hole(0),), owner="")


async def test_a_flood_ends_the_worker_after_what_came_before_it_was_published(shop: Shop) -> None:
    shop.open(consecutive=3)
    await shop.source.assign()
    await shop.deliver(0)
    with capture_logs() as logs:
        shop.deliver_garbage(1, 2, 3, 4)
        await until(lambda: any(entry["event"] == "draining" for entry in logs))
    shop.let_go("Q0")

    with pytest.raises(FloodStopped):
        await shop.running

    assert sorted(shop.bench.outcomes()) == [(0, "published"), (1, "dead-lettered"), (2, "dead-lettered")]
    assert shop.bench.progress() == Progress(3, 3)


async def test_a_death_of_the_engine_leaves_its_mark_on_all_that_it_had(shop: Shop) -> None:
    shop.open()
    await shop.source.assign()
    await shop.deliver(0, 1, 2)
    shop.let_go("Q0")
    await until(lambda: bool(shop.bench.outcomes()))
    shop.raises["Q1"] = EngineDied("out of memory")
    shop.let_go("Q1")

    with pytest.raises(EngineDied):
        await shop.running

    holes = (Hole(1, under_way=True), Hole(2, under_way=True))
    assert (shop.bench.outcomes(), shop.bench.progress()) == ([(0, "published")], Progress(1, 3, holes, "me"))


async def test_what_ran_alone_is_published_before_anything_begins_that_might_kill_the_worker_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspect = Hole(0, deaths=1, under_way=True)
    shop.bench.broker.committed = (0, Progress(0, 1, (suspect,), owner="dead").encode())
    refused: list[Progress] = []

    def refuse(_: NotingLedger, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
        refused.append(progress)
        raise CommitFailed("away")

    shop.open()
    await shop.source.assign()
    await shop.source.assign(BULK_1)
    await shop.deliver(0)
    shop.listener.delivered([shop.bench.message(1, factories.request("Q1", subject="P1"))._replace(partition=BULK_1)])
    with monkeypatch.context() as away:
        away.setattr(NotingLedger, "publish", refuse)
        shop.let_go("Q0")
        await until(lambda: sum(not progress.holes for progress in refused) > 2)
        assert shop.begun == ["Q0"]
    await until(lambda: len(shop.begun) == 2)

    assert shop.bench.outcomes() == [(0, "published")]


async def test_a_worker_whose_consumer_failed_ends_and_waits_for_nothing(shop: Shop) -> None:
    shop.open(drain_seconds=60)
    await shop.source.assign()
    await shop.deliver(0)
    await asyncio.to_thread(shop.listener.failed, RuntimeError("beyond repair"))

    with pytest.raises(WorkerFailed, match="beyond repair"):
        await asyncio.wait_for(shop.running, 5)

    assert shop.aborted == ["Q0"]


async def test_nothing_is_read_before_the_schemas_are_known(shop: Shop) -> None:
    shop.bench.registry.away = True
    shop.open()
    await until(lambda: shop.codec.asked > 3)
    assert not shop.source.is_started

    shop.bench.registry.away = False

    await until(lambda: shop.source.is_started)


async def test_a_worker_that_is_stopped_while_it_waits_for_the_schemas_does_not_join_the_group(shop: Shop) -> None:
    shop.bench.registry.away = True
    shop.open()

    await shop.end()

    assert not shop.source.is_started


async def test_a_worker_that_the_registry_refuses_does_not_join_the_group(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RegistryRefused("who are you?")

    monkeypatch.setattr(shop.codec, "warm", refuse)
    shop.open()

    with pytest.raises(RegistryRefused):
        await shop.running

    assert not shop.source.is_started


async def test_an_engine_that_hangs_ends_the_worker_and_what_it_had_counts_a_death(shop: Shop) -> None:
    shop.engine = FakeEngine(FakeSettings(hang_marker="Q1"))
    shop.asked_of_engine = {"Q1"}
    shop.open()
    await shop.source.assign()
    await shop.deliver(0, 1)
    shop.let_go("Q0")

    with pytest.raises(EngineHung):
        await asyncio.wait_for(shop.running, 20)

    assert shop.bench.outcomes() == [(0, "published")]
    assert shop.bench.progress() == Progress(1, 2, (Hole(1, under_way=True),), owner="me")


async def test_a_worker_that_is_asked_to_end_waits_for_a_hung_engine_no_longer_than_for_another(shop: Shop) -> None:
    shop.engine = FakeEngine(FakeSettings(hang_marker="Q1"))
    shop.asked_of_engine = {"Q1"}
    shop.open(drain_seconds=0.1)
    await shop.source.assign()
    await shop.deliver(1)

    await shop.end()

    assert shop.bench.progress() == Progress(1, 2, (Hole(1),), owner="")


async def test_what_a_worker_has_in_hand_is_seen_in_its_numbers_and_what_it_published_is_counted(shop: Shop) -> None:
    shop.open()
    await shop.source.assign()
    await shop.deliver(0, 1)
    shop.let_go("Q0")
    await until(lambda: len(shop.bench.outcomes()) == 1)
    await until(lambda: "shelftalk_worker_in_flight 1\n" in shop.worker.vitals.page())
    page = shop.worker.vitals.page()
    assert 'shelftalk_worker_outcomes_total{tier="bulk",task="product-description",outcome="published"} 1.0' in page
    assert 'shelftalk_worker_partitions_moved_total{how="assigned"} 1.0' in page
    assert 'shelftalk_worker_partitions{tier="bulk"} 1\n' in page
