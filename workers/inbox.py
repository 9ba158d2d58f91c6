"""What a partition has delivered and nobody has looked at yet, in order, and whether that is too much."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from workers.messages import Consumed


@dataclass(frozen=True, slots=True)
class Marks:
    """When reading pauses, and when it goes on: far apart, since a pause drops what the client has fetched ahead."""

    pause_above: int = 4_000
    resume_below: int = 1_000
    pause_above_bytes: int = 4 * 1024 * 1024


class Inbox:
    """Messages that wait for their turn."""

    def __init__(self, marks: Marks = Marks()) -> None:
        self._marks = marks
        self._messages: deque[Consumed] = deque()
        self._bytes = 0
        self._arrived = asyncio.Event()

    @property
    def is_full(self) -> bool:
        """Say whether reading should pause."""
        return len(self._messages) > self._marks.pause_above or self._bytes > self._marks.pause_above_bytes

    @property
    def is_low(self) -> bool:
        """Say whether reading should go on."""
        return len(self._messages) < self._marks.resume_below and self._bytes * 4 <= self._marks.pause_above_bytes

    @property
    def waiting(self) -> int:
        """Count the messages."""
        return len(self._messages)

    @property
    def oldest_unix_ms(self) -> int | None:
        """Give the stamp of the oldest message, None without any."""
        return self._messages[0].timestamp_unix_ms if self._messages else None

    def put(self, message: Consumed) -> None:
        """Add the partition's next message."""
        self._messages.append(message)
        self._bytes += message.size_bytes
        self._arrived.set()

    async def get(self) -> Consumed:
        """Take the oldest message, waiting for one if need be."""
        while not self._messages:
            self._arrived.clear()
            await self._arrived.wait()
        message = self._messages.popleft()
        self._bytes -= message.size_bytes
        return message
