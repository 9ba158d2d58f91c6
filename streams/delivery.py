"""A Faust event as a delivery that nobody but us acknowledges."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import faust

from streams.message import Message


@dataclass(frozen=True, slots=True)
class FaustDelivery:
    """One event of a Faust stream, held until it is acknowledged."""

    event: faust.types.EventT
    message: Message

    @property
    def generation(self) -> int:
        """Give the assignment of partitions that it was delivered under."""
        generation: int = self.event.message.generation_id
        return generation

    def is_ours(self) -> bool:
        """Say whether the assignment still stands and nothing asks us to stop."""
        app = self.event.app
        return bool(self._is_current() and app.flow_control.is_active() and not app.should_stop)

    def acknowledge(self) -> None:
        """Allow its offset to be committed, unless the partition was assigned anew: then it is delivered again."""
        if self._is_current():
            self.event.ack()

    def give_up(self) -> None:
        """Let go of it unacknowledged; else Faust's rebalance and shutdown would wait for it for ever."""
        self.event.app.consumer.unacked.discard(self.event.message)

    def _is_current(self) -> bool:
        return bool(self.generation == self.event.app.consumer_generation_id)


async def deliveries(stream: faust.types.StreamT) -> AsyncIterator[FaustDelivery]:
    """Give the events of a stream, each to be acknowledged by us; those from before the last seek come again later.

    Faust acknowledges an event when the loop's body ends, no matter how: also when it raised, and when it was
    cancelled in the middle by a rebalance or a shutdown.
    """
    stream.enable_acks = False
    async for event in stream.events():
        delivery = FaustDelivery(event, _message(event))
        if event.app.consumer.is_settled(event.message):
            yield delivery
        else:
            delivery.give_up()


def _message(event: faust.types.EventT) -> Message:
    raw = event.message
    return Message(
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        timestamp_unix_ms=round(raw.timestamp * 1000) if raw.timestamp is not None else -1,
        key=raw.key,
        value=raw.value,
        headers=tuple((name, value) for name, value in raw.headers or ()),
    )
