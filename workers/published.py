"""What was published last, out of the ledger's own topic: the check on a broker that forgets what was committed.

A broker that restarts after its disk was full has been seen to answer with progress of long ago (Kafka 4.1.1, a group
coordinator that loaded half of its log). Who believed it would do all of that again, and signing would make it last.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from schemas.codec import Codec
from schemas.ledger import GenerationOutcome
from schemas.topics import GENERATION_OUTCOMES, REQUEST_ID_HEADER
from workers.kafka import KafkaConfig
from workers.messages import Partition
from workers.source import headers_of
from workers.window import Progress

_TAIL = 250
"""Outcomes that are read of each partition of the ledger: the last seconds of a busy shop."""

_FRESH_SECONDS = 2.0
"""Partitions that are opened together share one reading."""

_PATIENCE_SECONDS = 10.0

Tail = dict[Partition, dict[int, str]]
"""The newest outcomes: by partition of requests and offset, the request's id."""


class PublishedTail:
    """The newest outcomes of all partitions; any thread may ask. Its calls block and raise KafkaException."""

    def __init__(self, kafka: KafkaConfig, codec: Codec) -> None:
        self._kafka = kafka
        self._codec = codec
        self._reading = threading.Lock()
        self._tail: Tail = {}
        self._began_at: float | None = None

    def beyond(self, partition: Partition, progress: Progress) -> int | None:
        """Give the highest offset with an outcome that a progress calls unfinished; None where they agree.

        The message at that offset must still be the one that the outcome speaks of: a topic that was made anew counts
        its offsets from 0 again.
        """
        known = self._newest().get(partition, {})
        offset = max(known.keys() - progress.finished_of(known), default=None)
        if offset is None or self._id_at(partition, offset) != known[offset]:
            return None
        return offset

    def _newest(self) -> Tail:
        """Share a reading with whoever asks meanwhile; one that takes too long is left to itself."""
        asked_at = time.monotonic()
        if not self._reading.acquire(timeout=_PATIENCE_SECONDS):
            return self._read()
        try:
            if self._began_at is None or asked_at - self._began_at > _FRESH_SECONDS:
                began_at = time.monotonic()
                self._tail, self._began_at = self._read(), began_at
            return self._tail
        finally:
            self._reading.release()

    def _read(self) -> Tail:
        found: Tail = defaultdict(dict)
        consumer = Consumer(self._kafka.reader())
        try:
            for message in _tails(consumer):
                record = self._codec.decode(GENERATION_OUTCOMES, message.value() or b"")
                if isinstance(record, GenerationOutcome):
                    found[Partition(record.topic, record.partition)][record.offset] = record.request_id
        finally:
            consumer.close()
        return found

    def _id_at(self, partition: Partition, offset: int) -> str | None:
        """Give the id in the header of the message at an offset; None where there is none any more."""
        consumer = Consumer(self._kafka.reader())
        try:
            consumer.assign([TopicPartition(partition.topic, partition.number, offset)])
            message = _next(consumer)
        finally:
            consumer.close()
        if message is None or message.offset() != offset:
            return None
        ids = (value for name, value in headers_of(message) if name == REQUEST_ID_HEADER and value)
        return next((value.decode(errors="replace") for value in ids), None)


def _tails(consumer: Consumer) -> Iterator[Message]:
    """Yield the last messages of each partition of the ledger."""
    name = GENERATION_OUTCOMES.name
    places = [
        TopicPartition(name, number)
        for number in consumer.list_topics(name, timeout=_PATIENCE_SECONDS).topics[name].partitions
    ]
    for place in places:
        _, end = consumer.get_watermark_offsets(place, timeout=_PATIENCE_SECONDS)
        place.offset = max(0, end - _TAIL)
    consumer.assign(places)
    left = len(places)
    while left:
        message = _next(consumer)
        left -= message is None
        if message is not None:
            yield message


def _next(consumer: Consumer) -> Message | None:
    """Give the next message, None once at each partition's end; raises KafkaException."""
    message = consumer.poll(_PATIENCE_SECONDS)
    if message is None:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "the broker did not give what was published last"))
    error = message.error()
    if error is None:
        return message
    if error.code() == KafkaError._PARTITION_EOF:
        return None
    raise KafkaException(error)
