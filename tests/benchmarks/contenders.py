"""The contenders: our worker, and the two loops that people write instead."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from confluent_kafka import Consumer, Producer, TopicPartition

from schemas.request import GenerationRequest
from tests.benchmarks.loads import Load
from tests.benchmarks.meter import Meter
from workers.commit import Committer
from workers.engines.engine import Engine
from workers.engines.fake import FakeEngine
from workers.kafka import KafkaConfig
from workers.ledger import Ledger, Membership
from workers.messages import Result
from workers.outcome import Outcome
from workers.rules import Rules
from workers.source import Source
from workers.window import Progress
from workers.worker import Parts, Worker

ContenderName = Literal["worker", "at-least-once", "transaction-per-message"]
COMMIT_SECONDS = 0.1
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Course:
    """What a contender runs on."""

    topic: str
    kafka: KafkaConfig
    load: Load
    meter: Meter


def run_worker(course: Course) -> None:
    """Run one whole worker, its engine at zero latency, until all is measured."""
    asyncio.run(_worked(course))


async def _worked(course: Course) -> None:
    worker = Worker(_parts(course), Rules(owner="bench", commit_interval_seconds=COMMIT_SECONDS))
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        while not course.meter.done.is_set():
            await asyncio.sleep(COMMIT_SECONDS)
        worker.stop()


def _parts(course: Course) -> Parts:
    async def generate(request: GenerationRequest, engine: Engine) -> Outcome:
        await asyncio.sleep(0)  # a generation always waits for something
        return course.load.outcome

    return Parts(
        engine=FakeEngine(),
        generate=generate,
        codec=course.load.codec,
        publisher=course.load.publisher,
        ledger_of=lambda partition: _Metered(Committer(partition, course.kafka), course.meter),
        recall=lambda _partition, _below: [],
        published_beyond=lambda _partition, _progress: None,
        sources_for=lambda listener, blocking: {course.topic: Source(course.topic, course.kafka, listener, blocking)},
    )


class _Metered:
    """A ledger that tells the meter what it has published."""

    def __init__(self, ledger: Ledger, meter: Meter) -> None:
        self._ledger = ledger
        self._meter = meter

    def open(self) -> Progress:
        return self._ledger.open()

    def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
        self._ledger.publish(results, progress, membership)
        self._meter.finished(len(results))

    def close(self) -> None:
        self._ledger.close()


def run_at_least_once(course: Course) -> None:
    """Consume, work, produce; flush and commit the offsets every 100 ms: a crash repeats what was not committed."""
    consumer, producer = _consumer(course), Producer(course.kafka.common() | {"compression.type": "lz4"})
    waiting, due = 0, time.monotonic()
    while not course.meter.done.is_set():
        for message in consumer.consume(_BATCH, timeout=0.02):
            course.load.serve(message, producer)
            waiting += 1
        if waiting and time.monotonic() >= due:
            producer.flush()
            consumer.commit(asynchronous=False)
            course.meter.finished(waiting)
            waiting, due = 0, time.monotonic() + COMMIT_SECONDS
    consumer.close()


def run_transaction_per_message(course: Course) -> None:
    """Consume, work, and publish each message in a transaction of its own with its offset."""
    consumer = _consumer(course)
    producer = Producer(course.kafka.producer(transactional_id=course.kafka.group))
    producer.init_transactions(20)
    while not course.meter.done.is_set():
        for message in consumer.consume(_BATCH, timeout=0.02):
            producer.begin_transaction()
            course.load.serve(message, producer)
            after = TopicPartition(course.topic, message.partition(), message.offset() + 1)
            producer.send_offsets_to_transaction([after], consumer.consumer_group_metadata())
            producer.commit_transaction()
            course.meter.finished(1)
    consumer.close()


def _consumer(course: Course) -> Consumer:
    """Give a consumer with the worker's own settings, that notes what it gave out."""
    consumer = Consumer(course.kafka.consumer(course.topic) | {"enable.auto.offset.store": True})
    consumer.subscribe([course.topic])
    return consumer


CONTENDERS: dict[ContenderName, Callable[[Course], None]] = {
    "worker": run_worker,
    "at-least-once": run_at_least_once,
    "transaction-per-message": run_transaction_per_message,
}
