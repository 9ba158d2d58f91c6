"""What goes in and out of the worker's Kafka edge, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from schemas.codec import ErrorClass
from schemas.ledger import OutcomeKind
from schemas.provenance import Origin
from schemas.telemetry.trace import Headers, SpanContext, Value
from workers.outcome import Cost

_FREE = Cost()


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One partition of one topic."""

    topic: str
    number: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.number}"


def place_id(partition: Partition, offset: int) -> str:
    """Give the id that the ledger calls a message by which is no request."""
    return f"{partition}/{offset}"


class Consumed(NamedTuple):
    """One message as it was read; a tuple, since making a frozen dataclass takes three times as long."""

    partition: Partition
    offset: int
    timestamp_unix_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    @property
    def size_bytes(self) -> int:
        """Give the size of key, value and headers."""
        headers = sum(len(name) + len(value or b"") for name, value in self.headers)
        return len(self.key or b"") + len(self.value or b"") + headers

    def header(self, name: str) -> str | None:
        """Give a header's text, None where there is none."""
        for key, value in self.headers:
            if key == name and value:
                return value.decode(errors="replace")
        return None


@dataclass(frozen=True, slots=True)
class Produced:
    """One message to publish; a None value is a tombstone."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Traced:
    """Where in a trace a request is served: below the span that asked, as a span of its own, and when."""

    parent: SpanContext
    own: SpanContext
    stamp_unix_ms: int
    begun_unix_ms: int
    finished_unix_ms: int
    attributes: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one request, as the ledger says it, and what it cost: what is counted once it is published."""

    kind: OutcomeKind
    task: str
    cost: Cost = _FREE
    seconds: float = 0.0
    origin: Origin | None = None
    rules: tuple[str, ...] = ()
    error_class: ErrorClass | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """All that finishing the message at an offset publishes; it becomes visible together with that offset's commit.

    `bad` says that the message became a dead letter.
    """

    offset: int
    messages: tuple[Produced, ...]
    bad: bool = False
    entry: Entry | None = None
    traced: Traced | None = None

    @property
    def size_bytes(self) -> int:
        """Give the size of all values to publish."""
        return sum(len(message.value or b"") for message in self.messages)
