"""A dead letter with its name, and which letters are meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import nsmallest

from schemas.ledger import DeadLetter
from schemas.topics import DEAD_LETTERS

_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True, slots=True, order=True)
class LetterId:
    """A letter's place in the dead-letters topic, which is its name: `PARTITION/OFFSET`."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}/{self.offset}"

    @property
    def mark(self) -> bytes:
        """Give the value of the header that a message bears once this letter was put back."""
        return f"{DEAD_LETTERS.name}/{self}".encode()


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter, whole."""

    id: LetterId
    record: DeadLetter

    @property
    def place(self) -> str:
        """Give where the original message lay: `topic/partition/offset`."""
        return listed(self).place


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message of the dead-letters topic that is no dead letter."""

    id: LetterId
    error: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list says of a letter: everything but its value and headers. `key` is for the eye."""

    id: LetterId
    failed_unix_ms: int
    topic: str
    partition: int
    offset: int
    key: str | None
    error_class: str
    error: str
    attempts: int
    failed_by: str
    value_bytes: int

    @property
    def place(self) -> str:
        """Give where the original message lay: `topic/partition/offset`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


def listed(letter: Letter) -> Listed:
    """Give what a list says of a letter."""
    record = letter.record
    return Listed(
        id=letter.id,
        failed_unix_ms=record.failed_unix_ms,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=None if record.key is None else record.key.decode(errors="replace"),
        error_class=record.error_class,
        error=record.error,
        attempts=record.attempts,
        failed_by=record.failed_by,
        value_bytes=len(record.value or b""),
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """Which letters are meant: those that satisfy everything named here. With no `ids`, all may."""

    ids: frozenset[LetterId] = frozenset()
    error_class: str | None = None
    topic: str | None = None
    key: str | None = None
    since_unix_ms: int | None = None

    def holds(self, letter: Letter) -> bool:
        """Tell whether a letter is meant."""
        record = letter.record
        return (
            (not self.ids or letter.id in self.ids)
            and self.error_class in (None, record.error_class)
            and self.topic in (None, record.topic)
            and (self.key is None or record.key == self.key.encode())
            and (self.since_unix_ms is None or record.failed_unix_ms >= self.since_unix_ms)
        )


def oldest(found: Iterable[Listed], *, count: int, value_bytes: int) -> tuple[LetterId, ...]:
    """Give the ids of the oldest letters, at most so many and with at most so many bytes together, at least one."""
    chosen: list[LetterId] = []
    total = 0
    for each in nsmallest(count, found, key=lambda each: (each.failed_unix_ms, each.id)):
        total += each.value_bytes
        if chosen and total > value_bytes:
            break
        chosen.append(each.id)
    return tuple(chosen)


def letter_id(text: str) -> LetterId:
    """Read `PARTITION/OFFSET`, also with the topic's name before it; raises ValueError."""
    found = re.fullmatch(rf"(?:{DEAD_LETTERS.name}/)?(\d{{1,9}})/(\d{{1,18}})", text.strip())
    if not found:
        raise ValueError(f"{text!r} names no letter: an id is PARTITION/OFFSET, such as 2/17, as `list` shows it")
    return LetterId(int(found[1]), int(found[2]))


def duration_ms(text: str) -> int:
    """Read `90s`, `30m`, `2h` or `3d` as milliseconds; raises ValueError."""
    found = re.fullmatch(r"(\d{1,9})([smhd])", text.strip())
    if not found:
        raise ValueError(f"{text!r} is no time span: give a number and s, m, h or d, such as 2h")
    return int(found[1]) * _UNIT_MS[found[2]]


def clock_time(unix_ms: int) -> str:
    """Give a moment for the eye, in UTC; the number as it is where no calendar has such a day."""
    try:
        return datetime.fromtimestamp(unix_ms / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return str(unix_ms)
