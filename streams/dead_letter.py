"""The letter for a message that could not be processed: all of it that a topic takes, its place and the reason."""

from __future__ import annotations

from schemas.dead_letter import bounded
from schemas.ledger import DeadLetter, Header
from streams.decode import Rejection
from streams.message import Message

FAILED_BY = "streams"


def dead_letter(message: Message, rejection: Rejection, *, attempts: int, now_unix_ms: int) -> DeadLetter:
    """Give the dead letter for a message after so many attempts, its original bytes untouched where they fit."""
    letter = DeadLetter(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp_unix_ms=message.timestamp_unix_ms,
        key=message.key,
        value=message.value,
        headers=tuple(Header(name=name, value=value) for name, value in message.headers),
        error_class=rejection.error_class,
        error=rejection.detail[:2_000],
        attempts=attempts,
        failed_by=FAILED_BY,
        failed_unix_ms=now_unix_ms,
    )
    return bounded(letter)
