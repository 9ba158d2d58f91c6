"""Topics read by a command: what is committed, up to where they ended when the reading began."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from deploy.endpoints import Endpoints, find_endpoints
from deploy.kafka_reader import quiet, reader_settings
from deploy.settings import Settings
from schemas.codec import Codec

Spot = tuple[str, int]
"""A topic's name and a partition."""

_ANSWER_SECONDS = 10.0
_SILENCE_SECONDS = 30.0
_BATCH = 500


class CannotRead(Exception):
    """The broker does not answer, or not to the end: see to it, then run the same command again."""


@dataclass(frozen=True, slots=True)
class World:
    """What a command that reads topics talks to."""

    endpoints: Endpoints
    source: Reader
    codec: Codec


@contextmanager
def open_world(on_read: Callable[[str], None] = lambda _: None) -> Iterator[World]:
    """Give broker and registry as the settings name them; `on_read` is told the topic of each message read.

    Raises CannotRead.
    """
    endpoints = find_endpoints(Settings())
    codec = Codec(endpoints.registry(timeout_seconds=_ANSWER_SECONDS))
    with reader(endpoints, on_read) as source:
        yield World(endpoints, source, codec)


class Reader:
    """Reads what is committed, joins no group and commits nothing.

    Raises CannotRead when the broker does not answer, gives nothing for 30 s, or lacks a topic.
    """

    def __init__(self, endpoints: Endpoints, consumer: Consumer, on_read: Callable[[str], None]) -> None:
        self._endpoints = endpoints
        self._consumer = consumer
        self._on_read = on_read

    def beginnings(self, topic: str) -> dict[Spot, int]:
        """Give the partitions of a topic, each from its oldest message on."""
        found = self._consumer.list_topics(topic, timeout=_ANSWER_SECONDS).topics.get(topic)
        if found is None or found.error is not None:
            raise CannotRead(
                f"there is no topic {topic} for us at {self._endpoints.bootstrap}: run `shelftalk provision`"
            )
        return {(topic, number): 0 for number in found.partitions}

    def since(self, topic: str, unix_ms: int) -> dict[Spot, int]:
        """Give the partitions of a topic, each from its first message of that time or later on.

        A partition without one is left out.
        """
        asked = [TopicPartition(*spot, max(unix_ms, 0)) for spot in self.beginnings(topic)]
        answered = self._consumer.offsets_for_times(asked, timeout=_ANSWER_SECONDS)
        if failed := next((each.error for each in answered if each.error), None):
            raise KafkaException(failed)
        return {(each.topic, each.partition): each.offset for each in answered if each.offset >= 0}

    def read(self, starts: Mapping[Spot, int]) -> Iterator[Message]:
        """Give the messages from these offsets to the ends that the partitions have now.

        A transaction that is still open before such an end is waited for: what it hides may be what is looked for.
        """
        unread = {spot: end for spot, end in self._ends(starts).items() if starts[spot] < end}
        self._consumer.assign([TopicPartition(*spot, starts[spot]) for spot in unread])
        heard = time.monotonic()
        while unread:
            for message in self._consumer.consume(_BATCH, 0.2):
                spot, is_end = (message.topic(), message.partition()), _is_end(message)
                end = unread.get(spot, 0)
                if not is_end and message.offset() < end:
                    heard = time.monotonic()
                    self._on_read(spot[0])
                    yield message
                if message.offset() + (not is_end) >= end:
                    unread.pop(spot, None)
            if time.monotonic() - heard > _SILENCE_SECONDS:
                raise CannotRead(_silence(unread))
        self._consumer.unassign()

    def _ends(self, starts: Mapping[Spot, int]) -> dict[Spot, int]:
        admin = AdminClient(quiet(self._endpoints))
        asked = {TopicPartition(*spot): OffsetSpec.latest() for spot in starts}
        if not asked:
            return {}
        futures = admin.list_offsets(
            asked, isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=_ANSWER_SECONDS
        )
        return {(place.topic, place.partition): int(future.result().offset) for place, future in futures.items()}


@contextmanager
def reader(endpoints: Endpoints, on_read: Callable[[str], None] = lambda _: None) -> Iterator[Reader]:
    """Give a reader, closed at the end; `on_read` is told the topic of each message read. Raises CannotRead."""
    consumer = Consumer(reader_settings(endpoints, "command"))
    try:
        yield Reader(endpoints, consumer, on_read)
    except KafkaException as error:
        raise CannotRead(
            f"the broker at {endpoints.bootstrap} cannot be read ({error}): see that it runs, or name yours with "
            "KAFKA_BOOTSTRAP"
        ) from error
    finally:
        consumer.close()


def _is_end(message: Message) -> bool:
    """Tell whether a message is the news that a partition was read to its end; raises KafkaException for bad news."""
    error = message.error()
    if error is None:
        return False
    if error.code() == KafkaError._PARTITION_EOF:
        return True
    raise KafkaException(error)


def _silence(unread: Mapping[Spot, int]) -> str:
    where = ", ".join(f"{topic}/{number}" for topic, number in sorted(unread))
    return (
        f"{where}: nothing came for {_SILENCE_SECONDS:.0f} s before the end was reached. Either the broker is away, or "
        "a transaction was left open there and the broker has not ended it yet: try again in a minute"
    )
