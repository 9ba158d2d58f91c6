"""A candidate tried on real requests, in the time that nobody else needs: numbers come of it, and no text."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from schemas.request import GenerationRequest
from workers.engines.engine import EngineUnavailable

log = structlog.get_logger()

_KEPT = 8
"""Requests that wait to be tried; older ones make room, so that what is tried is what the shop asks now."""


class Shadow:
    """Tries one request at a time while no other work is under way, and breaks off as soon as there is some.

    Each piece of real work enters it and leaves it. `rehearse` generates and judges a text with the candidate and says
    what became of it; `noted` counts that by task, `skipped`, `interrupted` and `failed` among it. All happens on
    one event loop.
    """

    def __init__(
        self, rehearse: Callable[[GenerationRequest], Awaitable[str]], *, noted: Callable[[str, str], None]
    ) -> None:
        self._rehearse = rehearse
        self._noted = noted
        self._waiting: deque[GenerationRequest] = deque()
        self._under_way = 0
        self._trying: asyncio.Task[None] | None = None
        self._is_stopped = False

    def __enter__(self) -> None:
        """Let real work have the engine: what is tried is broken off, in the engine too."""
        self._under_way += 1
        if self._trying is not None:
            self._trying.cancel()

    def __exit__(self, *exc_info: object) -> None:
        self._under_way -= 1
        if self._waiting:
            self._go_on()

    def offer(self, request: GenerationRequest) -> None:
        """Take a request that was served, to be tried when there is time."""
        self._waiting.append(request)
        if len(self._waiting) > _KEPT:
            self._noted(self._waiting.popleft().task, "skipped")
        self._go_on()

    async def stop(self) -> None:
        """Break off, and try nothing more."""
        self._is_stopped = True
        self._waiting.clear()
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.wait([self._trying])

    def _go_on(self) -> None:
        if self._waiting and not (self._under_way or self._trying or self._is_stopped):
            self._trying = asyncio.create_task(self._try(self._waiting.popleft()), name="shadow")

    async def _try(self, request: GenerationRequest) -> None:
        became = "failed"
        try:
            became = await self._rehearse(request)
        except asyncio.CancelledError:
            became = "interrupted"
            raise
        except EngineUnavailable:
            log.debug("a candidate did not serve a request that it was tried on", request_id=request.request_id)
        except Exception:
            log.exception("a candidate could not be tried", request_id=request.request_id)
        finally:
            self._noted(request.task, became)
            self._trying = None
            self._go_on()
