"""Which requests were served lately: their ids, read back from the tail of the request partition."""

from __future__ import annotations

from collections.abc import Iterator

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from schemas.topics import REQUEST_ID_HEADER
from workers.kafka import KafkaConfig
from workers.messages import Partition

_SILENCE_SECONDS = 10.0


def recall(partition: Partition, *, below: int, count: int, kafka: KafkaConfig) -> list[str]:
    """Give the request ids of up to `count` offsets just below an offset, oldest first.

    Ids travel in a header, so values are not decoded. Raises KafkaException when the broker does not answer.
    """
    if below <= 0:
        return []
    consumer = Consumer(kafka.reader())
    try:
        consumer.assign([TopicPartition(partition.topic, partition.number, max(0, below - count))])
        return [request_id for request_id in map(_request_id, _messages(consumer, below=below)) if request_id]
    finally:
        consumer.close()


def _messages(consumer: Consumer, *, below: int) -> Iterator[Message]:
    """Yield the messages up to an offset or the end of the partition, whichever comes first."""
    while message := consumer.poll(_SILENCE_SECONDS):
        error = message.error()
        if error and error.code() != KafkaError._PARTITION_EOF:
            raise KafkaException(error)
        if error or message.offset() >= below:
            return
        yield message
    raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "the broker did not give the partition's tail"))


def _request_id(message: Message) -> str | None:
    for name, value in message.headers() or []:
        if name == REQUEST_ID_HEADER and isinstance(value, bytes):
            return value.decode(errors="replace")
    return None
