"""Which requests were served lately, read back from the tail of the request partition."""

from __future__ import annotations

from collections.abc import Iterator

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from workers.kafka import KafkaConfig
from workers.latest import Served, served
from workers.messages import Partition
from workers.source import headers_of

_SILENCE_SECONDS = 10.0


def recall(partition: Partition, *, below: int, count: int, kafka: KafkaConfig) -> list[Served]:
    """Give the requests at up to `count` offsets just below an offset, oldest first.

    Keys and headers tell all, values are not decoded. Raises KafkaException when the broker does not answer.
    """
    if below <= 0:
        return []
    consumer = Consumer(kafka.reader())
    try:
        consumer.assign([TopicPartition(partition.topic, partition.number, max(0, below - count))])
        return [one for one in map(_served, _messages(consumer, below=below)) if one]
    finally:
        consumer.close()


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
