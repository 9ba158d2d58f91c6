"""How commands read topics by hand: quiet about a broker that is away, of no group, and each message decoded."""

from __future__ import annotations

import time
import uuid
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from deploy.endpoints import Endpoints
from deploy.show import Shown
from schemas import topics
from schemas.codec import Codec
from schemas.rights import READERS_GROUPS

_BY_NAME: Final = {topic.name: topic for topic in topics.ALL}
_LEADERLESS: Final = frozenset({KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE})
_RETRY_SECONDS: Final = 0.2


def quiet(endpoints: Endpoints) -> dict[str, str | int | bool]:
    """Give the settings of a client that comes back soon after the broker does."""
    return endpoints.kafka() | {"reconnect.backoff.max.ms": 1_000}


def reader_settings(endpoints: Endpoints, command: str) -> dict[str, str | int | bool]:
    """Give the settings of a read_committed consumer whose partitions are assigned by hand and that commits nothing."""
    return quiet(endpoints) | {
        # librdkafka wants a name, though no group is joined: partitions are assigned by hand.
        "group.id": f"{READERS_GROUPS}{command}-{uuid.uuid4().hex}",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
        "fetch.wait.max.ms": 100,
    }


def edges_of(consumer: Consumer, place: TopicPartition, *, seconds: float) -> tuple[int, int]:
    """Give a partition's oldest offset and its end, waiting so long for a leader: one just made has none for a moment.

    Raises KafkaException.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            oldest, end = consumer.get_watermark_offsets(place, timeout=seconds)
        except KafkaException as error:
            if error.args[0].code() not in _LEADERLESS or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return int(oldest), int(end)


def shown_of(message: Message, codec: Codec) -> Shown:
    """Give a message of one of our topics with its record; a key that is no text keeps what of it can be read."""
    topic, value = _BY_NAME[message.topic()], message.value()
    return Shown(
        topic=topic.name,
        partition=message.partition(),
        offset=message.offset(),
        timestamp_unix_ms=message.timestamp()[1],
        key=key_of(message),
        record=None if value is None else codec.decode(topic, value),
    )


def key_of(message: Message) -> str:
    """Give a message's key as text."""
    return (message.key() or b"").decode(errors="replace")
