"""What stands in the topics at the end of a run, decoded: the requests, and everything that came of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas import topics
from schemas.codec import Codec, Undecodable
from schemas.ledger import ContentWithheld, DeadLetter, GenerationOutcome
from schemas.provenance import Copy
from schemas.record import Record
from schemas.request import GenerationRequest
from tests.faults.places import Bounds, Entry, Place, ends, read_between, within

RESULTS = (*topics.COPY, *topics.LEDGER)
"""The topics that workers write to."""

_BY_NAME = {topic.name: topic for topic in topics.ALL}


class NoLedger(Exception):
    """A message in a topic of ours that no reader could read: the books cannot be made."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request message; `request` is None for bytes that are none, and for one under another subject's key."""

    place: Place
    value: bytes | None
    request: GenerationRequest | None


@dataclass(frozen=True, slots=True)
class Text:
    """One message of an output topic, `request_id` and `version` None for a tombstone."""

    place: Place
    key: bytes
    request_id: str | None
    version: int | None


@dataclass(frozen=True, slots=True)
class Books:
    """All that stands in the request topics and in the results' topics since a run began, in the order of the logs."""

    asked: tuple[Asked, ...]
    outcomes: tuple[GenerationOutcome, ...]
    copies: tuple[Text, ...]
    dead_letters: tuple[DeadLetter, ...]
    withheld: tuple[ContentWithheld, ...]


def read_books(bootstrap: str, codec: Codec, since: Bounds) -> tuple[Books, list[Entry]]:
    """Give the books as a read_committed reader finds them now, and the results' messages they were made of."""
    results, requests = (
        read_between(bootstrap, since, ends(bootstrap, within(since, wanted), "read_committed"), "read_committed")
        for wanted in (RESULTS, topics.REQUESTS)
    )
    return books_of(codec, requests, results), results


def books_of(codec: Codec, requests: Iterable[Entry], results: Sequence[Entry]) -> Books:
    """Decode what was read; raises NoLedger for a result that cannot be decoded."""
    ledger = [
        _decoded(codec, entry) for entry in results if _BY_NAME[entry.place[0]] not in topics.COPY and entry.value
    ]
    return Books(
        tuple(_asked(codec, entry) for entry in requests),
        tuple(record for record in ledger if isinstance(record, GenerationOutcome)),
        tuple(_text(codec, entry) for entry in results if _BY_NAME[entry.place[0]] in topics.COPY),
        tuple(record for record in ledger if isinstance(record, DeadLetter)),
        tuple(record for record in ledger if isinstance(record, ContentWithheld)),
    )


def raw_outcomes(bootstrap: str, codec: Codec, since: Bounds) -> list[GenerationOutcome]:
    """Give the outcomes that a read_uncommitted reader finds, those of aborted transactions among them."""
    until = ends(bootstrap, within(since, [topics.GENERATION_OUTCOMES]), "read_uncommitted")
    found = (_decoded(codec, entry) for entry in read_between(bootstrap, since, until, "read_uncommitted"))
    return [record for record in found if isinstance(record, GenerationOutcome)]


def _asked(codec: Codec, entry: Entry) -> Asked:
    record = codec.decode(_BY_NAME[entry.place[0]], entry.value) if entry.value is not None else None
    if isinstance(record, GenerationRequest) and entry.key == record.subject.encode():
        return Asked(entry.place, entry.value, record)
    return Asked(entry.place, entry.value, None)


def _text(codec: Codec, entry: Entry) -> Text:
    key = entry.key or b""
    if entry.value is None:
        return Text(entry.place, key, None, None)
    record = _decoded(codec, entry)
    if not isinstance(record, Copy):
        raise NoLedger(f"{entry.place} is no published text")
    return Text(entry.place, key, record.provenance.request_id, record.provenance.source_version)


def _decoded(codec: Codec, entry: Entry) -> Record:
    record = codec.decode(_BY_NAME[entry.place[0]], entry.value or b"")
    if isinstance(record, Undecodable):
        raise NoLedger(f"{entry.place} cannot be read: {record.error_class}")
    return record
