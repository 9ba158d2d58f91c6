"""The real ledger and its fake keep the same promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.stack import LocalStack
from schemas.codec import Codec
from schemas.ledger import GenerationOutcome
from schemas.topics import GENERATION_OUTCOMES, REQUEST_ID_HEADER
from tests.integration.reading import read_all, wait_until
from workers.commit import Committer
from workers.kafka import KafkaConfig
from workers.latest import Served
from workers.ledger import CommitFailed, FakeLedger, FakePartition, Ledger, Membership
from workers.messages import Partition, Produced, Result
from workers.published import PublishedTail
from workers.recall import recall
from workers.window import Hole, Progress

pytestmark = pytest.mark.integration


class FakeWorld:
    """A partition in memory."""

    def __init__(self) -> None:
        self._partition = FakePartition()
        self.membership: Membership | None = None

    def ledger(self) -> Ledger:
        return FakeLedger(self._partition)

    def published(self) -> list[bytes | None]:
        return [message.value for message in self._partition.published]


class RealWorld:
    """A request topic and an output topic of this test alone, with a live member of the group."""

    def __init__(self, stack: LocalStack, unique: str) -> None:
        self._bootstrap = stack.bootstrap
        self._kafka = KafkaConfig(stack.bootstrap, f"group-{unique}")
        admin = AdminClient({"bootstrap.servers": stack.bootstrap})
        self._requests, self.output = f"requests-{unique}", f"output-{unique}"
        for created in admin.create_topics([NewTopic(self._requests, 1, 1), NewTopic(self.output, 1, 1)]).values():
            created.result(20)
        self._consumer = Consumer(self._kafka.consumer(self._requests))
        self._consumer.subscribe([self._requests])
        wait_until(self._is_assigned, "a partition of the request topic", timeout_seconds=60)
        self.membership = Membership(self._consumer.consumer_group_metadata())

    def _is_assigned(self) -> bool:
        self._consumer.poll(0.1)
        return bool(self._consumer.assignment())

    def ledger(self) -> Ledger:
        return Committer(Partition(self._requests, 0), self._kafka)

    def published(self) -> list[bytes | None]:
        return [message.value() for message in read_all(self._bootstrap, self.output)]

    def close(self) -> None:
        self._consumer.close()


World = FakeWorld | RealWorld


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest, unique: str) -> Iterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    real = RealWorld(request.getfixturevalue("stack"), unique)
    yield real
    real.close()


def result(offset: int, world: World, text: bytes) -> Result:
    topic = world.output if isinstance(world, RealWorld) else "output"
    return Result(offset, (Produced(topic, b"key", text),))


def wait_for(world: World, *texts: bytes) -> None:
    """Wait until readers see exactly these: the broker shows a transaction a moment after it answered."""
    wait_until(lambda: world.published() == list(texts), f"{texts} published and nothing else", timeout_seconds=20)


def test_a_partition_without_a_commit_starts_at_its_first_message(world: World) -> None:
    assert world.ledger().open() == Progress(0, 0)


def test_results_and_progress_become_visible_together_and_are_read_back(world: World) -> None:
    ledger, progress = (
        world.ledger(),
        Progress(base=2, high=9, holes=(Hole(2, deaths=1), Hole(5, under_way=True)), owner="me"),
    )
    ledger.open()

    ledger.publish([result(3, world, b"three"), result(4, world, b"four")], progress, world.membership)

    wait_for(world, b"three", b"four")
    assert world.ledger().open() == progress


def test_a_new_owner_fences_the_old_one_which_then_publishes_nothing(world: World) -> None:
    old, new = world.ledger(), world.ledger()
    old.open()
    new.open()

    with pytest.raises(CommitFailed) as failure:
        old.publish([result(0, world, b"zombie")], Progress(1, 1), world.membership)

    new.publish([result(0, world, b"owner")], Progress(1, 1), world.membership)
    assert failure.value.fenced
    wait_for(world, b"owner")


def test_a_ledger_that_was_not_opened_publishes_nothing(world: World) -> None:
    with pytest.raises(CommitFailed):
        world.ledger().publish([result(0, world, b"early")], Progress(1, 1), world.membership)

    assert world.published() == []


@pytest.fixture
def request_log(stack: LocalStack, unique: str) -> Callable[[int], Partition]:
    """Give a maker of a request partition with ids Q0, Q1, ... in it, some of them on messages without a value."""

    def make(count: int) -> Partition:
        admin = AdminClient({"bootstrap.servers": stack.bootstrap})
        admin.create_topics([NewTopic(f"log-{unique}", 1, 1)])[f"log-{unique}"].result(20)
        producer = Producer({"bootstrap.servers": stack.bootstrap})
        for number in range(count):
            value = (b"value", b"", None)[number % 3]
            producer.produce(f"log-{unique}", value, headers=[(REQUEST_ID_HEADER, f"Q{number}".encode())])
        producer.flush(20)
        return Partition(f"log-{unique}", 0)

    return make


def outcome(codec: Codec, log: Partition, offset: int, request_id: str) -> bytes:
    """Give the ledger's entry of a request that was published."""
    return codec.encode(
        GENERATION_OUTCOMES,
        GenerationOutcome(
            request_id=request_id,
            topic=log.topic,
            partition=log.number,
            offset=offset,
            task="product-description",
            subject="P1",
            locale="en",
            source_version=1,
            outcome="published",
            worker="test",
            finished_unix_ms=0,
        ),
    )


def test_progress_that_lies_behind_what_was_published_is_found_out(
    stack: LocalStack, codec: Codec, request_log: Callable[[int], Partition]
) -> None:
    log, producer = request_log(9), Producer({"bootstrap.servers": stack.bootstrap})
    for offset, request_id in ((3, "Q3"), (5, "Q5"), (7, "an id of an older topic of this name")):
        producer.produce(GENERATION_OUTCOMES.name, outcome(codec, log, offset, request_id))
    producer.flush(20)

    def beyond(progress: Progress) -> int | None:
        return PublishedTail(KafkaConfig(stack.bootstrap, "tail-test"), codec).beyond(log, progress)

    done = (Hole(4), Hole(6))
    assert beyond(Progress(4, 8, done)) is None
    assert beyond(Progress(4, 7, (*done, Hole(5)))) is None, "the highest is of another topic"
    assert beyond(Progress(4, 8, (Hole(5),))) == 5
    assert beyond(Progress(2, 8, (Hole(3),))) == 3


def test_the_ids_served_lately_are_read_back_from_the_partitions_tail(
    stack: LocalStack, request_log: Callable[[int], Partition]
) -> None:
    kafka = KafkaConfig(stack.bootstrap, "recall-test")
    log = request_log(50)

    assert recall(log, below=40, count=3, kafka=kafka) == [Served("Q37"), Served("Q38"), Served("Q39")]
    assert recall(log, below=2, count=100, kafka=kafka) == [Served("Q0"), Served("Q1")]
    assert recall(log, below=1_000, count=960, kafka=kafka) == [Served(f"Q{number}") for number in range(40, 50)]
    assert recall(log, below=0, count=10, kafka=kafka) == []
