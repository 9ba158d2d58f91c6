"""Many events at once, one at a time per key, acknowledged in the order they came."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from streams.message import Message


class Delivery(Protocol):
    """A message in our hands, until it is acknowledged or taken from us."""

    @property
    def message(self) -> Message:
        """Give the message."""
        ...

    @property
    def generation(self) -> int:
        """Give the assignment of partitions that it was delivered under."""
        ...

    def is_ours(self) -> bool:
        """Say whether we may go on trying: its partition was not taken away and the process is not stopping."""
        ...

    def acknowledge(self) -> None:
        """Allow its offset to be committed."""
        ...

    def give_up(self) -> None:
        """Let go of it unacknowledged: nobody waits for it any more."""
        ...


class Work(Protocol):
    """What is done with an event: True when it is settled, False when it was given up. Never raises."""

    async def __call__(self, delivery: Delivery) -> bool:
        """Do it."""
        ...


@dataclass(slots=True)
class _Entry:
    delivery: Delivery
    is_settled: bool = False


@dataclass(slots=True)
class _Queue:
    """The unacknowledged events of one partition under one assignment, oldest first; closed once one was given up."""

    generation: int
    held_limit: int
    entries: deque[_Entry] = field(default_factory=deque)
    is_closed: bool = False
    has_room: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._note_room()

    def hold(self, entry: _Entry) -> None:
        """Add the newest event."""
        self.entries.append(entry)
        self._note_room()

    def acknowledge_settled(self) -> None:
        """Acknowledge what is settled up to the first that is not."""
        while self.entries and self.entries[0].is_settled:
            self.entries.popleft().delivery.acknowledge()
        self._note_room()

    def close(self) -> None:
        """Let go of everything unacknowledged."""
        self.is_closed = True
        while self.entries:
            self.entries.popleft().delivery.give_up()
        self._note_room()

    def _note_room(self) -> None:
        if len(self.entries) < self.held_limit:
            self.has_room.set()
        else:
            self.has_room.clear()


class Lanes:
    """Runs up to `work_limit` pieces of work side by side; work for one key runs in the order it was admitted.

    Acknowledges a partition's events strictly in order: Faust 0.15.3 commits past an unfinished event when a later one
    is acknowledged first. After an event was given up nothing of its partition is acknowledged until the partition is
    assigned anew, since all of it is delivered again then. Of one partition no more than `held_limit` events are held:
    behind one that waits for the world, reading stops.
    """

    def __init__(self, work_limit: int = 64, *, held_limit: int = 1_000) -> None:
        self._slots = asyncio.Semaphore(work_limit)
        self._held_limit = held_limit
        self._last: dict[bytes | None, asyncio.Task[None]] = {}
        self._queues: dict[tuple[str, int], _Queue] = {}

    async def admit(self, delivery: Delivery, work: Work) -> None:
        """Start the work for an event, waiting for room in its partition and a free slot first."""
        queue = self._queue(delivery)
        await queue.has_room.wait()
        await self._slots.acquire()
        if queue.is_closed:
            self._slots.release()
            delivery.give_up()
            return
        entry = _Entry(delivery)
        queue.hold(entry)
        key = delivery.message.key
        task = asyncio.create_task(self._run(entry, queue, work, self._last.get(key)))
        self._last[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))

    async def _run(self, entry: _Entry, queue: _Queue, work: Work, before: asyncio.Task[None] | None) -> None:
        try:
            if before is not None:
                await asyncio.wait([before])
            if queue.is_closed:
                return
            entry.is_settled = await work(entry.delivery)
            if not entry.is_settled:
                queue.close()
            queue.acknowledge_settled()
        finally:
            self._slots.release()

    def _queue(self, delivery: Delivery) -> _Queue:
        where = (delivery.message.topic, delivery.message.partition)
        known = self._queues.get(where)
        if known is None or known.generation != delivery.generation:
            known = self._queues[where] = _Queue(delivery.generation, self._held_limit)
        return known

    def _forget(self, key: bytes | None, done: asyncio.Task[None]) -> None:
        if self._last.get(key) is done:
            del self._last[key]
