"""Publishing: results and the offsets that they finish become visible together, or not at all.

One transactional producer per request partition. Its transactional id names the partition, so a new owner's start
fences the old one and ends its open transaction (KIP-98, KIP-447). A transaction only wraps finished work.
"""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from schemas.access import refusal
from workers.kafka import KafkaConfig
from workers.ledger import CommitFailed, Membership
from workers.messages import Partition, Result
from workers.window import Progress

_INIT_SECONDS = 10.0
_FIRST_INIT_SECONDS = 0.1
"""The broker ends an earlier owner's transaction in some 20 ms, but librdkafka asks again only after half a second: a
second producer has its answer in a third of that. Where a broker is far away, this costs 0.1 s.
"""

_NOT_YET = frozenset({KafkaError._TIMED_OUT, KafkaError.CONCURRENT_TRANSACTIONS})
_COMMIT_SECONDS = 5.0
_READ_SECONDS = 10.0


class Committer:
    """Publishes the results of one partition. Its calls block; one is made at a time, but for abandoned ones."""

    def __init__(self, partition: Partition, kafka: KafkaConfig) -> None:
        self._partition = partition
        self._config = kafka.producer(transactional_id=f"{kafka.group}.{partition.topic}.{partition.number}")
        self._reader = kafka.offset_reader()
        self._producer: Producer | None = None

    def open(self) -> Progress:
        """Fence every earlier owner of the partition, end its transaction, and give what was committed last.

        Raises KafkaException while the broker cannot do it; it may be called again, after CommitFailed it must be.
        """
        self._producer = None
        producer = self._fencing(_FIRST_INIT_SECONDS) or self._fencing(_INIT_SECONDS)
        if producer is None:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "earlier owners could not be fenced"))
        self._producer = producer
        return self._committed()

    def _fencing(self, seconds: float) -> Producer | None:
        """Give a new producer that has fenced all earlier ones, None when that takes longer; raises KafkaException."""
        producer = Producer(self._config)
        try:
            producer.init_transactions(seconds)
        except KafkaException as error:
            del producer  # it ends here: kept by a traceback, it would end on the event loop, which takes it 50 ms
            if error.args[0].code() in _NOT_YET:
                return None
            raise error.with_traceback(None)  # noqa: B904 - the same error
        return producer

    def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
        """Make the results and the progress that includes them visible in one transaction; raises CommitFailed.

        A call that timed out is never repeated on the same producer: librdkafka may then wait for ever.
        """
        producer = self._producer
        if producer is None or membership is None:
            raise CommitFailed("not open, or no member of the group")
        try:
            producer.begin_transaction()
            for result in results:
                _produce(producer, result)
            producer.send_offsets_to_transaction([self._offset(progress)], membership, _COMMIT_SECONDS)
            producer.commit_transaction(_COMMIT_SECONDS)
        except KafkaException as error:
            if self._producer is producer:  # else this call was abandoned, and another producer has taken over
                self._producer = None
            del producer  # as in `open`
            refused = refusal(error.args[0])
            raise CommitFailed(str(error), fenced=_is_fence(error), refused=refused) from error.with_traceback(None)

    def close(self) -> None:
        """Let go of the producer."""
        self._producer = None

    def _committed(self) -> Progress:
        """Read the group's offset of the partition; a partition without one starts at its first message.

        With a client of its own each time: one that was kept through a broker's absence may never answer again.
        """
        consumer = Consumer(self._reader)
        try:
            (found,) = consumer.committed([TopicPartition(*_names(self._partition))], _READ_SECONDS)
        finally:
            consumer.close()
        if found.error:
            raise KafkaException(found.error)
        return Progress.decode(max(found.offset, 0), found.metadata or "")

    def _offset(self, progress: Progress) -> TopicPartition:
        return TopicPartition(*_names(self._partition), progress.base, metadata=progress.encode())


def _names(partition: Partition) -> tuple[str, int]:
    return partition.topic, partition.number


def _is_fence(error: KafkaException) -> bool:
    reason = error.args[0]
    return isinstance(reason, KafkaError) and reason.code() in (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH)


def _produce(producer: Producer, result: Result) -> None:
    for message in result.messages:
        while True:
            try:
                producer.produce(message.topic, key=message.key, value=message.value, headers=list(message.headers))
            except BufferError:  # librdkafka's queue is full: let it send
                producer.poll(0.05)
            else:
                break
