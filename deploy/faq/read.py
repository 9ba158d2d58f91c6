"""What is known about frequent questions: how often they were asked, what people decided, and what the record says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from confluent_kafka import Message

from deploy.reader import Reader
from schemas import topics
from schemas.codec import Codec
from schemas.events import Product
from schemas.keys import CopyKey
from schemas.outputs import SupportReply
from schemas.questions import FaqEntry, ProductFaq
from schemas.record import Record
from schemas.topics import Topic
from streams.question_state import Frequent, QuestionState, frequent, record_of


class FaqError(Exception):
    """Base of what can go wrong with frequent questions; every message says what to do next.

    FaqError
    ├── NoSuchQuestion  an id names no question: look it up with `list`
    └── CannotApprove   the answer may not be given: say another, or leave it to a person
    """


class NoSuchQuestion(FaqError):
    """There is no frequent question of this name."""


class CannotApprove(FaqError):
    """The answer would not be published, or would not stay true."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a product with what people decided on it, one entry for each language."""

    product_id: str
    question: Frequent
    entries: tuple[FaqEntry, ...]

    @property
    def is_new(self) -> bool:
        """Say whether nobody has decided on it yet."""
        return not self.entries


def asked_of(source: Reader, codec: Codec, product_id: str | None = None) -> tuple[Asked, ...]:
    """Give the questions about all products, or one, those of most shoppers first. Raises CannotRead.

    A question that a person decided on is known by its entry, though nobody asks it any more.
    """
    faqs = faqs_of(source, codec)
    states = dict(_states(source))
    names = sorted(states.keys() | faqs.keys()) if product_id is None else [product_id]
    found = [
        each
        for name in names
        for each in _asked(name, states.get(name, QuestionState()), faqs[name].entries if name in faqs else ())
    ]
    return tuple(sorted(found, key=lambda each: (-each.question.shoppers, each.product_id, each.question.entry_id)))


def named(questions: tuple[Asked, ...], entry_id: str) -> Asked:
    """Give the question of this name; raises NoSuchQuestion."""
    for each in questions:
        if each.question.entry_id == entry_id or any(one.entry_id == entry_id for one in each.entries):
            return each
    raise NoSuchQuestion(f"there is no question {entry_id}: look it up with `shelftalk faq list --all`")


def faqs_of(source: Reader, codec: Codec) -> dict[str, ProductFaq]:
    """Give what people have decided, by product; raises CannotRead and RegistryUnavailable."""
    newest = {message.key() or b"": message for message in _all(source, topics.PRODUCT_FAQS.name)}
    records = (_record(message, topics.PRODUCT_FAQS, codec) for message in newest.values())
    return {each.product_id: each for each in records if isinstance(each, ProductFaq)}


def product_of(source: Reader, codec: Codec, product_id: str) -> Product | None:
    """Give the newest version of a product, None when it is deleted or unknown; raises CannotRead."""
    known: Product | None = None
    for message in _all(source, topics.PRODUCT_CREATED.name):
        if message.key() != product_id.encode():
            continue
        record = _record(message, topics.PRODUCT_CREATED, codec)
        if message.value() is None:
            known = None
        elif isinstance(record, Product) and (known is None or record.source_version > known.source_version):
            known = record
    return known


def replies_of(source: Reader, codec: Codec, question_id: str) -> tuple[SupportReply, ...]:
    """Give what was published in answer to a question, one for each language; raises CannotRead."""
    found: dict[str, SupportReply] = {}
    for message in _all(source, topics.SUPPORT_REPLIES.name):
        key = CopyKey.decode(message.key() or b"|")
        if key.subject == question_id:
            found.pop(key.locale, None)
            record = _record(message, topics.SUPPORT_REPLIES, codec)
            if isinstance(record, SupportReply):
                found[key.locale] = record
    return tuple(found[locale] for locale in sorted(found))


def is_stale(entry: FaqEntry, product: Product | None) -> bool:
    """Say whether an approved answer is not given any more, since the record that it rests on changed."""
    return entry.status == "approved" and (product is None or record_of(product) != entry.rests_on)


def _states(source: Reader) -> Iterator[tuple[str, QuestionState]]:
    newest = {message.key() or b"": message.value() for message in _all(source, topics.QUESTIONS_CHANGELOG.name)}
    for key, value in newest.items():
        if value is not None:
            yield key.decode(errors="replace"), QuestionState.model_validate_json(value)


def _asked(product_id: str, state: QuestionState, entries: tuple[FaqEntry, ...]) -> Iterator[Asked]:
    left = {each.entry_id: each for each in entries}
    by_wording: Mapping[str, str] = {text: each.entry_id for each in entries for text in each.wordings}
    for question in frequent(product_id, state.wordings):
        names = {question.entry_id, *(by_wording[text] for text in question.wordings if text in by_wording)}
        decided = tuple(each for each in entries if each.entry_id in names)
        for each in decided:
            left.pop(each.entry_id, None)
        yield Asked(product_id, question, decided)
    for each in left.values():
        unasked = Frequent(each.entry_id, each.wordings, shoppers=0, newest_id="", newest_unix_ms=0)
        yield Asked(product_id, unasked, tuple(one for one in entries if one.entry_id == each.entry_id))


def _all(source: Reader, topic: str) -> Iterator[Message]:
    return source.read(source.beginnings(topic))


def _record(message: Message, topic: Topic, codec: Codec) -> Record | None:
    value = message.value()
    record = codec.decode(topic, value) if value is not None else None
    return record if isinstance(record, Record) else None
