"""The events that are being worked on, and whether anything happens to each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_EVENT: ContextVar[object | None] = ContextVar("event", default=None)


class Working:
    """Counts, for each event, the ticks since something last happened to it: a request sent, a wait, another try.

    Time is counted in ticks, not by a clock, so that a process that was stopped or slept is not blamed.
    """

    def __init__(self) -> None:
        self.ticks = 0
        self._last_sign: dict[object, int] = {}

    @property
    def count(self) -> int:
        """Count the events."""
        return len(self._last_sign)

    @property
    def still_ticks(self) -> int:
        """Give how long nothing has happened to the one that has waited longest; 0 without any."""
        return self.ticks - min(self._last_sign.values(), default=self.ticks)

    @contextmanager
    def on_event(self) -> Iterator[None]:
        """Work on one event; what its task signs meanwhile is its sign of life."""
        event = object()
        before = _EVENT.set(event)
        self._last_sign[event] = self.ticks
        try:
            yield
        finally:
            del self._last_sign[event]
            _EVENT.reset(before)

    def sign(self) -> None:
        """Note that something happened to the event that this task works on, if any."""
        if (event := _EVENT.get()) in self._last_sign:
            self._last_sign[event] = self.ticks
