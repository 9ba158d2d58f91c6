"""What was published last, out of the ledger's own topic: the check on a broker that forgets what was committed.

A broker that restarts after its disk was full has been seen to answer with progress of long ago (Kafka 4.1.1, a group
coordinator that loaded half of its log). Who believed it would do all of that again, and signing would make it last.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from schemas.codec import Codec
from schemas.ledger import GenerationOutcome
from schemas.topics import GENERATION_OUTCOMES, REQUEST_ID_HEADER
from workers.kafka import KafkaConfig
from workers.messages import Partition, place_id
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
    """The newest outcomes of all partitions; any thread may ask.

    Its calls block, and raise KafkaException, and RegistryUnavailable where a newer release has written the newest.
    """

    def __init__(self, kafka: KafkaConfig, codec: Codec) -> None:
        self._kafka = kafka
        self._codec = codec
        self._choosing = threading.Lock()
        self._reading: _Reading | None = None

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
        """Share a reading that began lately; one that hangs holds up only who shares it, and not for long."""
        mine = _Reading()
        with self._choosing:
            shared = self._reading if self._reading and self._reading.is_fresh() else mine
            self._reading = shared
        if shared is mine:
            mine.do(self._read)
        try:
            return shared.tail.result(_PATIENCE_SECONDS)
        except TimeoutError:
            raise _timed_out() from None

    def _read(self) -> Tail:
        found: Tail = defaultdict(dict)
        consumer = Consumer(self._kafka.reader())
        try:
            for message in _tails(consumer):
                record = self._codec.decode(GENERATION_OUTCOMES, message.value() or b"")
                if isinstance(record, GenerationOutcome) and _has_id(record):
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
        if _is_end(message) or message.offset() != offset:
            return None
        ids = (value for name, value in headers_of(message) if name == REQUEST_ID_HEADER and value)
        return next((value.decode(errors="replace") for value in ids), None)


class _Reading:
    """One reading of the ledger's end, shared by all who ask while it is fresh."""

    def __init__(self) -> None:
        self._began_at = time.monotonic()
        self.tail: Future[Tail] = Future()

    def is_fresh(self) -> bool:
        """Tell whether it began lately and did not fail."""
        failed = self.tail.done() and self.tail.exception() is not None
        return not failed and time.monotonic() - self._began_at <= _FRESH_SECONDS

    def do(self, read: Callable[[], Tail]) -> None:
        """Read, for everybody who shares it."""
        try:
            self.tail.set_result(read())
        except Exception as error:  # raised by `result` for each of them
            self.tail.set_exception(error)


def _has_id(record: GenerationOutcome) -> bool:
    """Tell whether the message that an outcome speaks of has an id of its own: what is no request has none."""
    return record.request_id != place_id(Partition(record.topic, record.partition), record.offset)


def _tails(consumer: Consumer) -> Iterator[Message]:
    """Yield the last messages of each partition of the ledger."""
    name = GENERATION_OUTCOMES.name
    told = consumer.list_topics(name, timeout=_PATIENCE_SECONDS).topics[name]
    if told.error is not None:  # a broker that has just started may not know its topics yet
        raise KafkaException(told.error)
    places = [TopicPartition(name, number) for number in told.partitions]
    for place in places:
        _, end = consumer.get_watermark_offsets(place, timeout=_PATIENCE_SECONDS)
        place.offset = max(0, end - _TAIL)
    consumer.assign(places)
    left = {place.partition for place in places}
    while left:
        message = _next(consumer)
        if _is_end(message):
            left.discard(message.partition() or 0)
        else:
            yield message


def _next(consumer: Consumer) -> Message:
    """Give the next message, or the word that a partition's end is reached; raises KafkaException."""
    message = consumer.poll(_PATIENCE_SECONDS)
    if message is None:
        raise _timed_out()
    error = message.error()
    if error is None or error.code() == KafkaError._PARTITION_EOF:
        return message
    raise KafkaException(error)


def _is_end(message: Message) -> bool:
    return message.error() is not None


def _timed_out() -> KafkaException:
    return KafkaException(KafkaError(KafkaError._TIMED_OUT, "the broker did not give what was published last"))
