"""A message as it lay in its topic, before anything is known about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """The bytes of one message and its place. A null key or value is None; headers keep their order and repeats."""

    topic: str
    partition: int
    offset: int
    timestamp_unix_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()

    @property
    def place(self) -> str:
        """Give where it lies, for logs: `topic/partition/offset`."""
        return f"{self.topic}/{self.partition}/{self.offset}"
