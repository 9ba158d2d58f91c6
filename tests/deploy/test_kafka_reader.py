"""A partition that was just made is waited for until it has a leader; nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from deploy import kafka_reader
from deploy.kafka_reader import edges_of

PLACE = TopicPartition("product-created", 0)


class Answers:
    """Answers with one error after the other, and then with the edges."""

    def __init__(self, *codes: int) -> None:
        self._codes: Iterator[int] = iter(codes)

    def get_watermark_offsets(self, place: TopicPartition, *, timeout: float) -> tuple[int, int]:
        for code in self._codes:
            raise KafkaException(KafkaError(code))
        return 3, 7


def test_a_partition_without_a_leader_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_reader, "_RETRY_SECONDS", 0.0)
    client = Answers(KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)
    assert edges_of(cast(Consumer, client), PLACE, seconds=5) == (3, 7)


def test_another_error_is_told_at_once() -> None:
    client = Answers(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    with pytest.raises(KafkaException):
        edges_of(cast(Consumer, client), PLACE, seconds=5)


def test_a_leader_that_never_comes_is_not_waited_for_for_ever() -> None:
    client = Answers(*[KafkaError.NOT_LEADER_FOR_PARTITION] * 1_000)
    with pytest.raises(KafkaException):
        edges_of(cast(Consumer, client), PLACE, seconds=0)
