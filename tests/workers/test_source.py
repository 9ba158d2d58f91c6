"""The reading thread does what it is told, tells what happens in order, and ends the worker when it cannot go on."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence

import pytest
from confluent_kafka import KafkaError, Message, TopicPartition

from tests.deadline import until
from workers import source as module
from workers.blocking import Blocking
from workers.kafka import KafkaConfig
from workers.messages import Consumed, Partition
from workers.source import Source, headers_of

TOPIC = "requests"
Rebalanced = Callable[["StubConsumer", list[TopicPartition]], None]


class StubConsumer:
    """A client that polls what the test gives it; it writes down what it is told in the listener's journal."""

    def __init__(self, journal: list[str]) -> None:
        self.events: queue.SimpleQueue[Callable[[], Message | None]] = queue.SimpleQueue()
        self.fetched: list[Message] = []
        self.member = "member"
        self._journal = journal
        self._assigned: list[TopicPartition] = []

    def subscribe(self, topics: list[str], on_assign: Rebalanced, on_revoke: Rebalanced, on_lost: Rebalanced) -> None:
        self._on_assign, self._on_revoke, self._on_lost = on_assign, on_revoke, on_lost

    def consume(self, count: int, timeout: float) -> list[Message]:
        try:
            first = self.events.get(timeout=timeout)()
        except queue.Empty:
            return []
        if first is None:
            return []
        fetched, self.fetched = self.fetched, []
        return [first, *fetched]

    def assign(self, *numbers: int) -> None:
        self.events.put(lambda: self._on_assign(self, _places(numbers)))

    def revoke(self, *numbers: int) -> None:
        self.events.put(lambda: self._on_revoke(self, _places(numbers)))

    def lose(self, *numbers: int) -> None:
        self.events.put(lambda: self._on_lost(self, _places(numbers)))

    def message(self, message: Message) -> None:
        self.events.put(lambda: message)

    def get_watermark_offsets(self, place: TopicPartition, *, cached: bool) -> tuple[int, int]:
        return 0, 1_000 + place.partition

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        self._assigned += partitions
        self._note("assign", partitions)

    def incremental_unassign(self, partitions: list[TopicPartition]) -> None:
        self._assigned = [each for each in self._assigned if each not in partitions]
        self._note("unassign", partitions)

    def pause(self, partitions: list[TopicPartition]) -> None:
        self._note("pause", partitions)

    def resume(self, partitions: list[TopicPartition]) -> None:
        self._note("resume", partitions)

    def assignment(self) -> list[TopicPartition]:
        return self._assigned

    def consumer_group_metadata(self) -> object:
        return f"{self.member} with {len(self._assigned)}"

    def memberid(self) -> str:
        return self.member

    def close(self) -> None:
        if self._assigned:  # as librdkafka does
            self._on_revoke(self, list(self._assigned))
        self._journal.append("close")

    def _note(self, what: str, partitions: list[TopicPartition]) -> None:
        self._journal.append(" ".join([what, *(str(each.partition) for each in partitions)]))


class Listener:
    """Writes down what the source tells."""

    def __init__(self) -> None:
        self.journal: list[str] = []
        self.messages: list[Consumed] = []
        self.failures: list[Exception] = []

    def assigned(self, partitions: Sequence[Partition]) -> None:
        self.journal.append(f"assigned {', '.join(map(str, partitions))}")

    def released(self, partitions: Sequence[Partition], *, lost: bool) -> None:
        self.journal.append(f"{'lost' if lost else 'revoked'} {', '.join(map(str, partitions))}")

    def delivered(self, messages: Sequence[Consumed]) -> None:
        self.messages += messages

    def failed(self, error: Exception) -> None:
        self.failures.append(error)


