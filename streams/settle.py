"""How an event is brought to its end: done, dead-lettered, or left for the next owner of its partition."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from schemas.access import AccessRefused
from schemas.codec import ErrorClass
from schemas.registry import RegistryError
from streams.dead_letter import dead_letter
from streams.decode import Rejection
from streams.errors import BrokerUnavailable, CatalogueBehind, GivenUp, MessageRefused
from streams.floods import Floods
from streams.lanes import Delivery
from streams.message import Message
from streams.refusals import Refusals
from streams.send import Sender, now_unix_ms
from streams.tally import DEAD_LETTERED, INTERNAL_ERRORS, WORLD_PAUSES, Tally
from streams.tracing import UNTRACED, Tracing

T = TypeVar("T")
Step = Callable[[Message], Awaitable[Rejection | None]]
"""Processes a message whole, or says why it never can be. Running it again does no harm."""

_MAX_ATTEMPTS = 3
_LOG_EVERY = 20
_PAUSES_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Settler:
    """Runs a step until the event is settled. It never raises, and gives True only when all is confirmed.

    Trouble with the broker, the registry or the catalogue is waited out for as long as it takes. An error of our own
    is tried three times and then dead-lettered, so that it is seen and its neighbours go on. In a flood of bad messages
    none is dead-lettered any more: each is left, as if its partition had been taken away.
    """

    sender: Sender
    tally: Tally
    floods: Floods
    refusals: Refusals
    tracing: Tracing = UNTRACED

    async def settle(self, delivery: Delivery, step: Step) -> bool:
        """Bring one event to its end; False when its partition was taken away first, or in a flood."""
        with self.tally.working.on_event(), self.tracing.event(delivery.message):
            return await self._settle(delivery, step)

    async def _settle(self, delivery: Delivery, step: Step) -> bool:
        begun = time.monotonic()
        try:
            attempts, rejection = await self._attempt(delivery, step)
            if self.floods.is_too_much(delivery.message, rejection):
                return False
            if rejection is not None:
                await self._bury(delivery, rejection, attempts)
        except GivenUp:
            log.info("event left for the next owner", place=delivery.message.place)
            return False
        self.tally.settled(delivery.message.topic, time.monotonic() - begun)
        return True

    async def _attempt(self, delivery: Delivery, step: Step) -> tuple[int, Rejection | None]:
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                return attempt, await self._through_trouble(delivery, lambda: step(delivery.message))
            except GivenUp:
                raise
            except MessageRefused as error:
                return attempt, Rejection(ErrorClass.TOO_LARGE, str(error))
            except Exception as error:
                self.tally.add(INTERNAL_ERRORS)
                log.exception("step failed", place=delivery.message.place, attempt=attempt)
                reason = Rejection(ErrorClass.INTERNAL_ERROR, f"{type(error).__name__} in a step")
            # Also after the last try: an error that came with the loss of the partition is no fault of the event.
            await _pause(delivery, attempt - 1)
        return _MAX_ATTEMPTS, reason

    async def _bury(self, delivery: Delivery, rejection: Rejection, attempts: int) -> None:
        message = delivery.message

        async def bury() -> None:
            await self.sender.bury(dead_letter(message, rejection, attempts=attempts, now_unix_ms=now_unix_ms()))

        # Whatever is wrong with the letter: an event without one is never acknowledged.
        await self._through_trouble(delivery, bury, trouble=(Exception,))
        self.tally.add(DEAD_LETTERED, rejection.error_class)
        log.warning("message dead-lettered", place=message.place, error_class=rejection.error_class)

    async def _through_trouble(
        self,
        delivery: Delivery,
        action: Callable[[], Awaitable[T]],
        *,
        trouble: tuple[type[Exception], ...] = (BrokerUnavailable, CatalogueBehind, RegistryError),
    ) -> T:
        pauses = 0
        while True:
            try:
                return await action()
            except trouble as error:
                if isinstance(error, AccessRefused):
                    self.refusals.note(error)
                self.tally.add(WORLD_PAUSES)
                if pauses % _LOG_EVERY == 0:
                    log.warning("waiting for the world", place=delivery.message.place, error=repr(error)[:300])
            await _pause(delivery, pauses)
            pauses += 1


async def _pause(delivery: Delivery, pauses_before: int) -> None:
    """Wait the longer, the more pauses there were before; raises GivenUp when the event is no longer ours then."""
    await asyncio.sleep(_PAUSES_SECONDS[min(pauses_before, len(_PAUSES_SECONDS) - 1)])
    if not delivery.is_ours():
        raise GivenUp(delivery.message.place)
