"""From a request to what it publishes, however the engine behaves meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from schemas.codec import ErrorClass
from schemas.request import GenerationRequest
from workers.engines.engine import EngineDied, EngineUnavailable
from workers.messages import Consumed, Result
from workers.outcome import Outcome, Undeliverable
from workers.publish import Publisher

log = structlog.get_logger()

_RETRY_SECONDS = 0.5
_MOST_REFUSALS = 20
"""How often the engine may be unavailable to one request that others got an answer in between."""


class EngineGaveUp(Exception):
    """The engine stayed away longer than patience allows: this process cannot go on, a fresh one may."""


class Server:
    """Serves requests, waiting for an engine that is away for up to `patience_seconds` (None: for ever)."""

    def __init__(
        self,
        generate: Callable[[GenerationRequest], Awaitable[Outcome]],
        publisher: Publisher,
        *,
        patience_seconds: float | None,
    ) -> None:
        self._generate = generate
        self._publisher = publisher
        self._patience_seconds = patience_seconds
        self._under_way = 0
        self._answers = 0
        self._down_since: float | None = None

    async def serve(self, source: Consumed, request: GenerationRequest) -> Result:
        """Give what a request publishes. Raises EngineDied and EngineGaveUp."""
        started = time.monotonic()
        self._under_way += 1
        try:
            outcome = await self._outcome(request)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._down_since = None  # nobody waits for the engine any more
        return self._result(source, request, outcome, seconds=time.monotonic() - started)

    def _result(self, source: Consumed, request: GenerationRequest, outcome: Outcome, *, seconds: float) -> Result:
        """Give what an outcome publishes; one that cannot be written down becomes a dead letter."""
        try:
            return self._publisher.generated(source, request, outcome, seconds=seconds)
        except Exception as error:
            log.exception("an outcome cannot be encoded", request_id=request.request_id)
            detail = f"the outcome cannot be encoded: {type(error).__name__}"
            unwritable = Undeliverable(ErrorClass.INTERNAL_ERROR, detail)
            return self._publisher.generated(source, request, unwritable, seconds=seconds)

    async def _outcome(self, request: GenerationRequest) -> Outcome:
        """Generate and check; a missing engine is waited for, a defect becomes a dead letter.

        So does a request that the engine leaves unserved again and again while it serves others.
        """
        refusals, answers = 0, self._answers
        while True:
            try:
                outcome = await self._generate(request)
            except EngineDied:
                raise
            except EngineUnavailable as error:
                self._missed(error)
                refusals, answers = refusals + (self._answers > answers), self._answers
                if refusals >= _MOST_REFUSALS:
                    detail = f"the engine serves others, not this: {error}"
                    return Undeliverable(ErrorClass.NOT_SERVED, detail, attempts=refusals)
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception as error:  # a defect of ours meets one request, not the whole stream
                log.exception("generation failed unexpectedly", request_id=request.request_id)
                return Undeliverable(ErrorClass.INTERNAL_ERROR, f"generation failed: {type(error).__name__}")
            else:
                self._down_since = None
                self._answers += 1
                return outcome

    def _missed(self, error: EngineUnavailable) -> None:
        now = time.monotonic()
        if self._down_since is None:
            self._down_since = now
            log.warning("waiting for the engine", error=str(error))
        patience = self._patience_seconds
        if patience is not None and now - self._down_since > patience:
            raise EngineGaveUp(f"the engine is away for more than {patience:.0f} s: {error}") from error
