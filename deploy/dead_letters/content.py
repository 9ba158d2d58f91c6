"""What a dead letter's bytes are to the process that they go back to, by that process's own rules."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from deploy.dead_letters.letter import Letter
from deploy.dead_letters.read import CannotRepair
from schemas import tasks, topics
from schemas.codec import Codec, ErrorClass, Undecodable
from schemas.events import Activity, Product, Review
from schemas.headers import request_headers
from schemas.ledger import DeadLetter, Header
from schemas.questions import ProductQuestion
from schemas.record import Record
from schemas.request import GenerationRequest
from schemas.topics import Topic
from streams.decode import (
    ProductDeleted,
    Rejection,
    decode_activity,
    decode_product,
    decode_question,
    decode_review,
)
from streams.message import Message

Content = Product | ProductDeleted | Review | Activity | ProductQuestion | GenerationRequest | Rejection

TARGETS = {topic.name: topic for topic in (*topics.INPUTS, topics.PRODUCT_QUESTIONS, *topics.REQUESTS)}
"""The topics that a letter may go back to."""


def content_of(letter: DeadLetter, codec: Codec) -> Content | None:
    """Give what the streams or a worker would make of a letter's bytes today, None when its topic is not ours.

    Raises RegistryUnavailable.
    """
    headers = tuple((header.name, header.value) for header in letter.headers)
    message = Message(
        letter.topic, letter.partition, letter.offset, letter.timestamp_unix_ms, letter.key, letter.value, headers
    )
    match TARGETS.get(letter.topic):
        case None:
            return None
        case topics.PRODUCT_CREATED:
            return decode_product(message, codec)
        case topics.REVIEW_POSTED:
            return decode_review(message, codec)
        case topics.USER_ACTIVITY:
            return decode_activity(message, codec)
        case topics.PRODUCT_QUESTIONS:
            return decode_question(message, codec)
        case requests:
            return _request(letter, requests, codec)


def record_of(letter: DeadLetter, codec: Codec) -> Record | None:
    """Give the record in a letter's value, though it may be refused for another reason; None when there is none.

    Raises RegistryUnavailable.
    """
    topic = TARGETS.get(letter.topic)
    record = codec.decode(topic, letter.value) if topic and letter.value is not None else None
    return record if isinstance(record, Record) else None


def repaired(letter: Letter, file: Path, codec: Codec) -> Letter:
    """Give a letter with the value that is in a file: a record as JSON, or the message's bytes as they are to be.

    Raises CannotRepair unless the value would be taken, and RegistryUnavailable.
    """
    topic = TARGETS.get(letter.record.topic)
    if topic is None:
        raise CannotRepair(f"{letter.id} is from {letter.record.topic}, which is no topic that letters go back to")
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise CannotRepair(f"{file} cannot be read: {error.strerror}") from error
    value = _encoded(raw, topic, codec, file) if raw.lstrip()[:1] == b"{" else raw
    record = letter.record.model_copy(update={"value": value})
    content = content_of(record, codec)
    if isinstance(content, Rejection):
        raise CannotRepair(f"{file} would be refused again ({content.error_class}): {content.detail}")
    if isinstance(content, GenerationRequest):
        record = record.model_copy(update={"headers": _headers(record, content)})
    return Letter(letter.id, record)


def _headers(record: DeadLetter, request: GenerationRequest) -> tuple[Header, ...]:
    """Give the original headers, with those that tell of the request as this one's: workers recall it by them."""
    told = tuple(Header(name=name, value=value) for name, value in request_headers(request))
    names = {each.name for each in told}
    return (*(each for each in record.headers if each.name not in names), *told)


def _encoded(raw: bytes, topic: Topic, codec: Codec, file: Path) -> bytes:
    try:
        record = topic.record.model_validate_json(raw)
    except ValidationError as error:
        found = error.errors(include_input=False, include_context=False, include_url=False)
        places = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found)
        raise CannotRepair(f"{file} is no {topic.record.__name__}: {places[:500]}") from error
    return codec.encode(topic, record)


def _request(letter: DeadLetter, topic: Topic, codec: Codec) -> GenerationRequest | Rejection:
    """Decide as a worker does when it takes a message in (`workers.decode`), and look at the key, too.

    A worker goes by the record; what is newer than a letter is found under its key, so the two must agree.
    """
    if letter.value is None:
        return Rejection(ErrorClass.NULL_VALUE, "a request has a value")
    record = codec.decode(topic, letter.value)
    if isinstance(record, Undecodable):
        return Rejection(record.error_class, record.detail)
    if not isinstance(record, GenerationRequest):
        return Rejection(ErrorClass.WRONG_SCHEMA, f"a {type(record).__name__} does not belong here")
    if record.task not in tasks.BY_NAME:
        return Rejection(ErrorClass.UNKNOWN_TASK, f"no task {record.task!r}")
    if letter.key != record.subject.encode():
        return Rejection(ErrorClass.KEY_MISMATCH, "the key is not the subject of the request")
    return record
