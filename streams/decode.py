"""Bytes to events, the first step of every agent: a message that is no event is a value, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from schemas import topics
from schemas.codec import Codec, ErrorClass, Undecodable
from schemas.events import Activity, Product, Review
from schemas.headers import deletion_version
from schemas.keys import CopyKey
from schemas.outputs import ProductDescription
from schemas.questions import ProductFaq, ProductQuestion
from schemas.record import Record
from schemas.topics import Topic
from streams.message import Message

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A message that can never become an event, and why. The detail names places and types, never contents."""

    error_class: ErrorClass
    detail: str


@dataclass(frozen=True, slots=True)
class ProductDeleted:
    """The shop took this product away: a null under its key. Without a version it takes away whatever is there."""

    product_id: str
    source_version: int | None = None


@dataclass(frozen=True, slots=True)
class DescriptionWithdrawn:
    """A published description was taken back: a null value under its key."""

    product_id: str
    locale: str


def decode_product(message: Message, codec: Codec) -> Product | ProductDeleted | Rejection:
    """Give the product event in a message; raises RegistryUnavailable."""
    if message.key and message.value is None:
        return _deleted_product(message)
    record = _decode(message, topics.PRODUCT_CREATED, codec)
    return _keyed(message, record, record.product_id) if isinstance(record, Product) else _rejected(record)


def decode_review(message: Message, codec: Codec) -> Review | Rejection:
    """Give the review event in a message; raises RegistryUnavailable."""
    record = _decode(message, topics.REVIEW_POSTED, codec)
    return _keyed(message, record, record.product_id) if isinstance(record, Review) else _rejected(record)


def decode_activity(message: Message, codec: Codec) -> Activity | Rejection:
    """Give the activity event in a message; raises RegistryUnavailable."""
    record = _decode(message, topics.USER_ACTIVITY, codec)
    return _keyed(message, record, record.user_id) if isinstance(record, Activity) else _rejected(record)


def decode_description(message: Message, codec: Codec) -> ProductDescription | DescriptionWithdrawn | Rejection:
    """Give the published description in a message; raises RegistryUnavailable."""
    try:
        key = CopyKey.decode(message.key or b"")
    except ValueError:
        return Rejection(ErrorClass.KEY_MISMATCH, "the key is no product with a locale")
    if message.value is None:
        return DescriptionWithdrawn(key.subject, key.locale)
    record = _decode(message, topics.PRODUCT_DESCRIPTIONS, codec)
    if not isinstance(record, ProductDescription):
        return _rejected(record)
    return _keyed(message, record, CopyKey(record.product_id, record.locale).encode().decode())


def decode_question(message: Message, codec: Codec) -> ProductQuestion | Rejection:
    """Give the question about a product in a message; raises RegistryUnavailable."""
    record = _decode(message, topics.PRODUCT_QUESTIONS, codec)
    if not isinstance(record, ProductQuestion):
        return _rejected(record)
    return _keyed(message, record, record.product_id)


def decode_faq(message: Message, codec: Codec) -> ProductFaq | Rejection:
    """Give a product's frequent questions in a message, none for a null; raises RegistryUnavailable."""
    if message.key and message.value is None:
        product_id = _text(message.key)
        return product_id if isinstance(product_id, Rejection) else ProductFaq(product_id=product_id, entries=())
    record = _decode(message, topics.PRODUCT_FAQS, codec)
    return _keyed(message, record, record.product_id) if isinstance(record, ProductFaq) else _rejected(record)


def _decode(message: Message, topic: Topic, codec: Codec) -> Record | Rejection:
    if not message.key:
        return Rejection(ErrorClass.NULL_KEY, "the message has no key")
    if message.value is None:
        return Rejection(ErrorClass.NULL_VALUE, "only a product is deleted by a null value")
    record = codec.decode(topic, message.value)
    if isinstance(record, Undecodable):
        return Rejection(record.error_class, record.detail)
    return record


def _keyed(message: Message, record: R, name: str) -> R | Rejection:
    if message.key != name.encode():
        return Rejection(ErrorClass.KEY_MISMATCH, "the key is not the id in the record")
    return record


def _rejected(found: Record | Rejection) -> Rejection:
    if isinstance(found, Rejection):
        return found
    return Rejection(ErrorClass.WRONG_SCHEMA, f"a {type(found).__name__} does not belong here")


def _deleted_product(message: Message) -> ProductDeleted | Rejection:
    try:
        version = deletion_version(message.headers)
    except ValueError as error:
        return Rejection(ErrorClass.INVALID_VALUE, str(error))
    product_id = _text(message.key or b"")
    return product_id if isinstance(product_id, Rejection) else ProductDeleted(product_id, version)


def _text(key: bytes) -> str | Rejection:
    try:
        return key.decode()
    except UnicodeDecodeError:
        return Rejection(ErrorClass.BAD_UTF8, "the key is not UTF-8")
