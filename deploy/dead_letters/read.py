"""The dead letters among what a reader finds, and what can go wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from confluent_kafka import Message

from deploy.dead_letters.letter import Letter, LetterId, Selection, Unreadable
from deploy.reader import Reader, Spot
from schemas.codec import Codec, Undecodable
from schemas.ledger import DeadLetter
from schemas.topics import DEAD_LETTERS


class DeadLetterError(Exception):
    """Base of what can go wrong with dead letters; every message says what to do next.

    DeadLetterError
    ├── NoSuchLetter    an id names no letter: look it up with `list`
    ├── CannotRepair    a repaired value is none: correct the file
    └── CannotPutBack   nothing was put back, or nobody knows: run the same command again, it finds out
    """


class NoSuchLetter(DeadLetterError):
    """There is no dead letter of this name."""


class CannotRepair(DeadLetterError):
    """The repaired value would be refused again."""


class CannotPutBack(DeadLetterError):
    """The transaction did not succeed."""


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
