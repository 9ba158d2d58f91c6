"""Sends that are over only when the broker has confirmed them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from schemas import topics
from schemas.codec import Codec
from schemas.headers import request_headers
from schemas.ledger import DeadLetter
from schemas.questions import ProductQuestion
from schemas.tasks import BY_NAME
from schemas.telemetry.trace import span, subject_digest
from streams.requests import Wanted, request_for


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to write; without a partition its key chooses one (murmur2)."""

    topic: str
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None


class Writer(Protocol):
    """Writes a message and gives its offset once all in-sync replicas have it.

    Raises BrokerUnavailable (try again) and MessageRefused (never again).
    """

    async def write(self, outgoing: Outgoing) -> int:
        """Write one message and give its offset."""
        ...


class FakeWriter:
    """A broker in this process for unit tests: keeps what was confirmed; each of `troubles` is raised once first."""

    def __init__(self) -> None:
        self.written: list[Outgoing] = []
        self.troubles: list[Exception] = []

    async def write(self, outgoing: Outgoing) -> int:
        """Keep one message, or raise the next trouble."""
        if self.troubles:
            raise self.troubles.pop(0)
        self.written.append(outgoing)
        return len(self.written) - 1


class Sender:
    """Sends requests, questions and dead letters, each confirmed; sending again after a failure is always allowed."""

    def __init__(self, writer: Writer, codec: Codec) -> None:
        self._writer = writer
        self._codec = codec

    async def ask(self, wanted: Wanted) -> None:
        """Send the request for a text; returns once it is confirmed.

        Raises BrokerUnavailable, MessageRefused, RegistryUnavailable.
        """
        topic = BY_NAME[wanted.task.name].requests
        request = request_for(wanted, now_unix_ms=now_unix_ms())
        value = self._codec.encode(topic, request)
        with span("ask", "producer", task=request.task, request_id=request.request_id, locale=request.locale) as noting:
            noting.note(subject_digest=subject_digest(request.subject))
            headers = request_headers(request) + noting.headers()
            await self._writer.write(Outgoing(topic.name, wanted.subject.encode(), value, headers))

    async def hand_on(self, asked: ProductQuestion) -> None:
        """Send a question to its product; returns once it is confirmed. Raises as `ask` does."""
        value = self._codec.encode(topics.PRODUCT_QUESTIONS, asked)
        name = topics.PRODUCT_QUESTIONS.name
        with span("hand-on", "producer", subject_digest=subject_digest(asked.product_id)) as noting:
            await self._writer.write(Outgoing(name, asked.product_id.encode(), value, noting.headers()))

    async def bury(self, letter: DeadLetter) -> None:
        """Send a dead letter under the original key; returns once it is confirmed. Raises as `ask` does."""
        value = self._codec.encode(topics.DEAD_LETTERS, letter)
        await self._writer.write(Outgoing(topics.DEAD_LETTERS.name, letter.key, value))


def now_unix_ms() -> int:
    """Give the wall clock."""
    return int(time.time() * 1000)
