"""What is finished is published once, however the broker takes it, and nothing is said that the broker lacks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Literal

import pytest
from confluent_kafka import KafkaError, KafkaException

from schemas.access import AccessRefused
from schemas.registry import RegistryUnavailable
from tests.deadline import until
from workers import blocking as blocking_module
from workers import outbox as module
from workers.blocking import Blocking
from workers.ledger import CommitFailed, FakeLedger, FakePartition, Membership
from workers.messages import Partition, Produced, Result
from workers.outbox import BrokerStuck, Outbox, OutboxClosed, Publishing
from workers.window import Hole, Progress

PARTITION = Partition("requests", 0)
MakeOutbox = Callable[[FakeLedger], Outbox]


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


class RefusingLedger(FakeLedger):
    """Opens, yet takes nothing while `refuses`; each refusal takes as long as the test says, by its clock."""

    def __init__(self, partition: FakePartition, clock: Clock, *, takes_seconds: float = 10.0) -> None:
        super().__init__(partition)
        self.refuses = True
        self.refusals = 0
        self._clock, self._takes_seconds = clock, takes_seconds

    def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
        if self.refuses:
            self.refusals += 1
            self._clock.now += self._takes_seconds
            raise CommitFailed("refused")
        super().publish(results, progress, membership)


class StuckLedger(FakeLedger):
    """Its first publish with results does not return before the next `open`; it may take effect then, or never."""

    def __init__(self, partition: FakePartition, effect: Literal["late", "never"]) -> None:
        super().__init__(partition)
        self._effect = effect
        self._is_stuck = False
        self._opened_again, self._returned = threading.Event(), threading.Event()
        self.opened = 0

    def open(self) -> Progress:
        self.opened += 1
        if self._is_stuck and not self._opened_again.is_set():
            self._opened_again.set()
            self._returned.wait(5)
        return super().open()

    def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
        if results and not self._is_stuck:
            self._is_stuck = True
            self._opened_again.wait(5)
            if self._effect == "late":
                super().publish(results, progress, membership)
            self._returned.set()
            return
        super().publish(results, progress, membership)


class WaitingLedger(FakeLedger):
    """Keeps what it is given beyond the signature, and takes it only once the test says so."""

    def __init__(self, partition: FakePartition) -> None:
        super().__init__(partition)
        self.arrived, self.goes_on = threading.Event(), threading.Event()
        self.carried: list[Progress] = []

    def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
        if results or progress.holes:
            self.carried.append(progress)
            self.arrived.set()
            self.goes_on.wait(5)
        super().publish(results, progress, membership)


def result(offset: int) -> Result:
    return Result(offset, (Produced("texts", b"key", str(offset).encode()),))


def take(outbox: Outbox, *offsets: int) -> None:
    """Admit and begin the messages at these offsets."""
    for offset in offsets:
        outbox.window.admit(offset)
        outbox.window.start(offset)


def texts(broker: FakePartition) -> list[int]:
    return [int(message.value or b"") for message in broker.published]


@pytest.fixture
def broker() -> FakePartition:
    return FakePartition()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic))
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(module, "_FENCED_SECONDS", 0.001)
    monkeypatch.setattr(module, "_PUBLISH_SECONDS", 0.05)
    return clock


@pytest.fixture
def blocking() -> Iterator[Blocking]:
    blocking = Blocking(threads=4)
    yield blocking
    blocking.close()


@pytest.fixture
def outbox_on(clock: Clock, blocking: Blocking) -> MakeOutbox:
    publishing = Publishing(lambda _: None, blocking, "me", commit_interval_seconds=0.001, stuck_seconds=60)
    return lambda ledger: Outbox(PARTITION, ledger, publishing)


async def stopped(run: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    run.cancel()
    await asyncio.wait([run])


async def test_a_partition_is_signed_as_ours_before_anything_is_taken_in(
    broker: FakePartition, outbox_on: MakeOutbox
) -> None:
    await outbox_on(FakeLedger(broker)).open()

    assert Progress.decode(*broker.committed).owner == "me"


async def test_a_broker_that_opens_and_takes_nothing_is_given_up_after_a_while(
    broker: FakePartition, clock: Clock, outbox_on: MakeOutbox
) -> None:
    ledger = RefusingLedger(broker, clock)

    with pytest.raises(BrokerStuck, match="requests/0: nothing taken for 70 s: refused"):
        await outbox_on(ledger).open()

    assert ledger.refusals == 8  # the first begins the 60 s


async def test_a_partition_that_we_may_not_open_is_given_up_at_once(
    broker: FakePartition, outbox_on: MakeOutbox, clock: Clock
) -> None:
    class DeniedLedger(FakeLedger):
        def open(self) -> Progress:
            raise KafkaException(KafkaError(KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED))

    with pytest.raises(AccessRefused, match="shelftalk secure"):
        await outbox_on(DeniedLedger(broker)).open()
    assert clock.now == 0.0


async def test_a_transaction_that_we_may_not_write_is_not_tried_again(
    broker: FakePartition, outbox_on: MakeOutbox
) -> None:
    class DeniedLedger(FakeLedger):
        attempts = 0

        def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
            self.attempts += 1
            raise CommitFailed("denied", refused=AccessRefused("not this topic"))

    ledger = DeniedLedger(broker)
    with pytest.raises(AccessRefused, match="not this topic"):
        await outbox_on(ledger).open()
    assert ledger.attempts == 1


async def test_a_broker_that_stops_taking_results_is_given_up_after_a_while(
    broker: FakePartition, clock: Clock, outbox_on: MakeOutbox
) -> None:
    ledger = RefusingLedger(broker, clock)
    ledger.refuses = False
    outbox = outbox_on(ledger)
    await outbox.open()
    take(outbox, 0)
    outbox.add(result(0))
    ledger.refuses = True

    with pytest.raises(BrokerStuck):
        await outbox.run()

    assert (outbox.waiting, texts(broker)) == (1, [])


async def test_a_broker_that_cannot_even_be_opened_is_given_up_after_a_while(
    broker: FakePartition, clock: Clock, outbox_on: MakeOutbox
) -> None:
    class AwayLedger(FakeLedger):
        def open(self) -> Progress:
            clock.now += 10
            raise KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN))

    with pytest.raises(BrokerStuck):
        await outbox_on(AwayLedger(broker)).open()

    assert clock.now == 80


async def test_an_opening_that_never_returns_is_left_to_itself_and_tried_again(
    broker: FakePartition, outbox_on: MakeOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_OPEN_SECONDS", 0.05)
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.001)
    ended = threading.Event()

    class HangingLedger(FakeLedger):
        opened = 0

        def open(self) -> Progress:
            self.opened += 1
            if self.opened == 1:
                ended.wait(5)
            return super().open()

    ledger = HangingLedger(broker)
    await asyncio.wait_for(outbox_on(ledger).open(), 5)
    ended.set()

    assert (ledger.opened, Progress.decode(*broker.committed).owner) == (2, "me")


async def test_a_broker_that_forgot_what_was_published_is_waited_for_and_never_believed(
    broker: FakePartition, clock: Clock, blocking: Blocking
) -> None:
    def beyond(_: Partition, progress: Progress) -> int | None:
        clock.now += 10
        return 7

    forgetful = Publishing(lambda _: None, blocking, "me", published_beyond=beyond, stuck_seconds=60)

    with pytest.raises(BrokerStuck, match="offset 7 is published, and unfinished by the group's offset 0"):
        await Outbox(PARTITION, FakeLedger(broker), forgetful).open()

    assert broker.committed == (0, "")


async def test_a_broker_that_remembers_after_a_while_is_believed(
    broker: FakePartition, clock: Clock, blocking: Blocking
) -> None:
    answers = iter((7, None))
    patient = Publishing(lambda _: None, blocking, "me", published_beyond=lambda *_: next(answers))

    await Outbox(PARTITION, FakeLedger(broker), patient).open()

    assert Progress.decode(*broker.committed).owner == "me"


async def test_a_last_transaction_speaks_for_the_time_in_which_the_partition_was_given_up(
    broker: FakePartition, clock: Clock, blocking: Blocking
) -> None:
    said: list[Membership | None] = []

    class NotingLedger(FakeLedger):
        def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
            said.append(membership)
            super().publish(results, progress, membership)

    members = {"now": Membership("before")}
    outbox = Outbox(PARTITION, NotingLedger(broker), Publishing(lambda _: members["now"], blocking, "me"))
    await outbox.open()
    outbox.give_up()
    members["now"] = Membership("after")

    await outbox.close(in_order=True)

    assert said == [Membership("before"), Membership("before")]


async def test_a_broker_that_takes_something_in_between_has_the_whole_patience_again(
    broker: FakePartition, clock: Clock, outbox_on: MakeOutbox
) -> None:
    ledger = RefusingLedger(broker, clock, takes_seconds=0)
    ledger.refuses = False
    outbox = outbox_on(ledger)
    await outbox.open()
    run = asyncio.create_task(outbox.run())
    for offset in range(3):
        ledger.refuses, ledger.refusals = True, 0
        take(outbox, offset)
        outbox.add(result(offset))
        await until(lambda: ledger.refusals > 0)
        clock.now += 50
        ledger.refuses = False
        await until(lambda: not outbox.waiting)

    assert (run.done(), texts(broker)) == (False, [0, 1, 2])
    await stopped(run)


@pytest.mark.parametrize("effect", ["late", "never"])
async def test_after_a_publish_that_does_not_return_the_partition_is_opened_again_and_each_result_comes_once(
    broker: FakePartition, outbox_on: MakeOutbox, effect: Literal["late", "never"]
) -> None:
    ledger = StuckLedger(broker, effect)
    outbox = outbox_on(ledger)
    await outbox.open()
    take(outbox, 0, 1, 2)
    outbox.add(result(1))
    run = asyncio.create_task(outbox.run())
    await until(lambda: ledger.opened == 2)
    outbox.add(result(0))

    await until(lambda: not outbox.waiting)

    assert (sorted(texts(broker)), ledger.opened) == ([0, 1], 2)
    assert Progress.decode(*broker.committed) == Progress(2, 3, (Hole(2, under_way=True),), "me")
    await stopped(run)


async def test_results_are_behind_when_they_wait_for_much_longer_than_a_commit_takes(
    broker: FakePartition, clock: Clock, outbox_on: MakeOutbox
) -> None:
    outbox = outbox_on(FakeLedger(broker))
    await outbox.open()
    clock.now += 100
    assert not outbox.is_behind  # nothing waits

    take(outbox, 0, 1)
    outbox.add(result(0))
    clock.now += 0.9
    assert not outbox.is_behind

    outbox.add(result(1))  # the oldest counts
    clock.now += 0.2
    assert outbox.is_behind


async def test_with_a_long_commit_interval_results_wait_longer_before_they_are_behind(
    broker: FakePartition, clock: Clock, blocking: Blocking
) -> None:
    outbox = Outbox(
        PARTITION, FakeLedger(broker), Publishing(lambda _: None, blocking, "me", commit_interval_seconds=5)
    )
    await outbox.open()
    take(outbox, 0)
    outbox.add(result(0))
    clock.now += 49
    assert not outbox.is_behind
    clock.now += 2
    assert outbox.is_behind


async def test_the_bytes_that_wait_are_those_of_unpublished_results(
    broker: FakePartition, clock: Clock, outbox_on: MakeOutbox
) -> None:
    outbox = outbox_on(FakeLedger(broker))
    await outbox.open()
    take(outbox, 0, 1)
    outbox.add(result(0))
    outbox.add(Result(1, (Produced("texts", b"key", b"12345"), Produced("texts", b"key", None))))
    assert outbox.waiting_bytes == 6

    run = asyncio.create_task(outbox.run())
    await until(lambda: not outbox.waiting)

    assert outbox.waiting_bytes == 0
    await stopped(run)


async def test_results_are_no_longer_behind_once_they_are_published(
    broker: FakePartition, clock: Clock, outbox_on: MakeOutbox
) -> None:
    outbox = outbox_on(FakeLedger(broker))
    await outbox.open()
    take(outbox, 0)
    outbox.add(result(0))
    clock.now += 100

    run = asyncio.create_task(outbox.run())
    await until(lambda: not outbox.waiting)

    assert not outbox.is_behind
    await stopped(run)


@pytest.mark.parametrize("in_order", [True, False])
async def test_an_outbox_closed_before_it_was_opened_says_nothing_and_lets_go(
    broker: FakePartition,
    outbox_on: MakeOutbox,
    in_order: bool,  # noqa: FBT001
) -> None:
    class LeavingLedger(FakeLedger):
        calls: tuple[str, ...] = ()

        def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
            self.calls += ("publish",)

        def close(self) -> None:
            self.calls += ("close",)

    ledger = LeavingLedger(broker)

    await outbox_on(ledger).close(in_order=in_order)

    assert ledger.calls == ("close",)


async def test_an_outbox_closed_while_it_opens_stops_waiting_for_the_broker(
    broker: FakePartition, clock: Clock, outbox_on: MakeOutbox
) -> None:
    class AwayLedger(FakeLedger):
        tried = 0

        def open(self) -> Progress:
            self.tried += 1
            raise KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN))

    ledger = AwayLedger(broker)
    outbox = outbox_on(ledger)
    opening = asyncio.create_task(outbox.open())
    await until(lambda: ledger.tried > 1)

    await outbox.close(in_order=True)

    with pytest.raises(OutboxClosed):
        await opening


async def test_an_outbox_closed_while_an_opening_hangs_does_not_hang(
    broker: FakePartition, outbox_on: MakeOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class HangingLedger(FakeLedger):
        asked, goes_on = threading.Event(), threading.Event()

        def open(self) -> Progress:
            self.asked.set()
            self.goes_on.wait(10)
            return super().open()

    monkeypatch.setattr(blocking_module, "_HURRY_SECONDS", 0.01)
    ledger = HangingLedger(broker)
    outbox = outbox_on(ledger)
    opening = asyncio.create_task(outbox.open())
    await until(ledger.asked.is_set)

    await asyncio.wait_for(outbox.close(in_order=True), 5)
    with pytest.raises(OutboxClosed):
        await opening
    ledger.goes_on.set()


async def test_what_a_publish_may_have_published_that_did_not_return_is_not_published_at_the_close(
    broker: FakePartition, outbox_on: MakeOutbox
) -> None:
    class LateLedger(FakeLedger):
        asked, goes_on = threading.Event(), threading.Event()

        def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
            super().publish(results, progress, membership)
            if results:
                self.asked.set()
                self.goes_on.wait(10)

    ledger = LateLedger(broker)
    outbox = outbox_on(ledger)
    await outbox.open()
    take(outbox, 0)
    outbox.add(result(0))
    run = asyncio.create_task(outbox.run())
    await until(ledger.asked.is_set)
    run.cancel()
    await outbox.close(in_order=True)
    ledger.goes_on.set()

    assert texts(broker) == [0]


async def test_an_outbox_waits_for_a_registry_that_is_away_and_blames_no_broker(
    broker: FakePartition, clock: Clock, outbox_on: MakeOutbox
) -> None:
    outbox = outbox_on(FakeLedger(broker))
    tried: list[float] = []

    def ask() -> str:
        tried.append(clock.now)
        clock.now += 100
        if len(tried) < 3:
            raise RegistryUnavailable("away")
        return "there"

    assert await outbox.patiently("recall", ask) == "there"


async def test_an_outbox_closed_while_a_publish_is_under_way_waits_for_it_and_publishes_the_rest(
    broker: FakePartition, outbox_on: MakeOutbox
) -> None:
    ledger = WaitingLedger(broker)
    outbox = outbox_on(ledger)
    await outbox.open()
    take(outbox, 0, 1)
    outbox.add(result(0))
    run = asyncio.create_task(outbox.run())
    await until(ledger.arrived.is_set)
    outbox.add(result(1))
    run.cancel()
    closing = asyncio.create_task(outbox.close(in_order=True))
    ledger.goes_on.set()
    await closing

    assert (texts(broker), Progress.decode(*broker.committed)) == ([0, 1], Progress(2, 2))


async def test_a_recording_is_done_only_when_the_broker_has_it_and_not_by_a_publish_that_failed(
    broker: FakePartition, clock: Clock, outbox_on: MakeOutbox
) -> None:
    ledger = RefusingLedger(broker, clock, takes_seconds=0)
    ledger.refuses = False
    outbox = outbox_on(ledger)
    await outbox.open()
    run = asyncio.create_task(outbox.run())
    ledger.refuses = True
    take(outbox, 0)
    recording = asyncio.create_task(outbox.recorded())
    await until(lambda: ledger.refusals > 2)
    assert not recording.done()

    ledger.refuses = False
    await recording

    assert Progress.decode(*broker.committed).holes == (Hole(0, under_way=True),)
    await stopped(run)


async def test_a_recording_asked_for_during_a_publish_waits_for_the_next_one(
    broker: FakePartition, outbox_on: MakeOutbox
) -> None:
    ledger = WaitingLedger(broker)
    outbox = outbox_on(ledger)
    await outbox.open()
    take(outbox, 0)
    run = asyncio.create_task(outbox.run())
    await until(ledger.arrived.is_set)
    take(outbox, 1)
    recording = asyncio.create_task(outbox.recorded())
    await asyncio.sleep(0)
    ledger.goes_on.set()
    await recording

    assert [len(progress.holes) for progress in ledger.carried] == [1, 2]
    await stopped(run)


async def test_an_abandoned_recording_is_in_nobodys_way(broker: FakePartition, outbox_on: MakeOutbox) -> None:
    outbox = outbox_on(FakeLedger(broker))
    await outbox.open()
    take(outbox, 0)
    unwanted, wanted = (asyncio.create_task(outbox.recorded()) for _ in range(2))
    await asyncio.sleep(0)
    unwanted.cancel()

    run = asyncio.create_task(outbox.run())
    await asyncio.wait_for(wanted, 5)

    assert unwanted.cancelled()
    await stopped(run)


async def test_a_recording_with_nothing_to_publish_is_done_all_the_same(
    broker: FakePartition, outbox_on: MakeOutbox
) -> None:
    outbox = outbox_on(FakeLedger(broker))
    await outbox.open()
    run = asyncio.create_task(outbox.run())

    await asyncio.wait_for(outbox.recorded(), 5)

    await stopped(run)


async def test_nobody_waits_for_a_recording_in_a_partition_that_was_given_up(
    broker: FakePartition, outbox_on: MakeOutbox
) -> None:
    outbox = outbox_on(FakeLedger(broker))
    await outbox.open()
    before = asyncio.create_task(outbox.recorded())
    await asyncio.sleep(0)
    assert not before.done()

    outbox.give_up()

    await asyncio.wait_for(before, 5)
    await asyncio.wait_for(outbox.recorded(), 5)
    assert broker.published == []


async def test_what_another_owner_has_published_meanwhile_is_not_published_again(
    broker: FakePartition, outbox_on: MakeOutbox
) -> None:
    outbox = outbox_on(FakeLedger(broker))
    await outbox.open()
    take(outbox, 0, 1)
    outbox.add(result(0))
    outbox.add(result(1))
    other = FakeLedger(broker)
    other.open()
    other.publish([result(0)], Progress(1, 2, (Hole(1),), "other"), None)

    run = asyncio.create_task(outbox.run())
    await until(lambda: not outbox.waiting)

    assert texts(broker) == [0, 1]
    await stopped(run)
