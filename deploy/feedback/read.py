"""What was published and what was said of it, as their topics have it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deploy.kafka_reader import key_of
from deploy.reader import Reader
from schemas import topics
from schemas.codec import Codec
from schemas.feedback import ContentFeedback
from schemas.keys import CopyKey
from schemas.provenance import Copy, Provenance
from schemas.tasks import BY_NAME
from schemas.topics import CONTENT_FEEDBACK, Topic


class FeedbackError(Exception):
    """Base of what can go wrong with feedback; every message says what to do next.

    FeedbackError
    ├── NoSuchText     a content id names no text that is published
    └── NoVerdict      what was given is no verdict: see `shelftalk feedback record --help`
    """


class NoSuchText(FeedbackError):
    """There is no published text of this id."""


class NoVerdict(FeedbackError):
    """The verdict lacks something, or has too much."""


@dataclass(frozen=True, slots=True)
class Published:
    """One text that is published, and under which key."""

    key: CopyKey
    copy: Copy


def published_text(source: Reader, codec: Codec, content_id: str, task: str | None = None) -> Published:
    """Give the text with this id; raises NoSuchText, CannotRead and RegistryUnavailable."""
    for found in _published(source, codec, task):
        if found.copy.provenance.request_id == content_id:
            return found
    raise NoSuchText(
        f"no published text has the id {content_id}: it is the request_id of the text's provenance, and goes when the "
        "text is replaced or taken back"
    )


def provenances(source: Reader, codec: Codec, task: str | None = None) -> Iterator[Provenance]:
    """Give who wrote each text that is published now; raises CannotRead and RegistryUnavailable."""
    found = (each.copy.provenance for each in _published(source, codec, task))
    return (each for each in found if task in (None, each.task))


def feedback_of(source: Reader, codec: Codec, *, since_unix_ms: int | None = None) -> Iterator[ContentFeedback]:
    """Give what was said of texts, each partition's in order; raises CannotRead and RegistryUnavailable."""
    name = CONTENT_FEEDBACK.name
    starts = source.beginnings(name) if since_unix_ms is None else source.since(name, since_unix_ms)
    for message in source.read(starts):
        record = codec.decode(CONTENT_FEEDBACK, message.value() or b"")
        if isinstance(record, ContentFeedback):
            yield record


def _published(source: Reader, codec: Codec, task: str | None) -> Iterator[Published]:
    for topic in (BY_NAME[task].output,) if task in BY_NAME else topics.COPY:
        yield from _standing(source, codec, topic)


def _standing(source: Reader, codec: Codec, topic: Topic) -> Iterator[Published]:
    """Give the latest text of each key, unless it was taken back."""
    newest = {key_of(message): message.value() for message in source.read(source.beginnings(topic.name))}
    for key, value in newest.items():
        record = codec.decode(topic, value) if value is not None else None
        if isinstance(record, Copy) and "|" in key:
            yield Published(CopyKey.decode(key.encode()), record)
