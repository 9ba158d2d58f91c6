"""Which requests were served lately, read back from the tail of the request partition."""

from __future__ import annotations

import time
from collections.abc import Iterator

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from workers.kafka import KafkaConfig
from workers.latest import Served, served
from workers.messages import Partition
from workers.source import headers_of

log = structlog.get_logger()

_SILENCE_SECONDS = 10.0
_ENOUGH_SECONDS = 15.0
"""With the longest silence behind it, this is still less than an opening is waited for."""

_ENOUGH_BYTES = 256 * 1024 * 1024
_FIRST_STEP, _GROWTH = 16, 8
"""Offsets that are read first, and how much wider each further step is: four steps for some 9,000."""


def recall(partition: Partition, *, below: int, count: int, kafka: KafkaConfig) -> list[Served]:
    """Give the requests at up to `count` offsets just below an offset, oldest first.

    The tail is read in steps from its end, since the newest matter most; after 256 MiB or 15 s what was read is enough.
    Keys and headers tell all, values are not decoded. Raises KafkaException when the broker does not answer.
    """
    if below <= 0 or count <= 0:
        return []
    consumer = Consumer(kafka.reader())
    try:
        steps = list(_steps(consumer, partition, below=below, count=count))
    finally:
        consumer.close()
    return [one for step in reversed(steps) for one in step]


def _steps(consumer: Consumer, partition: Partition, *, below: int, count: int) -> Iterator[list[Served]]:
    """Yield what each step finds, the newest step first, until all is read or enough."""
    place = partition.topic, partition.number
    there, end = consumer.get_watermark_offsets(TopicPartition(*place), timeout=_SILENCE_SECONDS)
    first, end, width, budget = max(there, below - count), min(end, below), _FIRST_STEP, _Budget()
    while end > first and not budget.is_spent:
        begin = max(first, end - width)
        consumer.assign([TopicPartition(*place, begin)])
        yield [one for one in map(_served, budget.spent_on(_messages(consumer, below=end))) if one]
        end, width = begin, width * _GROWTH
    if budget.is_spent:
        log.warning("fewer requests are recalled than asked for", partition=str(partition), oldest=end)


class _Budget:
    """What reading back may cost."""

    def __init__(self) -> None:
        self._ends_at = time.monotonic() + _ENOUGH_SECONDS
        self._bytes = _ENOUGH_BYTES

    @property
    def is_spent(self) -> bool:
        """Say whether what was read is enough."""
        return self._bytes <= 0 or time.monotonic() > self._ends_at

    def spent_on(self, messages: Iterator[Message]) -> Iterator[Message]:
        """Yield messages as long as there is something to spend."""
        for message in messages:
            yield message
            self._bytes -= len(message)
            if self.is_spent:
                return


def _messages(consumer: Consumer, *, below: int) -> Iterator[Message]:
    """Yield the messages up to an offset or the end of the partition, whichever comes first."""
    while (message := consumer.poll(_SILENCE_SECONDS)) is not None:  # one without a value is false
        error = message.error()
        if error and error.code() != KafkaError._PARTITION_EOF:
            raise KafkaException(error)
        if error or message.offset() >= below:
            return
        yield message
    raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "the broker did not give the partition's tail"))


def _served(message: Message) -> Served | None:
    return served(message.key(), headers_of(message))
