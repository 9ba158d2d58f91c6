"""A run of the real processes on a stack of its own: events in, results out, with parts killed on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Producer

from deploy.local.stack import LocalStack, local_stack
from schemas import topics
from schemas.codec import Codec
from schemas.ledger import GenerationOutcome
from schemas.registry import HttpRegistry
from schemas.topics import Topic
from tests import factories
from tests.integration.conftest import CACHE, provisioned
from tests.integration.processes import Running, environment_of, running
from tests.integration.reading import read_all, wait_until

Place = tuple[str, int, int]


@dataclass(slots=True)
class ShopRun:
    """A stack with streams and workers on it."""

    stack: LocalStack
    home: Path
    exits: ExitStack
    processes: dict[str, Running]

    @property
    def codec(self) -> Codec:
        return Codec(HttpRegistry(self.stack.registry_url))

    def start(self, module: str, name: str, **environment: str) -> None:
        """Start `python -m MODULE` under a name of its own."""
        everything = environment_of(self.stack, self.home / name) | environment
        log = self.home / f"{name}.log"
        self.processes[name] = self.exits.enter_context(running(module, environment=everything, log=log))

    def start_streams(self) -> None:
        self.start("streams", "streams")

    def start_worker(self, name: str = "worker", *, seconds_per_text: float = 0.3, **environment: str) -> None:
        """Start a worker whose fake engine takes this long for a text (log-normal)."""
        self.start(
            "workers",
            name,
            SHELFTALK_WORKER_ID=name,
            SHELFTALK_ENGINE="fake",
            SHELFTALK_MAX_IN_FLIGHT="16",
            SHELFTALK_FAKE__MEDIAN_SECONDS=str(seconds_per_text),
            SHELFTALK_FAKE__SPREAD="0.8",
            **environment,
        )

    def kill(self, name: str) -> None:
        """End a process as a crash would."""
        self.processes[name].kill()

    def feed_products(self, ids: Sequence[str], *, version: int = 1) -> None:
        """Send products as a catalogue service does, and wait until the broker has them."""
        codec = self.codec
        producer = Producer({"bootstrap.servers": self.stack.bootstrap, "partitioner": "murmur2_random"})
        for product_id in ids:
            value = codec.encode(topics.PRODUCT_CREATED, factories.product(product_id, version=version))
            producer.produce(topics.PRODUCT_CREATED.name, value, product_id)
        assert producer.flush(30) == 0

    def outcomes(self) -> list[GenerationOutcome]:
        """Give the ledger as a read_committed reader sees it now."""
        codec = self.codec
        records = [
            codec.decode(topics.GENERATION_OUTCOMES, message.value() or b"")
            for message in read_all(self.stack.bootstrap, topics.GENERATION_OUTCOMES.name)
        ]
        return [record for record in records if isinstance(record, GenerationOutcome)]

    def keys(self, topic: Topic) -> Counter[bytes]:
        """Count the messages per key of a topic, as a read_committed reader sees it now."""
        return Counter(bytes(message.key() or b"") for message in read_all(self.stack.bootstrap, topic.name))

    def request_places(self) -> set[Place]:
        """Give the place of every request message."""
        return {
            (topic.name, int(message.partition()), int(message.offset()))
            for topic in topics.REQUESTS
            for message in read_all(self.stack.bootstrap, topic.name)
        }

    def wait_for_published(self, count: int, *, timeout_seconds: float = 90) -> None:
        """Wait until so many texts were published."""
        wait_until(
            lambda: sum(outcome.outcome == "published" for outcome in self.outcomes()) >= count,
            f"{count} texts published",
            timeout_seconds=timeout_seconds,
        )


@contextmanager
def shop_run(home: Path) -> Iterator[ShopRun]:
    """Give a provisioned stack of its own; everything started on it is ended afterwards."""
    with local_stack(home / "stack", CACHE) as stack, ExitStack() as exits:
        yield ShopRun(provisioned(stack), home, exits, {})


def places(outcomes: Sequence[GenerationOutcome]) -> Counter[Place]:
    """Count the ledger's entries per request."""
    return Counter((outcome.topic, outcome.partition, outcome.offset) for outcome in outcomes)
