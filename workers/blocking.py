"""Client calls that block: run on threads, and watched, since no client call honours its time-out for sure."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import structlog

log = structlog.get_logger()

T = TypeVar("T")


_THREADS = 256
_MOST_ABANDONED = _THREADS // 2
"""Each keeps a thread, and mostly a client, for as long as this process lives."""

_HURRY_SECONDS = 3.0


class CallAbandoned(Exception):
    """The call took longer than its caller waits. It may still go on: what it works with must not be used again."""


def end_process(what: str) -> None:
    """End this process as a crash would, with a code that asks to be started again (EX_TEMPFAIL, 75)."""
    log.error("a client call does not return: this process ends, to be started again", call=what)
    os._exit(os.EX_TEMPFAIL)


class Blocking:
    """Runs blocking calls for the event loop; one that takes longer than `limit_seconds` is given to `expired`.

    Time is counted in ticks of a thread of its own, so that a process that was stopped or slept is not blamed.
    """

    def __init__(
        self, *, threads: int = _THREADS, limit_seconds: float = 60.0, expired: Callable[[str], None] = end_process
    ) -> None:
        self._threads = ThreadPoolExecutor(threads, "blocking")
        self._tick_seconds = limit_seconds / 60
        self._expired = expired
        self._calls: dict[object, tuple[str, int]] = {}
        self._abandoned: set[object] = set()
        self._ticks = 0
        self._closed = False
        threading.Thread(target=self._tick, name="watchdog", daemon=True).start()

    async def run(self, what: str, call: Callable[[], T]) -> T:
        """Give what a blocking call gives; one that never returns ends the process."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(self._watched, what, call))

    async def run_or_abandon(
        self, what: str, call: Callable[[], T], *, seconds: float, hurry: asyncio.Event | None = None
    ) -> T:
        """Give what a blocking call gives within so many seconds, else raise CallAbandoned and leave it to itself.

        Once `hurry` is set, it is waited for 3 s at most. Too many calls that were abandoned and never returned end the
        process.
        """
        begun = time.monotonic()
        running = asyncio.get_running_loop().run_in_executor(self._threads, call)
        await _either(running, hurry, seconds)
        if not running.done() and hurry is not None and hurry.is_set():
            await _either(running, None, min(_HURRY_SECONDS, seconds))
        if running.done():
            return running.result()
        self._abandoned.add(running)
        running.add_done_callback(self._returned)
        log.warning("a client call was abandoned", call=what, seconds=seconds, abandoned=len(self._abandoned))
        if len(self._abandoned) > _MOST_ABANDONED:
            self._expired(what)
        raise CallAbandoned(f"{what} took longer than {time.monotonic() - begun:.1f} s")

    def _returned(self, call: asyncio.Future[T]) -> None:
        self._abandoned.discard(call)
        if not call.cancelled():
            call.exception()  # heard, so that nobody complains that it was not

    @contextmanager
    def watching(self, what: str) -> Iterator[None]:
        """Watch what this thread does meanwhile."""
        token = object()
        self._calls[token] = (what, self._ticks)
        try:
            yield
        finally:
            del self._calls[token]

    def close(self) -> None:
        """Take no more calls; those under way are watched to their end."""
        self._closed = True
        self._threads.shutdown(wait=False)

    def _watched(self, what: str, call: Callable[[], T]) -> T:
        with self.watching(what):
            return call()

    def _tick(self) -> None:
        while not self._closed or self._calls:
            time.sleep(self._tick_seconds)
            self._ticks += 1
            for what, since in list(self._calls.values()):
                if self._ticks - since > 60:
                    self._expired(what)


async def _either(running: asyncio.Future[T], event: asyncio.Event | None, seconds: float) -> None:
    """Wait until a call has returned, or an event is set, or so many seconds have passed."""
    if event is None:
        await asyncio.wait((running,), timeout=seconds)
        return
    setting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((running, setting), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        setting.cancel()
