"""What a read_committed reader sees of one run, and how far the streams are."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from deploy.demo.errors import CannotRead
from deploy.endpoints import Endpoints
from deploy.kafka_reader import edges_of, key_of, quiet, reader_settings, shown_of
from deploy.show import Shown
from schemas import topics
from schemas.codec import Codec
from schemas.topics import STREAMS_APP, WORKERS_GROUP

Spot = tuple[str, int]
"""A topic's name and a partition."""

_ANSWER_SECONDS = 10.0
_READ_SECONDS = 60.0
_RETRY_SECONDS = 0.5
_BATCH = 500
_BY_NAME: Final = {topic.name: topic for topic in topics.ALL}


@dataclass(frozen=True, slots=True)
class Start:
    """Where a run begins on every partition, and the products that were fed before it."""

    offsets: Mapping[Spot, int]
    known_products: frozenset[str] = frozenset()


def start_of(endpoints: Endpoints) -> Start:
    """Give the ends of all topics now: what comes later belongs to the run.

    Raises CannotRead when requests of earlier runs are still unfinished, since their results would be counted as ours.
    """
    with _consumer(endpoints) as consumer:
        edges = _edges(consumer)
        known = _product_keys(consumer, edges)
    _require_no_backlog(endpoints, edges)
    return Start({spot: end for spot, (_, end) in edges.items()}, known)


class LiveReader:
    """Reads everything on our topics as it becomes visible, from the start of the run on."""

    def __init__(self, endpoints: Endpoints, start: Start, consumer: Consumer) -> None:
        self._codec = Codec(endpoints.registry(timeout_seconds=_ANSWER_SECONDS))
        self._consumer = consumer
        self._start = start
        consumer.assign([TopicPartition(topic, number, offset) for (topic, number), offset in start.offsets.items()])

    def poll(self, seconds: float) -> list[Shown]:
        """Give what has become visible meanwhile, waiting at most so long for the first of it."""
        return [shown_of(message, self._codec) for message in _good(self._consumer.consume(_BATCH, seconds))]

    def has_read_all_requests(self) -> bool:
        """Tell whether every question and every request that is on the broker now has been given."""
        ours = (*_REQUEST_TOPICS, topics.PRODUCT_QUESTIONS.name)
        return all(self._is_at_end(spot) for spot in self._start.offsets if spot[0] in ours)

    def _is_at_end(self, spot: Spot) -> bool:
        # The streams write both without transactions, so a partition's end is the offset after its last message.
        place = TopicPartition(*spot)
        _, end = edges_of(self._consumer, place, seconds=_ANSWER_SECONDS)
        position = int(self._consumer.position([place])[0].offset)
        return max(position, self._start.offsets[spot]) >= end


_REQUEST_TOPICS: Final = frozenset(topic.name for topic in topics.REQUESTS)


@contextmanager
def live_reader(endpoints: Endpoints, start: Start) -> Iterator[LiveReader]:
    """Give a reader of one run; raises CannotRead when the broker does not answer."""
    with _consumer(endpoints) as consumer:
        yield LiveReader(endpoints, start, consumer)


def read_run(endpoints: Endpoints, start: Start) -> tuple[Shown, ...]:
    """Give all that is visible of a run now, read anew up to the last stable offsets; raises CannotRead."""
    codec = Codec(endpoints.registry(timeout_seconds=_ANSWER_SECONDS))
    messages: list[Shown] = []
    deadline = time.monotonic() + _READ_SECONDS
    with _consumer(endpoints) as consumer:
        consumer.assign([TopicPartition(topic, number, offset) for (topic, number), offset in start.offsets.items()])
        ended: set[Spot] = set()
        while ended != start.offsets.keys():
            if time.monotonic() > deadline:
                raise CannotRead(f"the topics could not be read to their ends within {_READ_SECONDS:.0f} s")
            for message in consumer.consume(_BATCH, 0.2):
                if _is_end(message):
                    ended.add((message.topic(), message.partition()))
                else:
                    messages += [shown_of(good, codec) for good in _good([message])]
    return tuple(messages)


def committed_by_streams(admin: AdminClient) -> dict[Spot, int]:
    """Give how far the streams have acknowledged each partition of inputs and questions; raises KafkaException."""
    return _committed(admin, STREAMS_APP, frozenset(topic.name for topic in (*topics.INPUTS, topics.PRODUCT_QUESTIONS)))


