"""What goes into a broker and what a read_committed reader finds on it, wherever its processes run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from confluent_kafka import Producer

from schemas import topics
from schemas.codec import Codec
from schemas.ledger import GenerationOutcome
from schemas.registry import HttpRegistry
from schemas.topics import Topic
from tests import factories
from tests.integration.reading import read_all, wait_until

Place = tuple[str, int, int]


@dataclass(slots=True)
class ShopBooks:
    """The events and the ledger of a shop, by its broker and registry."""

    bootstrap: str
    registry_url: str

    @property
    def codec(self) -> Codec:
        return Codec(HttpRegistry(self.registry_url))

    def feed_products(self, ids: Sequence[str], *, version: int = 1) -> None:
        """Send products as a catalogue service does, and wait until the broker has them."""
        codec = self.codec
        producer = Producer({"bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random"})
        for product_id in ids:
            value = codec.encode(topics.PRODUCT_CREATED, factories.product(product_id, version=version))
            producer.produce(topics.PRODUCT_CREATED.name, value, product_id)
        assert producer.flush(30) == 0

    def outcomes(self) -> list[GenerationOutcome]:
        """Give the ledger as a read_committed reader sees it now."""
        codec = self.codec
        records = [
            codec.decode(topics.GENERATION_OUTCOMES, message.value() or b"")
            for message in read_all(self.bootstrap, topics.GENERATION_OUTCOMES.name)
        ]
        return [record for record in records if isinstance(record, GenerationOutcome)]

    def keys(self, topic: Topic) -> Counter[bytes]:
        """Count the messages per key of a topic, as a read_committed reader sees it now."""
        return Counter(bytes(message.key() or b"") for message in read_all(self.bootstrap, topic.name))

    def request_places(self) -> set[Place]:
        """Give the place of every request message."""
        return {
            (topic.name, int(message.partition()), int(message.offset()))
            for topic in topics.REQUESTS
            for message in read_all(self.bootstrap, topic.name)
        }

    def wait_for_published(self, count: int, *, timeout_seconds: float = 90) -> None:
        """Wait until so many texts were published."""
        wait_until(
            lambda: sum(outcome.outcome == "published" for outcome in self.outcomes()) >= count,
            f"{count} texts published",
            timeout_seconds=timeout_seconds,
        )

    def wait_for_all(self, *, timeout_seconds: float = 180) -> None:
        """Wait until every request has its entry in the ledger."""
        wait_until(
            lambda: bool(wanted := self.request_places()) and places(self.outcomes()).keys() >= wanted,
            "an entry for every request",
            timeout_seconds=timeout_seconds,
        )


def places(outcomes: Sequence[GenerationOutcome]) -> Counter[Place]:
    """Count the ledger's entries per request."""
    return Counter((outcome.topic, outcome.partition, outcome.offset) for outcome in outcomes)
