"""What the streams made of events, read from the broker: requests, dead letters, and whether all is settled."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from deploy.local.stack import LocalStack
from schemas import topics
from schemas.codec import Codec
from schemas.events import Activity, Product, Review
from schemas.headers import deletion_headers
from schemas.ledger import DeadLetter
from schemas.registry import HttpRegistry
from schemas.request import GenerationRequest
from schemas.topics import INPUTS, QUESTIONS
from tests.integration.reading import read_all, wait_until

Event = Product | Review | Activity

_LAG_READER: dict[str, str | bool] = {
    "group.id": topics.STREAMS_APP,
    "enable.auto.commit": False,
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
}
_LAG_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop on a stack; `mark` is in all its ids, so that several share a stack."""

    stack: LocalStack
    producer: Producer
    mark: str

    @property
    def codec(self) -> Codec:
        return Codec(HttpRegistry(self.stack.registry_url))

    def id(self, name: str) -> str:
        """Give an id of this shop's own."""
        return f"{name}-{self.mark}"

    def feed(self, *events: Event) -> None:
        """Send events under their keys and wait until the broker has them."""
        codec = self.codec
        for event in events:
            topic, key = _addressed(event)
            self.producer.produce(topic.name, codec.encode(topic, event), key, on_delivery=_confirmed)
        assert self.producer.flush(30) == 0

    def send(self, topic: topics.Topic, key: str | bytes | None, value: bytes | None) -> None:
        """Send bytes as they are."""
        self.producer.produce(topic.name, value, key, on_delivery=_confirmed)
        assert self.producer.flush(30) == 0

    def delete(self, product_id: str, *, version: int | None = None) -> None:
        """Send a product's deletion, as of a version."""
        headers = [*deletion_headers(version)]
        self.producer.produce(topics.PRODUCT_CREATED.name, None, product_id, on_delivery=_confirmed, headers=headers)
        assert self.producer.flush(30) == 0

    def requests(self) -> list[GenerationRequest]:
        """Give this shop's requests in the order of their partitions, repeats included."""
        codec = self.codec
        found = [
            codec.decode(topic, message.value() or b"")
            for topic in topics.REQUESTS
            for message in read_all(self.stack.bootstrap, topic.name)
            if self.mark.encode() in (message.value() or b"")
        ]
        return [each for each in found if isinstance(each, GenerationRequest)]

    def asked(self, subject: str) -> list[tuple[str, str, int]]:
        """Give what was asked about a subject: task, action and version, in order."""
        mine = [each for each in self.requests() if each.subject == subject]
        return [(each.task, each.action, each.source_version) for each in mine]

    def dead_letters(self) -> list[DeadLetter]:
        """Give the dead letters whose key or value bears the mark."""
        codec = self.codec
        raw = [message.value() or b"" for message in read_all(self.stack.bootstrap, topics.DEAD_LETTERS.name)]
        found = [codec.decode(topics.DEAD_LETTERS, each) for each in raw if self.mark.encode() in each]
        return [each for each in found if isinstance(each, DeadLetter)]

    def wait_until_settled(self, *, timeout_seconds: float = 120) -> None:
        """Wait until the streams have committed past every input event."""
        wait_until(lambda: self.lag() == 0, "inputs settled", timeout_seconds=timeout_seconds)

    def lag(self) -> int:
        """Give how many events of all inputs the streams have not committed past, -1 while the broker cannot say."""
        return lag(self.stack.bootstrap)

    def wait_for_requests(self, count: int, *, timeout_seconds: float = 120) -> None:
        """Wait until so many requests were made."""
        wait_until(lambda: len(self.requests()) >= count, f"{count} requests", timeout_seconds=timeout_seconds)


def lag(bootstrap: str) -> int:
    """Give how many events, and questions handed on, the streams have not committed past; -1 while nobody can say.

    What is counted are messages, not offsets: the last offset of a transaction is a marker that nobody commits past
    before the next event, and the broker may write it after the producer was told that the transaction is over.
    """
    reader = Consumer(_LAG_READER | {"bootstrap.servers": bootstrap})
    try:
        # Questions last: one is handed on before its event is committed.
        return sum(1 for read in (INPUTS, QUESTIONS) for _ in _uncommitted(reader, read))
    except (KafkaException, TimeoutError):
        return -1
    finally:
        reader.close()


def _addressed(event: Event) -> tuple[topics.Topic, str]:
    match event:
        case Product():
            return topics.PRODUCT_CREATED, event.product_id
        case Review():
            return topics.REVIEW_POSTED, event.product_id
        case Activity():
            return topics.USER_ACTIVITY, event.user_id


def _confirmed(error: KafkaError | None, _: object) -> None:
    assert error is None, error


def _uncommitted(reader: Consumer, read: Sequence[topics.Topic]) -> Iterator[Message]:
    """Give each message of these topics that its group has not committed past, up to the ends of the partitions."""
    places = [TopicPartition(topic.name, n) for topic in read for n in range(topic.partitions)]
    done = [
        TopicPartition(at.topic, at.partition, max(at.offset, 0))
        for at in reader.committed(places, timeout=_LAG_SECONDS)
    ]
    behind = [at for at in done if reader.get_watermark_offsets(at, timeout=_LAG_SECONDS)[1] > at.offset]
    reader.assign(behind)
    unread = {(at.topic, at.partition) for at in behind}
    deadline = time.monotonic() + _LAG_SECONDS
    while unread:
        if time.monotonic() > deadline:
            raise TimeoutError
        for message in reader.consume(500, timeout=0.2):
            if (error := message.error()) is None:
                yield message
            elif error.code() == KafkaError._PARTITION_EOF:
                unread.discard((message.topic(), message.partition()))
