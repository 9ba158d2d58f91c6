"""Waits until a run has come to its end, and shows how far it is meanwhile."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from rich.console import Console

from deploy.demo.errors import Stalled
from deploy.demo.processes import Home, Started, log_end, require_alive
from deploy.demo.progress import Progress, Tally
from deploy.demo.reader import LiveReader, Spot, committed_by_streams
from deploy.demo.screen import progress_shown, waits_for
from deploy.endpoints import Endpoints

_QUIET_SECONDS: Final = 1.5
"""So long nothing may come before a run counts as finished."""

# Seldom enough to leave the processor to the model.
_POLL_SECONDS: Final = 0.5
_LOOK_EVERY_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Watched:
    """What is waited for: so many events to come to their end on a broker, by these processes."""

    events: int
    endpoints: Endpoints
    engine: str
    processes: tuple[Started, ...]
    home: Home


def watch(reader: LiveReader, what: Watched, console: Console, *, patience_seconds: float) -> None:
    """Return when every event is acknowledged, every request has its outcome, and that stays so for a moment.

    Raises ProcessEnded when a process ends, and Stalled when nothing has moved for `patience_seconds`.
    """
    tally, look = Tally(), _Look(reader, what)
    at = Progress()
    moved = last_message = time.monotonic()
    with progress_shown(console) as show:
        while not (look.is_done(at) and time.monotonic() - last_message > _QUIET_SECONDS):
            came = reader.poll(_POLL_SECONDS)
            for shown in came:
                tally.add(shown)
            before, at = at, tally.progress(look.committed())
            now = time.monotonic()
            last_message = now if came else last_message
            moved = now if came or at != before else moved
            require_alive(what.home, *what.processes)
            if now - moved > patience_seconds:
                raise Stalled(_stalled(at, what, patience_seconds))
            show(at, waits_for(at, engine=what.engine))


class _Look:
    """Asks the broker how far the streams are, every so often, and tells whether a run is done."""

    def __init__(self, reader: LiveReader, what: Watched) -> None:
        self._reader = reader
        self._events = what.events
        self._admin = AdminClient(what.endpoints.kafka())
        self._known: dict[Spot, int] = {}
        self._due = 0.0

    def committed(self) -> dict[Spot, int]:
        """Give how far the streams have acknowledged each partition that they read, as of a second ago at most."""
        if time.monotonic() >= self._due:
            with suppress(KafkaException, TimeoutError):  # the broker is busy: the next look tells
                self._known = committed_by_streams(self._admin)
            self._due = time.monotonic() + _LOOK_EVERY_SECONDS
        return self._known

    def is_done(self, at: Progress) -> bool:
        """Tell whether all that was fed is acknowledged and every request on the broker has its outcome.

        The streams acknowledge an event after its requests are confirmed, and a shopper's question after it was handed
        on: so all of them are there to be read.
        """
        return at.events >= self._events and at.is_done and self._reader.has_read_all_requests()


def _stalled(at: Progress, what: Watched, seconds: float) -> str:
    ends = "\n".join(log_end(what.home, process.module) for process in what.processes)
    return f"nothing has moved for {seconds / 60:.0f} minutes; it waits: {waits_for(at, engine=what.engine)}\n{ends}"
