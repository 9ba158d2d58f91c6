"""The offline checker of the streams: what the books must say of every event when none was lost.

What follows from requests onward is the business of `tests.faults.checker`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.events import Activity, Product, Review
from schemas.keys import CopyKey
from schemas.request import GenerationRequest
from schemas.tasks import REVIEW_SUMMARY
from schemas.topics import INPUTS, PRODUCT_DESCRIPTIONS, SUPPORT_REPLIES, Topic
from tests.faults.books import Books
from tests.faults.events import Event, Sent

_LOCALE = "en"
_MIN_REVIEWS = 3
_INPUT_NAMES = frozenset(topic.name for topic in INPUTS)

_Letter = tuple[str, bytes | None, bytes | None, str]
"""Topic, key, value and error class."""


@dataclass(frozen=True, slots=True)
class EventFindings:
    """What a check found: each thing wrong in words, and the dead letters that a restart wrote once more."""

    problems: tuple[str, ...]
    repeated_letters: int


def check_events(messages: Sequence[Sent], books: Books) -> EventFindings:
    """Find what became of no event, or of more than one, in the books of a run that was sent these messages."""
    events = [one.event for one in messages if one.event is not None and one.error is None]
    wanted = Counter(_wanted_letter(one) for one in messages if one.error is not None)
    found = Counter(
        (letter.topic, letter.key, letter.value, letter.error_class)
        for letter in books.dead_letters
        if letter.topic in _INPUT_NAMES
    )
    problems = (*_products(events, books), *_questions(events, books), *_reviews(events, books))
    return EventFindings((*problems, *_letters(wanted, found)), (found - wanted).total())


def _products(events: Sequence[Event], books: Books) -> Iterator[str]:
    """Each product has one text of its newest version, and it stands last."""
    newest: dict[str, int] = {}
    for event in events:
        if isinstance(event, Product):
            newest[event.product_id] = max(event.source_version, newest.get(event.product_id, 0))
    for name, version in newest.items():
        versions = _versions(books, PRODUCT_DESCRIPTIONS, name)
        if versions.count(version) != 1 or versions[-1] != version:
            yield f"{name}: of its newest version {version} one text should stand last, there are {versions}"
    for name in _subjects(books, PRODUCT_DESCRIPTIONS) - newest.keys():
        yield f"{name}: described, though no such product was sent"


def _questions(events: Sequence[Event], books: Books) -> Iterator[str]:
    """Each question has one reply."""
    asked = {event.activity_id for event in events if isinstance(event, Activity) and event.kind == "question"}
    for name in asked:
        if (replies := len(_versions(books, SUPPORT_REPLIES, name))) != 1:
            yield f"{name}: {replies} replies"
    for name in _subjects(books, SUPPORT_REPLIES) - asked:
        yield f"{name}: replied to, though nobody asked"


def _reviews(events: Sequence[Event], books: Books) -> Iterator[str]:
    """The newest summary of a product that has enough reviews was asked for with all of them, each once."""
    written: dict[str, list[str]] = {}
    for event in events:
        if isinstance(event, Review):
            written.setdefault(event.product_id, []).append(event.review_id)
    for name, ids in written.items():
        if len(set(ids)) < _MIN_REVIEWS:
            continue
        newest = max(_summaries(books, name), key=lambda each: each.source_version, default=None)
        used = [fact.review_id for fact in newest.facts.reviews] if newest and newest.facts else []
        if sorted(used) != sorted(set(ids)):
            yield f"{name}: its last summary was asked for from {len(used)} of {len(set(ids))} reviews"


def _letters(wanted: Counter[_Letter], found: Counter[_Letter]) -> Iterator[str]:
    """Each message that is no event is dead-lettered with its bytes, and nothing else is."""
    for topic, key, _, error in (wanted - found).elements():
        yield f"{topic} {key!r}: no dead letter for {error}"
    for letter in found.keys() - wanted.keys():
        yield f"{letter[0]} {letter[1]!r}: dead-lettered for {letter[3]}, though nothing was wrong with it"


def _versions(books: Books, topic: Topic, subject: str) -> list[int | None]:
    key = CopyKey(subject, _LOCALE).encode()
    return [text.version for text in books.copies if (text.place[0], text.key) == (topic.name, key)]


def _subjects(books: Books, topic: Topic) -> set[str]:
    return {CopyKey.decode(text.key).subject for text in books.copies if text.place[0] == topic.name}


def _summaries(books: Books, product_id: str) -> list[GenerationRequest]:
    requests = (each.request for each in books.asked if each.request is not None)
    return [each for each in requests if (each.task, each.subject) == (REVIEW_SUMMARY.name, product_id)]


def _wanted_letter(message: Sent) -> _Letter:
    key = None if message.key is None else message.key.encode()
    return message.topic.name, key, message.value, str(message.error)
