"""What a read_committed reader sees, with a deadline."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

Part = tuple[str, int]
"""Topic and partition."""

_PASSING = frozenset(
    {
        KafkaError._TRANSPORT,
        KafkaError._TIMED_OUT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.REQUEST_TIMED_OUT,
    }
)
"""What a broker that has just started answers for a while; the client calls none of it retriable."""


def wait_until(condition: Callable[[], bool], what: str, *, timeout_seconds: float = 60) -> None:
    """Return when the condition holds; raises TimeoutError naming what was waited for."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {timeout_seconds:.0f} s still not: {what}")
        time.sleep(0.1)


def read_committed(
    bootstrap: str,
    topic: str,
    *,
    until: Callable[[Sequence[Message]], bool],
    timeout_seconds: float = 60,
) -> list[Message]:
    """Give the topic's messages from its beginning, as soon as they satisfy `until`; raises TimeoutError.

    To count duplicates as well, read again with `read_all` when everything has come to rest.
    """
    messages: list[Message] = []
    consumer = _reader(bootstrap, topic)
    deadline = time.monotonic() + timeout_seconds
    try:
        while not until(messages):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{topic}: {len(messages)} messages after {timeout_seconds:.0f} s did not satisfy")
            messages += _good(consumer.consume(500, timeout=0.2))
    finally:
        consumer.close()
    return messages


def read_all(bootstrap: str, topic: str, *, timeout_seconds: float = 60) -> list[Message]:
    """Give all committed messages that the topic has now, from its beginning to its last stable offset.

    Raises TimeoutError when nothing comes for so long.
    """
    consumer = _reader(bootstrap, topic)
    deadline = time.monotonic() + timeout_seconds
    try:
        ends = {(part.topic, part.partition): end_of(consumer, part, deadline) for part in consumer.assignment()}
        return read_to(consumer, {part: end for part, end in ends.items() if end}, silence_seconds=timeout_seconds)
    finally:
        consumer.close()


def read_to(consumer: Consumer, until: Mapping[Part, int], *, silence_seconds: float = 60) -> list[Message]:
    """Give what an assigned consumer reads up to an offset of each of its partitions, each in order.

    There must be something below each of these. Raises TimeoutError when nothing comes for so long.
    """
    messages: list[Message] = []
    unread = set(until)
    deadline = time.monotonic() + silence_seconds
    while unread := _unread(consumer, unread, until):
        fresh = _good(consumer.consume(5_000, timeout=0.2))
        messages += fresh
        if fresh:
            deadline = time.monotonic() + silence_seconds
        elif time.monotonic() > deadline:
            raise TimeoutError(f"{sorted(unread)} not read to their ends: silent for {silence_seconds:.0f} s")
    # A partition that was empty when its end was asked for may have got messages since.
    return [message for message in messages if message.offset() < until.get((message.topic(), message.partition()), 0)]


def end_of(consumer: Consumer, partition: TopicPartition, deadline: float) -> int:
    """Give where a partition ends for this consumer, for a read_committed one its last stable offset.

    Waits for brokers that are away; raises TimeoutError past the deadline (monotonic seconds).
    """
    while True:
        try:
            return int(consumer.get_watermark_offsets(partition, timeout=5)[1])
        except KafkaException as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{partition.topic}/{partition.partition} has no end: {error}") from error
            time.sleep(0.1)


def _reader(bootstrap: str, topic: str) -> Consumer:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"reader-{uuid.uuid4()}",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 100,
            "fetch.max.bytes": 24 * 1024 * 1024,
            "max.partition.fetch.bytes": 12 * 1024 * 1024,
        }
    )
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    return consumer


def _good(messages: Sequence[Message]) -> list[Message]:
    for message in messages:
        if (error := message.error()) is not None and error.code() not in _PASSING:
            raise AssertionError(f"the reader failed: {error}")
    return [message for message in messages if message.error() is None]


def _unread(consumer: Consumer, parts: Iterable[Part], until: Mapping[Part, int]) -> set[Part]:
    # Positions move past aborted messages and transaction markers as well; before the first fetch there is none.
    at = consumer.position([TopicPartition(*part) for part in parts])
    return {(each.topic, each.partition) for each in at if each.offset < until[each.topic, each.partition]}
