"""Faust's consumer, made safe: what is read, where reading begins after a rebalance, and what is committed.

Read in Faust 0.15.3 and aiokafka 0.14, and seen in tests:
- After a rebalance Faust lets messages flow, then seeks to the committed offsets, then empties the agents' queues. What
  was fetched in between is dropped, and a later message of the partition is delivered as if nothing were missing.
- `seek_to_committed` leaves a partition without a committed offset wherever it is, past what was dropped.
- `_new_offset` then commits past one missing message: it takes a gap of one for a hole in the log.
- `verify_event_path` asserts that every partition has a position, which it has not while it seeks.
"""

from __future__ import annotations

import asyncio

import faust
import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from schemas.topics import INPUTS, PRODUCT_DESCRIPTIONS, QUESTIONS
from streams.metrics import InputStanding

_PAUSE_SECONDS = 1.0
_INPUT_NAMES = frozenset(topic.name for topic in (*INPUTS, *QUESTIONS, PRODUCT_DESCRIPTIONS))

log = structlog.get_logger()


class _ReadCommittedThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust ships no types
    """Reads only what was committed: a shop may write its events in transactions, and an aborted one never happened.

    Faust reads committed only together with its own transactions, which do not cover ordinary topics.
    """

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        return consumer


class SettledConsumer(driver.Consumer):  # type: ignore[misc]  # Faust ships no types
    """A consumer that after each rebalance, when Faust says that it is done, stops once more and seeks for good.

    Only messages fetched after that are marked as settled. Those of a partition begin at its committed offset and have
    no gap, so they may be acknowledged; all others are thrown away and come again.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._is_parked = asyncio.Event()
        self._settled_generation: int | None = None

    async def settle(self) -> None:
        """Begin reading at the committed offsets, at the beginning where there are none. Gives way to a rebalance."""
        generation = self.app.consumer_generation_id
        while not self._is_overtaken(generation):
            self.stop_flow()
            await self._is_parked.wait()
            try:
                await self._seek_inputs()
            except KafkaError as error:
                log.warning("waiting to seek", error=repr(error))
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            if not self._is_overtaken(generation):
                self._settled_generation = generation
                self.resume_flow()
                log.info("settled", generation=generation)
            return

    def is_settled(self, message: faust.types.tuples.Message) -> bool:
        """Say whether a message was fetched after the last seek of the present assignment."""
        return bool(message.settled_generation == message.generation_id == self.app.consumer_generation_id)

    def standing(self) -> tuple[InputStanding, ...]:
        """Say how the inputs stand; of events only those count that will be acknowledged in this assignment."""
        held = [message for message in self.unacked if self.is_settled(message)]
        ours = [place for place in self.assignment() if _is_input(place)]
        return tuple(_standing(topic, self._lags(topic, ours), held) for topic in sorted({tp.topic for tp in ours}))

    def _lags(self, topic: str, ours: list[TP]) -> list[int]:
        """Give for each of our partitions of a topic how many messages lie beyond the committed offset."""
        places = [place for place in ours if place.topic == topic]
        return [max(0, (self.highwater(place) or 0) - (self._committed_offset[place] or 0)) for place in places]

    def _is_overtaken(self, generation: int) -> bool:
        return bool(self.app.rebalancing or self.should_stop or generation != self.app.consumer_generation_id)

    async def _seek_inputs(self) -> None:
        await self.perform_seek()
        never = [place for place in self.assignment() if _is_input(place) and not self._committed_offset[place]]
        if never:
            await self._thread.seek_to_beginning(*map(driver.ensure_aiokafka_TP, never))

    async def _wait_next_records(self, timeout: float) -> object:  # noqa: ASYNC109  # Faust's signature
        while not self.flow_active and not self.should_stop:
            # Nothing that was fetched is still on its way to the agents: the only moment to seek in.
            self._is_parked.set()
            await self.wait(self.can_resume_flow)
            self._is_parked.clear()
        return await super()._wait_next_records(timeout)

    def _to_message(self, tp: TP, record: object) -> faust.types.tuples.Message:
        message = super()._to_message(tp, record)
        message.settled_generation = self._settled_generation
        return message

    def _new_offset(self, tp: TP) -> int | None:
        """Give the offset to commit: acknowledgements come in order and without a gap, so the newest speaks for all."""
        acknowledged = self._acked[tp]
        if not acknowledged:
            return None
        newest: int = max(acknowledged)
        acknowledged.clear()
        self._acked_index[tp].clear()
        return newest + 1

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Keep no list of holes in the log: none is needed for `_new_offset`."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Look for no stalled partition: Faust's search fails on one that is about to seek, and ends the process."""

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _ReadCommittedThread(self, loop=self.loop, beacon=self.beacon)


class SettledTransport(driver.Transport):  # type: ignore[misc]  # Faust ships no types
    """Faust's transport over Kafka with the consumer above."""

    Consumer = SettledConsumer


def _standing(topic: str, lags: list[int], held: list[faust.types.tuples.Message]) -> InputStanding:
    stamps = [message.timestamp for message in held if message.topic == topic]
    return InputStanding(
        topic=topic,
        partitions=len(lags),
        held=len(stamps),
        lag=sum(lags),
        oldest_unix_ms=min((round(stamp * 1000) for stamp in stamps if stamp), default=None),
    )


def _is_input(place: TP) -> bool:
    return place.topic in _INPUT_NAMES