def _committed(admin: AdminClient, group: str, names: frozenset[str]) -> dict[Spot, int]:
    answer = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)], request_timeout=_ANSWER_SECONDS)[
        group
    ].result(_ANSWER_SECONDS)
    found = [each for each in answer.topic_partitions if each.topic in names and each.offset >= 0]
    return {(each.topic, each.partition): int(each.offset) for each in found}


def _require_no_backlog(endpoints: Endpoints, edges: Mapping[Spot, tuple[int, int]]) -> None:
    requested = {spot: end for spot, (oldest, end) in edges.items() if spot[0] in _REQUEST_TOPICS and oldest < end}
    done = _workers_progress(endpoints) if requested else {}
    backlog = sum(max(end - max(done.get(spot, 0), edges[spot][0]), 0) for spot, end in requested.items())
    if backlog:
        raise CannotRead(
            f"about {backlog} requests of earlier runs are unfinished at {endpoints.bootstrap}: let a worker finish "
            "them (`python -m workers`), else their results would be counted as the demo's"
        )


def _workers_progress(endpoints: Endpoints) -> dict[Spot, int]:
    admin = AdminClient(quiet(endpoints))
    deadline = time.monotonic() + _READ_SECONDS
    while True:
        try:
            return _committed(admin, WORKERS_GROUP, _REQUEST_TOPICS)
        except (KafkaException, TimeoutError) as error:
            if time.monotonic() > deadline:
                raise CannotRead(f"{endpoints.bootstrap} does not tell the workers' progress: {error}") from error
        time.sleep(_RETRY_SECONDS)  # a broker that has just started is still loading the groups


def _edges(consumer: Consumer) -> dict[Spot, tuple[int, int]]:
    there = consumer.list_topics(timeout=_ANSWER_SECONDS).topics
    missing = [name for name in _BY_NAME if name not in there]
    if missing:
        raise CannotRead(f"there is no topic {', '.join(missing)}: run `shelftalk provision`")
    spots = [(name, number) for name in _BY_NAME for number in there[name].partitions]
    return {spot: edges_of(consumer, TopicPartition(*spot), seconds=_ANSWER_SECONDS) for spot in spots}


def _product_keys(consumer: Consumer, edges: Mapping[Spot, tuple[int, int]]) -> frozenset[str]:
    """Read the keys of all products fed before: a product that is fed again unchanged asks for nothing.

    Raises CannotRead: with only some of the keys, the others would count as lost.
    """
    spots = {spot: edge for spot, edge in edges.items() if spot[0] == topics.PRODUCT_CREATED.name and edge[0] < edge[1]}
    consumer.assign([TopicPartition(*spot, oldest) for spot, (oldest, _) in spots.items()])
    keys: set[str] = set()
    ended: set[Spot] = set()
    deadline = time.monotonic() + _READ_SECONDS
    while ended != spots.keys():
        if time.monotonic() > deadline:
            raise CannotRead(f"the products fed before could not be read within {_READ_SECONDS:.0f} s: run it again")
        for message in consumer.consume(_BATCH, 0.2):
            if _is_end(message):
                ended.add((message.topic(), message.partition()))
            else:
                keys |= {key_of(good) for good in _good([message])}
    consumer.unassign()
    return frozenset(keys)


@contextmanager
def _consumer(endpoints: Endpoints) -> Iterator[Consumer]:
    consumer = Consumer(reader_settings(endpoints, "demo"))
    try:
        yield consumer
    except KafkaException as error:
        raise CannotRead(f"the broker at {endpoints.bootstrap} cannot be read: {error}") from error
    finally:
        consumer.close()


def _good(messages: list[Message]) -> list[Message]:
    """Give the messages among what a consumer gives; raises KafkaException when it is beyond repair."""
    for message in messages:
        error = message.error()
        if error is not None and not _is_end(message) and (error.fatal() or not error.retriable()):
            raise KafkaException(error)
    return [message for message in messages if message.error() is None]


def _is_end(message: Message) -> bool:
    error = message.error()
    return error is not None and error.code() == KafkaError._PARTITION_EOF
