"""Where a message stands, and reading what stands in topics since a run began."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from confluent_kafka import Consumer, Message, TopicPartition

from schemas.topics import Topic
from tests.integration.reading import Part, end_of, read_to

Place = tuple[str, int, int]
"""Topic, partition, offset."""

Bounds = Mapping[Part, int]
"""An offset for each partition: the first one that is not below the bound."""

Isolation = Literal["read_committed", "read_uncommitted"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as it stands in a topic."""

    place: Place
    key: bytes | None
    value: bytes | None


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


def parts_of(consumer: Consumer, topics: Iterable[Topic]) -> frozenset[Part]:
    """Give the partitions that topics have on this broker, which may be more or fewer than the contract's.

    Raises LookupError for a topic that is not there.
    """
    parts: set[Part] = set()
    for topic in topics:
        found = consumer.list_topics(topic.name, timeout=30).topics[topic.name]
        if found.error is not None:
            raise LookupError(f"{topic.name}: {found.error}")
        parts.update((topic.name, number) for number in found.partitions)
    return frozenset(parts)


def within(parts: Iterable[Part], topics: Iterable[Topic]) -> list[Part]:
    """Give those of the partitions that are of these topics, in order."""
    names = {topic.name for topic in topics}
    return sorted(part for part in parts if part[0] in names)


def ends(bootstrap: str, parts: Iterable[Part], isolation: Isolation, *, timeout_seconds: float = 60) -> Bounds:
    """Give where each partition ends now for such a reader; raises TimeoutError."""
    consumer = reader(bootstrap, isolation)
    try:
        return ends_of(consumer, parts, timeout_seconds=timeout_seconds)
    finally:
        consumer.close()


def ends_of(consumer: Consumer, parts: Iterable[Part], *, timeout_seconds: float = 60) -> Bounds:
    """Give where each partition ends now for this reader, waiting for brokers that are away; raises TimeoutError."""
    deadline = time.monotonic() + timeout_seconds
    return {part: end_of(consumer, TopicPartition(*part), deadline) for part in parts}


def read_between(bootstrap: str, since: Bounds, until: Bounds, isolation: Isolation) -> list[Entry]:
    """Give what stands from `since` up to `until`, each partition in order; raises TimeoutError after a silence."""
    some = {part: offset for part, offset in until.items() if offset > since[part]}
    consumer = reader(bootstrap, isolation)
    try:
        consumer.assign([TopicPartition(*part, since[part]) for part in some])
        return entries(read_to(consumer, some))
    finally:
        consumer.close()


def entries(messages: Iterable[Message]) -> list[Entry]:
    """Give the messages among what a consumer returned, without the errors."""
    return [
        Entry((str(each.topic()), int(each.partition() or 0), int(each.offset() or 0)), each.key(), each.value())
        for each in messages
        if each.error() is None
    ]
