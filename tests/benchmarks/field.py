"""The broker of a run: a stack of its own, with the requests of both loads on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.stack import LocalStack
from deploy.settings import Settings
from schemas import topics
from tests.benchmarks.loads import OUTPUT, LoadName, input_topic, messages

PARTITIONS = 8
_OUTPUTS = (OUTPUT, topics.PRODUCT_DESCRIPTIONS.name, topics.GENERATION_OUTCOMES.name)


@contextmanager
def broker(home: Path, held: dict[LoadName, int]) -> Iterator[str]:
    """Give the address of a broker with so many requests of each load on it; it is ended afterwards."""
    stack = LocalStack(home, Settings().cache_folder)
    try:
        bootstrap = stack.up(with_registry=False).bootstrap
        _create(bootstrap, [*map(input_topic, held), *_OUTPUTS])
        for load, count in held.items():
            _fill(bootstrap, load, count)
        yield bootstrap
    finally:
        stack.down()


def outputs(bootstrap: str, load: LoadName) -> int:
    """Count what a load's contenders have written to its first output topic, transactions' markers included."""
    topic = OUTPUT if load == "bytes" else topics.PRODUCT_DESCRIPTIONS.name
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "bench-count"})
    try:
        ends = [consumer.get_watermark_offsets(TopicPartition(topic, number), 10) for number in range(PARTITIONS)]
    finally:
        consumer.close()
    return sum(high for _, high in ends)


def _create(bootstrap: str, names: list[str]) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for created in admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names]).values():
        created.result(30)


def _fill(bootstrap: str, load: LoadName, count: int) -> None:
    producer = Producer(
        {"bootstrap.servers": bootstrap, "compression.type": "lz4", "linger.ms": 20, "partitioner": "murmur2_random"}
    )
    for message in messages(load, count):
        producer.produce(input_topic(load), key=message.key, value=message.value, headers=list(message.headers))
        producer.poll(0)
    producer.flush()
