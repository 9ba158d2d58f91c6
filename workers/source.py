"""The consuming edge: one thread owns the consumer and always polls, so that a generation may take any time."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Protocol, cast

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from schemas.access import raise_refusal
from workers.blocking import Blocking
from workers.kafka import KafkaConfig
from workers.ledger import Membership
from workers.messages import Consumed, Partition

log = structlog.get_logger()

_POLL_SECONDS = 0.01
"""How long an order to resume may wait: until then its partition stands still."""

_BATCH = 500
_ENDS_SECONDS = 1.0
_MOST_BREAKS = 3
_BREAKS_SECONDS = 600.0
"""So many clients may break in so long: two workers of one name would fence each other for ever."""

_place = cache(Partition)
_Header = tuple[str, bytes | None]


class SourceListener(Protocol):
    """What the source tells, always from its own thread. `released` may block: the partitions go when it returns."""

    def assigned(self, partitions: Sequence[Partition]) -> None:
        """Take note of new partitions, before any of their messages is delivered."""
        ...

    def released(self, partitions: Sequence[Partition], *, lost: bool) -> None:
        """Finish with these partitions; when `lost`, somebody else may have them already: commit nothing."""
        ...

    def delivered(self, messages: Sequence[Consumed]) -> None:
        """Take messages, in order within each partition."""
        ...

    def failed(self, error: Exception) -> None:
        """Learn that the consumer is beyond repair; the thread has ended."""
        ...


@dataclass(frozen=True, slots=True)
class _Order:
    """A change to the consumer, carried out by its own thread."""

    apply: Callable[[Consumer], None]


class Source:
    """Reads one request topic as a member of the workers' group.

    One topic each, so that the group shares out every topic evenly: over several it might give one worker all of one.
    """

    def __init__(self, topic: str, kafka: KafkaConfig, listener: SourceListener, blocking: Blocking) -> None:
        self._topic = topic
        self._kafka = kafka
        self._listener = listener
        self._blocking = blocking
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._held: set[Partition] = set()
        self._is_broken = False
        self._breaks: list[float] = []
        self._thread = threading.Thread(target=self._run, name=f"source {topic}", daemon=True)
        self.membership: Membership | None = None
        """Captured on the polling thread: asking for it elsewhere may wait for a rebalance, and that for us."""
        self.ends: dict[Partition, int] = {}
        """The offset after the last message of each partition, as the broker said it with the last fetch."""
        self._ends_due = 0.0

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Leave the group after a last `released`, and wait until that is done; blocks."""
        self._stopping.set()
        self._thread.join()

    def pause(self, partition: Partition) -> None:
        """Stop reading a partition; messages already on their way still come."""
        self._orders.put(_Order(partial(_pause, partition)))

    def resume(self, partition: Partition) -> None:
        """Go on reading a partition."""
        self._orders.put(_Order(partial(_resume, partition)))

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                with self._blocking.watching("make a consumer"):
                    consumer = Consumer(self._kafka.consumer(self._topic))
                self._read(consumer)
        except Exception as error:  # whatever ends this thread must end the worker, not only the reading
            self._listener.failed(error)

    def _read(self, consumer: Consumer) -> None:
        """Read with one client until told to stop, or until it is beyond repair; raises after too many of those.

        A static member whose answer to a join was lost on its way is fenced by itself when it asks again (KIP-345).
        """
        self._is_broken = False
        try:
            consumer.subscribe(
                [self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
            )
            while not self._stopping.is_set():
                with self._blocking.watching("poll"):
                    self._turn(consumer)
        except KafkaException as error:
            self._is_broken = True
            if not self._may_begin_again():
                raise
            log.warning("the consumer is beyond repair: another one takes its place", error=str(error))
        finally:
            with self._blocking.watching("close the consumer"):
                consumer.close()
            if self._held:
                self._release(list(self._held), lost=True)

    def _may_begin_again(self) -> bool:
        now = time.monotonic()
        self._breaks = [then for then in self._breaks if now - then < _BREAKS_SECONDS] + [now]
        return len(self._breaks) <= _MOST_BREAKS

    def _turn(self, consumer: Consumer) -> None:
        while not self._orders.empty():
            self._orders.get().apply(consumer)
        # One call, since a partition may go and come back in each: the client drops from a call's batch what was read
        # before that, but could not drop it from an earlier call's.
        messages = consumer.consume(_BATCH, timeout=_POLL_SECONDS)
        self._note_membership(consumer)
        self._note_ends(consumer)
        if messages:
            self._listener.delivered([_consumed(message) for message in messages if _usable(message)])

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.incremental_assign(partitions)
        self._note_membership(consumer)
        self._held.update(_named(partitions))
        self._listener.assigned(_named(partitions))

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._note_membership(consumer)
        self._release(_named(partitions), lost=self._is_broken)
        consumer.incremental_unassign(partitions)

    def _on_lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._release(_named(partitions), lost=True)
        consumer.incremental_unassign(partitions)

    def _note_membership(self, consumer: Consumer) -> None:
        """Learn who we are in the group; a client that is being closed may not say it any more.

        One that the group has put out is nobody, and as nobody it may commit: who it was is what must fail.
        """
        with suppress(RuntimeError):
            metadata = consumer.consumer_group_metadata()
            if consumer.memberid():
                self.membership = Membership(metadata)

    def _note_ends(self, consumer: Consumer) -> None:
        """Learn once a second how far the partitions reach; asks nobody."""
        now = time.monotonic()
        if now < self._ends_due:
            return
        self._ends_due = now + _ENDS_SECONDS
        with suppress(KafkaException, RuntimeError):
            self.ends = {each: _end(consumer, each) for each in self._held}

    def _release(self, partitions: list[Partition], *, lost: bool) -> None:
        try:
            self._listener.released(partitions, lost=lost)
        except Exception:
            log.exception("partitions could not be handed over in order")  # the client may garble what is raised here
            raise
        self._held.difference_update(partitions)


def _end(consumer: Consumer, partition: Partition) -> int:
    """Give the end of a partition as far as the client knows it, negative before its first fetch."""
    _, end = consumer.get_watermark_offsets(TopicPartition(partition.topic, partition.number), cached=True)
    return int(end)


def _named(partitions: Sequence[TopicPartition]) -> list[Partition]:
    return [Partition(each.topic, each.partition) for each in partitions]


def _pause(partition: Partition, consumer: Consumer) -> None:
    if _owned(consumer, partition):
        consumer.pause([TopicPartition(partition.topic, partition.number)])


def _resume(partition: Partition, consumer: Consumer) -> None:
    if _owned(consumer, partition):
        consumer.resume([TopicPartition(partition.topic, partition.number)])


def _owned(consumer: Consumer, partition: Partition) -> bool:
    """Tell whether a partition is still ours: an order may come after a rebalance took it."""
    return any((each.topic, each.partition) == (partition.topic, partition.number) for each in consumer.assignment())


def _usable(message: Message) -> bool:
    """Tell messages from events; raises AccessRefused, and KafkaException when the consumer is beyond repair."""
    error = message.error()
    if error is None:
        return True
    raise_refusal(error)
    if error.fatal() or error.code() == KafkaError._FATAL:
        raise KafkaException(error)
    log.warning("the consumer reports an error and goes on", error=str(error))
    return False


def _consumed(message: Message) -> Consumed:
    return Consumed(
        _place(message.topic() or "", message.partition() or 0),
        message.offset() or 0,
        message.timestamp()[1],
        _bytes(message.key()),
        _bytes(message.value()),
        headers_of(message),
    )


def headers_of(message: Message) -> tuple[_Header, ...]:
    """Give a message's headers; none at all where a name is no UTF-8, which the client cannot read."""
    try:
        return tuple(cast(Iterable[_Header], message.headers() or ()))
    except SystemError:  # what the client makes of its own UnicodeDecodeError
        return ()


def _bytes(raw: str | bytes | None) -> bytes | None:
    return raw.encode() if isinstance(raw, str) else raw