class Reading:
    """A source on a stub client, running."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.listener = Listener()
        self.journal = self.listener.journal
        self.consumer = StubConsumer(self.journal)
        self.blocking = Blocking(threads=1)
        monkeypatch.setattr(module, "Consumer", lambda _config: self.consumer)
        self.source = Source(TOPIC, KafkaConfig("nowhere", "group"), self.listener, self.blocking)
        self.source.start()


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reading]:
    reading = Reading(monkeypatch)
    yield reading
    reading.source.stop()
    reading.blocking.close()


def _places(numbers: Sequence[int]) -> list[TopicPartition]:
    return [TopicPartition(TOPIC, number) for number in numbers]


def message(value: bytes | None = b"value", error: KafkaError | None = None) -> Message:
    return Message(topic=TOPIC, partition=0, key=b"key", value=value, headers=[("id", b"1")], error=error)


async def test_partitions_are_read_from_their_assignment_on_and_stand_still_when_told(reading: Reading) -> None:
    reading.consumer.assign(0, 1)
    await until(lambda: len(reading.journal) == 2)

    reading.source.pause(Partition(TOPIC, 1))
    reading.source.resume(Partition(TOPIC, 1))
    await until(lambda: len(reading.journal) == 4)

    assert reading.journal == ["assign 0 1", "assigned requests/0, requests/1", "pause 1", "resume 1"]


async def test_the_membership_is_that_of_the_present_assignment(reading: Reading) -> None:
    reading.consumer.assign(0, 1)

    await until(lambda: str(reading.source.membership) == "member with 2")


async def test_who_was_put_out_of_the_group_commits_as_who_it_was_which_fails_and_not_as_nobody(
    reading: Reading,
) -> None:
    reading.consumer.assign(0, 1)
    await until(lambda: str(reading.source.membership) == "member with 2")
    reading.consumer.member = ""
    reading.consumer.lose(1)
    await until(lambda: "unassign 1" in reading.journal)
    reading.consumer.message(message())
    await until(lambda: bool(reading.listener.messages))

    assert str(reading.source.membership) == "member with 2"


async def test_an_order_for_a_partition_that_has_gone_meanwhile_is_ignored(reading: Reading) -> None:
    reading.consumer.assign(0, 1)
    reading.consumer.revoke(1)
    await until(lambda: "unassign 1" in reading.journal)

    reading.source.pause(Partition(TOPIC, 1))
    reading.source.resume(Partition(TOPIC, 1))
    reading.source.pause(Partition(TOPIC, 0))
    await until(lambda: "pause 0" in reading.journal)

    assert not {"pause 1", "resume 1"} & set(reading.journal)


@pytest.mark.parametrize("how", ["revoked", "lost"])
async def test_partitions_go_only_after_their_release_was_told_and_done(reading: Reading, how: str) -> None:
    reading.consumer.assign(0)
    (reading.consumer.lose if how == "lost" else reading.consumer.revoke)(0)

    await until(lambda: "unassign 0" in reading.journal)

    assert reading.journal[-2:] == [f"{how} requests/0", "unassign 0"]


async def test_messages_come_in_order_and_one_without_a_value_is_one_of_them(reading: Reading) -> None:
    reading.consumer.fetched = [message(b"2"), message(b"3")]
    reading.consumer.message(message(None))

    await until(lambda: len(reading.listener.messages) == 3)

    assert [each.value for each in reading.listener.messages] == [None, b"2", b"3"]
    assert reading.listener.messages[0].key == b"key"
    assert reading.listener.messages[0].header("id") == "1"


async def test_a_passing_error_is_no_message_and_reading_goes_on(reading: Reading) -> None:
    reading.consumer.message(message(b"Broker: failure", KafkaError(KafkaError._TRANSPORT)))
    reading.consumer.message(message(b"real"))

    await until(lambda: bool(reading.listener.messages))

    assert [each.value for each in reading.listener.messages] == [b"real"]
    assert reading.listener.failures == []


def fenced() -> Message:
    return message(b"fenced", KafkaError(KafkaError._FATAL, "fenced", fatal=True))


async def test_a_client_beyond_repair_loses_its_partitions_and_another_takes_its_place(reading: Reading) -> None:
    reading.consumer.assign(0)
    reading.consumer.message(fenced())
    reading.consumer.message(message(b"after"))

    await until(lambda: bool(reading.listener.messages))

    assert reading.journal[-3:] == ["lost requests/0", "unassign 0", "close"]
    assert ([each.value for each in reading.listener.messages], reading.listener.failures) == ([b"after"], [])


async def test_when_one_client_after_the_other_breaks_it_is_told(reading: Reading) -> None:
    for _ in range(4):
        reading.consumer.message(fenced())

    await until(lambda: bool(reading.listener.failures))

    assert "fenced" in str(reading.listener.failures[0])
    assert reading.journal == ["close"] * 4


async def test_stopping_releases_what_we_have_before_it_returns(reading: Reading) -> None:
    reading.consumer.assign(0)
    await until(lambda: "assigned requests/0" in reading.journal)

    reading.source.stop()

    assert reading.journal[-3:] == ["revoked requests/0", "unassign 0", "close"]
    assert reading.listener.failures == []


async def test_a_client_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_config: object) -> StubConsumer:
        raise ValueError("no such setting")

    monkeypatch.setattr(module, "Consumer", refuse)
    listener, blocking = Listener(), Blocking(threads=1)
    source = Source(TOPIC, KafkaConfig("nowhere", "group"), listener, blocking)
    source.start()
    source.stop()
    blocking.close()

    assert [str(failure) for failure in listener.failures] == ["no such setting"]


class UnreadableHeaders:
    """A message whose header names are no UTF-8, as the client has it."""

    def headers(self) -> None:
        raise SystemError("returned a result with an exception set")


def test_a_message_whose_headers_the_client_cannot_read_has_none() -> None:
    assert headers_of(UnreadableHeaders()) == ()


def test_a_message_without_headers_has_none_and_others_keep_theirs_in_order() -> None:
    assert headers_of(Message(topic=TOPIC)) == ()
    assert headers_of(Message(headers=[("b", b"1"), ("a", None), ("b", b"2")])) == (
        ("b", b"1"),
        ("a", None),
        ("b", b"2"),
    )


async def test_how_far_our_partitions_reach_is_known_without_asking_anybody(reading: Reading) -> None:
    reading.consumer.assign(0, 2)
    await until(lambda: reading.source.ends == {Partition("requests", 0): 1_000, Partition("requests", 2): 1_002})
