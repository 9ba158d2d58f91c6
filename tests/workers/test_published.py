"""Partitions that are opened together share one reading of what was published, and none waits for ever for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from schemas.codec import Codec
from schemas.registry import FakeRegistry
from schemas.topics import REQUESTS_BULK
from workers import published as module
from workers.kafka import KafkaConfig
from workers.messages import Partition
from workers.published import PublishedTail, Tail, _tails
from workers.window import Progress

BULK_0 = Partition(REQUESTS_BULK.name, 0)
NOTHING_DONE = Progress(0, 0)


class SlowTail(PublishedTail):
    """Reads nothing; the first reading ends when the test says so."""

    def __init__(self) -> None:
        super().__init__(KafkaConfig("nowhere", "group"), Codec(FakeRegistry()))
        self.readings = 0
        self.is_reading, self.goes_on = threading.Event(), threading.Event()

    def _read(self) -> Tail:
        self.readings += 1
        self.is_reading.set()
        if self.readings == 1:
            self.goes_on.wait(5)
        return {}


class FailingTail(PublishedTail):
    """Fails at its first reading, and reads nothing from then on."""

    def __init__(self) -> None:
        super().__init__(KafkaConfig("nowhere", "group"), Codec(FakeRegistry()))
        self._failures = [KafkaException(KafkaError(KafkaError._TRANSPORT))]

    def _read(self) -> Tail:
        if self._failures:
            raise self._failures.pop()
        return {}


class ScriptedConsumer:
    """A client of a broker with two partitions of the ledger that answers what the test says."""

    def __init__(self, answers: Sequence[Message], error: KafkaError | None = None) -> None:
        self._answers = list(answers)
        self._error = error

    def list_topics(self, topic: str, timeout: float) -> SimpleNamespace:
        partitions = {} if self._error else {0: None, 1: None}
        return SimpleNamespace(topics={topic: SimpleNamespace(error=self._error, partitions=partitions)})

    def get_watermark_offsets(self, place: TopicPartition, timeout: float) -> tuple[int, int]:
        return 0, 0

    def assign(self, places: list[TopicPartition]) -> None:
        """Take it."""

    def poll(self, timeout: float) -> Message:
        return self._answers.pop(0)


def end_of(partition: int) -> Message:
    return Message(topic="outcomes", partition=partition, error=KafkaError(KafkaError._PARTITION_EOF))


def outcome_at(partition: int) -> Message:
    return Message(topic="outcomes", partition=partition, value=b"outcome")


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_partitions_that_are_opened_together_share_one_reading(threads: ThreadPoolExecutor) -> None:
    tail = SlowTail()
    asked = [threads.submit(tail.beyond, BULK_0, NOTHING_DONE) for _ in range(3)]
    tail.goes_on.set()

    assert [one.result(5) for one in asked] == [None, None, None]
    assert tail.readings == 1


def test_a_reading_that_hangs_holds_up_only_who_shares_it_and_not_for_long(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.05)
    tail = SlowTail()
    hanging = threads.submit(tail.beyond, BULK_0, NOTHING_DONE)
    tail.is_reading.wait(5)
    with pytest.raises(KafkaException):
        tail.beyond(BULK_0, NOTHING_DONE)
    monkeypatch.setattr(module, "_FRESH_SECONDS", 0.0)

    assert tail.beyond(BULK_0, NOTHING_DONE) is None
    assert tail.beyond(BULK_0, NOTHING_DONE) is None
    assert (tail.readings, hanging.done()) == (3, False)
    tail.goes_on.set()


def test_a_reading_that_failed_is_not_shared() -> None:
    tail = FailingTail()
    with pytest.raises(KafkaException):
        tail.beyond(BULK_0, NOTHING_DONE)

    assert tail.beyond(BULK_0, NOTHING_DONE) is None


def test_a_broker_that_does_not_know_the_ledger_yet_is_no_empty_ledger() -> None:
    consumer = ScriptedConsumer([], error=KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
    with pytest.raises(KafkaException):
        list(_tails(consumer))


def test_every_partition_is_read_to_its_end_even_if_one_says_twice_that_it_is_read() -> None:
    ends = [end_of(0), end_of(0), outcome_at(1), end_of(1)]
    assert [message.partition() for message in _tails(ScriptedConsumer(ends))] == [1]
