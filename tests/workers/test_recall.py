"""Reading back what was served lately ends in time, however large the requests are, and the newest are known."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from schemas.topics import REQUEST_ID_HEADER, REQUESTS_BULK
from workers import recall as module
from workers.kafka import KafkaConfig
from workers.latest import Served
from workers.messages import Partition
from workers.recall import recall

BULK_0 = Partition(REQUESTS_BULK.name, 0)
KAFKA = KafkaConfig("nowhere", "group")


class FakeLog:
    """A client on a partition with requests at the offsets from `first` to below `end`, each so many bytes long."""

    def __init__(self, first: int, end: int, *, size_bytes: int = 10) -> None:
        self.first, self.end, self.size_bytes = first, end, size_bytes
        self.position = 0
        self.read: list[int] = []
        self.is_silent_from = end + 1

    def get_watermark_offsets(self, place: TopicPartition, timeout: float) -> tuple[int, int]:
        return self.first, self.end

    def assign(self, places: list[TopicPartition]) -> None:
        self.position = max(self.first, places[0].offset)

    def poll(self, timeout: float) -> Message | None:
        if self.position >= self.is_silent_from:
            return None
        if self.position >= self.end:
            return Message(topic="t", partition=0, error=KafkaError(KafkaError._PARTITION_EOF))
        self.read.append(self.position)
        self.position += 1
        headers = [(REQUEST_ID_HEADER, f"Q{self.position - 1}".encode())]
        value = bytes(self.size_bytes)
        return Message(topic="t", partition=0, offset=self.position - 1, key=b"P", value=value, headers=headers)

    def close(self) -> None:
        """Let go of nothing."""


def ids(log: FakeLog, monkeypatch: pytest.MonkeyPatch, *, below: int, count: int = 10_000) -> list[int]:
    """Give the numbers of the requests that are recalled."""
    monkeypatch.setattr(module, "Consumer", lambda _: log)
    return [int(one.identity[1:]) for one in recall(BULK_0, below=below, count=count, kafka=KAFKA)]


@pytest.mark.parametrize("count", [0, 1, 16, 17, 500, 10_000])
def test_all_that_is_asked_for_is_recalled_once_and_in_order(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    log = FakeLog(100, 3_000)
    assert ids(log, monkeypatch, below=2_900, count=count) == list(range(max(100, 2_900 - count), 2_900))
    assert len(log.read) <= count + 5, "each step reads one message of the next"


def test_a_partition_that_ends_before_the_offset_gives_its_last_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ids(FakeLog(0, 50), monkeypatch, below=1_000, count=960) == list(range(40, 50))


def test_of_requests_that_are_too_large_together_the_newest_are_recalled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ENOUGH_BYTES", 200 * 1_000)
    found = ids(FakeLog(0, 10_000, size_bytes=1_000), monkeypatch, below=10_000)
    assert len(found) == 200
    assert found == sorted(found)
    assert found[-144:] == list(range(10_000 - 144, 10_000)), "the last two steps are whole"


def test_reading_that_takes_too_long_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ENOUGH_SECONDS", -1.0)
    log = FakeLog(0, 10_000)
    assert (ids(log, monkeypatch, below=10_000), log.read) == ([], [])


def test_a_broker_that_falls_silent_is_asked_again_by_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    log = FakeLog(0, 100)
    log.is_silent_from = 99
    with pytest.raises(KafkaException, match="did not give"):
        ids(log, monkeypatch, below=100)


def test_a_message_that_is_no_request_of_ours_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    log = FakeLog(0, 3)
    monkeypatch.setattr(module, "headers_of", lambda message: message.headers() if message.offset() != 1 else ())
    monkeypatch.setattr(module, "Consumer", lambda _: log)
    assert recall(BULK_0, below=3, count=10, kafka=KAFKA) == [Served("Q0"), Served("Q2")]
