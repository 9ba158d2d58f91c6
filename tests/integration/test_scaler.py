"""What scales the workers learns how far behind they are, by the rights of its user, and sees and does nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from deploy.endpoints import Endpoints
from schemas import topics
from tests.integration.closed import ClosedStack, closed_stack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

TOPIC, GROUP = topics.REQUESTS_BULK.name, topics.WORKERS_GROUP


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClosedStack]:
    """Give a closed stack."""
    with closed_stack(tmp_path_factory.mktemp("closed")) as found:
        yield found


def write(endpoints: Endpoints, *, partition: int, count: int) -> None:
    """Put messages on a partition of the bulk requests."""
    producer = Producer(endpoints.kafka())
    for _ in range(count):
        producer.produce(TOPIC, b"request", b"key", partition=partition)
    assert producer.flush(30) == 0


def commit(endpoints: Endpoints, *, partition: int, offset: int) -> None:
    """Say that the workers are so far."""
    with closing(Consumer(endpoints.kafka() | {"group.id": GROUP})) as consumer:
        consumer.commit(offsets=[TopicPartition(TOPIC, partition, offset)], asynchronous=False)


def lag(endpoints: Endpoints) -> dict[int, int]:
    """Ask as KEDA's `kafka` scaler does: the topic's partitions, the group's offsets, each partition's end."""
    admin = AdminClient(endpoints.kafka())
    known = admin.list_topics(TOPIC, timeout=30).topics[TOPIC]
    places = [TopicPartition(TOPIC, partition) for partition in known.partitions]
    (asked,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP, places)]).values()
    committed = {place.partition: place.offset for place in asked.result(30).topic_partitions}
    ends = admin.list_offsets({place: OffsetSpec.latest() for place in places})
    return {place.partition: end.result(30).offset - max(committed[place.partition], 0) for place, end in ends.items()}


def test_the_scaler_learns_how_far_behind_the_workers_are(closed: ClosedStack) -> None:
    write(closed.endpoints("streams"), partition=1, count=5)
    write(closed.endpoints("streams"), partition=2, count=2)
    commit(closed.endpoints("worker"), partition=1, offset=3)

    assert lag(closed.endpoints("scaler")) == {0: 0, 1: 2, 2: 2, 3: 0}


def test_the_scaler_sees_no_other_topic_and_no_other_group(closed: ClosedStack) -> None:
    commit(closed.endpoints("worker"), partition=0, offset=0)
    admin = AdminClient(closed.endpoints("scaler").kafka())

    seen = {name for name, topic in admin.list_topics(timeout=30).topics.items() if topic.error is None}
    assert seen == {topic.name for topic in topics.REQUESTS}
    (other,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(topics.STREAMS_APP)]).values()
    with pytest.raises(KafkaException, match="GROUP_AUTHORIZATION_FAILED"):
        other.result(30)


def test_the_scaler_cannot_say_that_the_workers_are_further(closed: ClosedStack) -> None:
    before = lag(closed.endpoints("scaler"))
    with pytest.raises(KafkaException, match="GROUP_AUTHORIZATION_FAILED"):
        commit(closed.endpoints("scaler"), partition=0, offset=0)
    further = ConsumerGroupTopicPartitions(GROUP, [TopicPartition(TOPIC, 1, 5)])
    admin = AdminClient(closed.endpoints("scaler").kafka())
    (asked,) = admin.alter_consumer_group_offsets([further]).values()

    assert [place.error.name() for place in asked.result(30).topic_partitions] == ["GROUP_AUTHORIZATION_FAILED"]
    assert lag(closed.endpoints("scaler")) == before
