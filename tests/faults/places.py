"""Where a message stands, and reading what stands in topics since a run began."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from schemas.topics import Topic

Place = tuple[str, int, int]
"""Topic, partition, offset."""

Bounds = Mapping[tuple[str, int], int]
"""An offset for each partition: (topic, partition) -> the first one that is not below the bound."""

Isolation = Literal["read_committed", "read_uncommitted"]

_SETTLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as it stands in a topic."""

    place: Place
    key: bytes | None
    value: bytes | None


class ReadingFailed(Exception):
    """The broker did not give what stands in its topics in time."""


def reader(bootstrap: str, isolation: Isolation) -> Consumer:
    """Give a consumer that joins no group and commits nothing."""
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"faults-{uuid.uuid4()}",
            "isolation.level": isolation,
            "enable.auto.commit": False,
            "auto.offset.reset": "error",  # a reader that is moved would count wrongly
            "fetch.wait.max.ms": 50,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 500,
            "fetch.max.bytes": 24 * 1024 * 1024,
            "max.partition.fetch.bytes": 12 * 1024 * 1024,
            "log_level": 0,
        }
    )


def ends(bootstrap: str, topics: Iterable[Topic], isolation: Isolation, *, timeout_seconds: float = 60) -> Bounds:
    """Give where each partition ends now for such a reader; raises ReadingFailed."""
    consumer = reader(bootstrap, isolation)
    try:
        return ends_of(consumer, topics, timeout_seconds=timeout_seconds)
    finally:
        consumer.close()


def ends_of(consumer: Consumer, topics: Iterable[Topic], *, timeout_seconds: float = 60) -> Bounds:
    """Give where each partition ends now for this reader, waiting for brokers that are away; raises ReadingFailed."""
    deadline = time.monotonic() + timeout_seconds
    return {
        (topic.name, number): _end(consumer, TopicPartition(topic.name, number), deadline)
        for topic in topics
        for number in range(topic.partitions)
    }


def read_between(bootstrap: str, since: Bounds, until: Bounds, isolation: Isolation) -> list[Entry]:
    """Give what stands from `since` up to `until`, each partition in order; raises ReadingFailed after a silence."""
    consumer = reader(bootstrap, isolation)
    entries: list[Entry] = []
    try:
        unread = {part for part, offset in until.items() if offset > since[part]}
        consumer.assign([TopicPartition(*part, since[part]) for part in unread])
        patience = time.monotonic() + 60
        while unread:
            fresh = good(consumer.consume(5_000, timeout=_SETTLE_SECONDS))
            entries += fresh
            if fresh:
                patience = time.monotonic() + 60
            if time.monotonic() > patience:
                raise ReadingFailed(f"{sorted(unread)} could not be read to their ends")
            positions = consumer.position([TopicPartition(*part) for part in unread])
            unread -= {(at.topic, at.partition) for at in positions if at.offset >= until[at.topic, at.partition]}
    finally:
        consumer.close()
    return [entry for entry in entries if entry.place[2] < until[entry.place[:2]]]


def good(messages: Sequence[Message]) -> list[Entry]:
    """Give the messages among what a consumer returned; errors are passing, or the reading ends by its deadline."""
    return [
        Entry((str(each.topic()), int(each.partition() or 0), int(each.offset() or 0)), each.key(), each.value())
        for each in messages
        if each.error() is None
    ]


def _end(consumer: Consumer, partition: TopicPartition, deadline: float) -> int:
    while True:
        try:
            return int(consumer.get_watermark_offsets(partition, timeout=5)[1])
        except KafkaException as error:
            if time.monotonic() > deadline:
                raise ReadingFailed(f"{partition.topic}/{partition.partition} has no end: {error}") from error
            time.sleep(_SETTLE_SECONDS)
