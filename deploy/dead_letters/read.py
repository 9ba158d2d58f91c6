"""Topics read up to where they ended when the reading began, and the dead letters among what is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from deploy.dead_letters.letter import Letter, LetterId, Selection, Unreadable
from deploy.endpoints import Endpoints
from deploy.kafka_reader import quiet, reader_settings
from schemas.codec import Codec, Undecodable
from schemas.ledger import DeadLetter
from schemas.topics import DEAD_LETTERS

Spot = tuple[str, int]
"""A topic's name and a partition."""

_ANSWER_SECONDS = 10.0
_SILENCE_SECONDS = 30.0
_BATCH = 500


class DeadLetterError(Exception):
    """Base of what can go wrong with dead letters; every message says what to do next.

    DeadLetterError
    ├── CannotRead      the broker does not let itself be read: see to it, then run the same command again
    ├── NoSuchLetter    an id names no letter: look it up with `list`
    ├── CannotRepair    a repaired value is none: correct the file
    └── CannotPutBack   nothing was put back, or nobody knows: run the same command again, it finds out
    """


class CannotRead(DeadLetterError):
    """The broker does not answer, or not to the end."""


class NoSuchLetter(DeadLetterError):
    """There is no dead letter of this name."""


class CannotRepair(DeadLetterError):
    """The repaired value would be refused again."""


class CannotPutBack(DeadLetterError):
    """The transaction did not succeed."""


class Reader:
    """Reads what is committed, joins no group and commits nothing.

    Raises CannotRead when the broker does not answer, gives nothing for 30 s, or lacks a topic.
    """

    def __init__(self, endpoints: Endpoints, consumer: Consumer, on_read: Callable[[str], None]) -> None:
        self._endpoints = endpoints
        self._consumer = consumer
        self._on_read = on_read

    def beginnings(self, topic: str) -> dict[Spot, int]:
        """Give the partitions of a topic, each from its oldest message on."""
        found = self._consumer.list_topics(topic, timeout=_ANSWER_SECONDS).topics.get(topic)
        if found is None or found.error is not None:
            raise CannotRead(
                f"there is no topic {topic} for us at {self._endpoints.bootstrap}: run `shelftalk provision`"
            )
        return {(topic, number): 0 for number in found.partitions}

    def since(self, topic: str, unix_ms: int) -> dict[Spot, int]:
        """Give the partitions of a topic, each from its first message of that time or later on.

        A partition without one is left out.
        """
        asked = [TopicPartition(*spot, max(unix_ms, 0)) for spot in self.beginnings(topic)]
        answered = self._consumer.offsets_for_times(asked, timeout=_ANSWER_SECONDS)
        if failed := next((each.error for each in answered if each.error), None):
            raise KafkaException(failed)
        return {(each.topic, each.partition): each.offset for each in answered if each.offset >= 0}

    def read(self, starts: Mapping[Spot, int]) -> Iterator[Message]:
        """Give the messages from these offsets to the ends that the partitions have now.

        A transaction that is still open before such an end is waited for: what it hides may be what is looked for.
        """
        unread = {spot: end for spot, end in self._ends(starts).items() if starts[spot] < end}
        self._consumer.assign([TopicPartition(*spot, starts[spot]) for spot in unread])
        heard = time.monotonic()
        while unread:
            for message in self._consumer.consume(_BATCH, 0.2):
                spot, is_end = (message.topic(), message.partition()), _is_end(message)
                end = unread.get(spot, 0)
                if not is_end and message.offset() < end:
                    heard = time.monotonic()
                    self._on_read(spot[0])
                    yield message
                if message.offset() + (not is_end) >= end:
                    unread.pop(spot, None)
            if time.monotonic() - heard > _SILENCE_SECONDS:
                raise CannotRead(_silence(unread))
        self._consumer.unassign()

    def _ends(self, starts: Mapping[Spot, int]) -> dict[Spot, int]:
        admin = AdminClient(quiet(self._endpoints))
        asked = {TopicPartition(*spot): OffsetSpec.latest() for spot in starts}
        if not asked:
            return {}
        futures = admin.list_offsets(
            asked, isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=_ANSWER_SECONDS
        )
        return {(place.topic, place.partition): int(future.result().offset) for place, future in futures.items()}


@contextmanager
def reader(endpoints: Endpoints, on_read: Callable[[str], None] = lambda _: None) -> Iterator[Reader]:
    """Give a reader, closed at the end; `on_read` is told the topic of each message read. Raises CannotRead."""
    consumer = Consumer(reader_settings(endpoints, "dead-letters"))
    try:
        yield Reader(endpoints, consumer, on_read)
    except KafkaException as error:
        raise CannotRead(
            f"the broker at {endpoints.bootstrap} cannot be read ({error}): see that it runs, or name yours with "
            "KAFKA_BOOTSTRAP"
        ) from error
    finally:
        consumer.close()


def letters(source: Reader, codec: Codec, selection: Selection) -> Iterator[Letter | Unreadable]:
    """Give the letters that are meant, each partition's in order; what is no letter is given unless ids are named.

    Raises CannotRead and RegistryUnavailable.
    """
    missing = set(selection.ids)
    for message in source.read(_starts(source, selection)):
        name = LetterId(message.partition(), message.offset())
        if selection.ids and name not in selection.ids:
            continue
        found = _letter(name, message, codec)
        if isinstance(found, Unreadable) or selection.holds(found):
            yield found
        missing.discard(name)
        if selection.ids and not missing:
            return


def letters_named(source: Reader, codec: Codec, ids: Sequence[LetterId]) -> tuple[Letter, ...]:
    """Give the letters with these ids; raises NoSuchLetter when one is not there."""
    found = {each.id: each for each in letters(source, codec, Selection(ids=frozenset(ids)))} if ids else {}
    for name in ids:
        if name not in found:
            raise NoSuchLetter(f"there is no dead letter {name}: look it up with `shelftalk dead-letters list`")
        if isinstance(unreadable := found[name], Unreadable):
            raise NoSuchLetter(f"{name} is no dead letter: {unreadable.error}")
    return tuple(each for name in ids if isinstance(each := found[name], Letter))


def _starts(source: Reader, selection: Selection) -> dict[Spot, int]:
    """Give where reading begins: no later than the first letter that may be meant."""
    topic = DEAD_LETTERS.name
    if selection.ids:
        first: dict[int, int] = {}
        for name in selection.ids:
            first[name.partition] = min(name.offset, first.get(name.partition, name.offset))
        return {spot: first[spot[1]] for spot in source.beginnings(topic) if spot[1] in first}
    if selection.since_unix_ms is not None:
        return source.since(topic, selection.since_unix_ms)
    return source.beginnings(topic)


def _letter(name: LetterId, message: Message, codec: Codec) -> Letter | Unreadable:
    record = codec.decode(DEAD_LETTERS, message.value() or b"")
    if isinstance(record, DeadLetter):
        return Letter(name, record)
    return Unreadable(name, record.detail if isinstance(record, Undecodable) else f"a {type(record).__name__}")


def _is_end(message: Message) -> bool:
    """Tell whether a message is the news that a partition was read to its end; raises KafkaException for bad news."""
    error = message.error()
    if error is None:
        return False
    if error.code() == KafkaError._PARTITION_EOF:
        return True
    raise KafkaException(error)


def _silence(unread: Mapping[Spot, int]) -> str:
    where = ", ".join(f"{topic}/{number}" for topic, number in sorted(unread))
    return (
        f"{where}: nothing came for {_SILENCE_SECONDS:.0f} s before the end was reached. Either the broker is away, or "
        "a transaction was left open there and the broker has not ended it yet: try again in a minute"
    )
