"""The streams know when an agent is stuck, and do not take waiting for the world for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from schemas import topics
from schemas.codec import ErrorClass
from schemas.telemetry.metrics import Metric
from streams import metrics, tally
from streams.metrics import TABLE, InputStanding
from streams.tally import Tally
from streams.vitals import Bounds, Vitals
from tests.deadline import until

PRODUCTS = topics.PRODUCT_CREATED.name
HOLDING = (InputStanding(PRODUCTS, partitions=4, held=2, lag=9, oldest_unix_ms=1_000),)
IDLE = (InputStanding(PRODUCTS, partitions=4, held=0, lag=0, oldest_unix_ms=None),)


class Streams:
    """Vitals without streams; a beat is a second."""

    def __init__(self) -> None:
        self.tally, self.ended = Tally(), list[str]()
        self.vitals = Vitals(self.tally, Bounds(5, 300), self.ended.append)

    def beat(self, times: int = 1, *, inputs: tuple[InputStanding, ...] = HOLDING) -> None:
        for _ in range(times):
            self.vitals.beat(inputs, generation=1)


@pytest.fixture
def streams() -> Iterator[Streams]:
    streams = Streams()
    yield streams
    streams.vitals.leave()


def test_an_event_to_which_nothing_happens_ends_the_process_however_busy_the_others_are(streams: Streams) -> None:
    with streams.tally.working.on_event():
        for _ in range(5):
            with streams.tally.working.on_event():
                streams.beat()
                streams.tally.settled(PRODUCTS, 0.1)
        assert (streams.ended, streams.vitals.health().is_live) == ([], True)
        streams.beat()
    assert streams.ended == ["events are held and nothing has happened to one of them for 5 s"]
    assert not streams.vitals.health().is_live


@pytest.mark.parametrize("name", [tally.WORLD_PAUSES, tally.INTERNAL_ERRORS])
def test_an_event_that_waits_for_the_world_or_is_tried_again_does_not_stand_still(streams: Streams, name: str) -> None:
    with streams.tally.working.on_event():
        for _ in range(10):
            streams.beat(4)
            streams.tally.add(name)
    assert streams.ended == []


def test_an_event_that_asks_for_many_texts_does_not_stand_still(streams: Streams) -> None:
    with streams.tally.working.on_event():
        for _ in range(10):
            streams.beat(4)
            streams.tally.add(tally.REQUESTS, "ad-copy")
    assert streams.ended == []


def test_events_that_nobody_takes_end_the_process_and_having_none_does_not(streams: Streams) -> None:
    streams.beat(20, inputs=IDLE)
    assert streams.ended == []
    streams.beat(6)
    assert len(streams.ended) == 1


def test_what_is_over_is_forgotten(streams: Streams) -> None:
    with pytest.raises(ValueError, match="broken"), streams.tally.working.on_event():
        raise ValueError("broken")
    streams.beat(20, inputs=IDLE)
    assert (streams.ended, streams.tally.working.count) == ([], 0)


async def test_an_event_loop_that_stands_still_ends_the_process() -> None:
    ended: list[str] = []
    vitals = Vitals(Tally(), Bounds(0.5, 300), ended.append)
    vitals.beat(IDLE, generation=1)
    await until(lambda: bool(ended))
    vitals.leave()
    assert ended == ["the event loop stands still for more than 0 s"]


def test_streams_are_ready_when_they_work_in_time_and_not_before_or_after(streams: Streams) -> None:
    assert (streams.vitals.health().is_live, streams.vitals.health().is_ready) == (True, False)
    streams.vitals.beat(IDLE, generation=1)
    assert streams.vitals.health().is_ready
    streams.vitals.beat(HOLDING, generation=1)  # since 1970
    assert (streams.vitals.health().is_live, streams.vitals.health().is_ready) == (True, False)
    streams.vitals.leave()
    streams.vitals.beat(IDLE, generation=1)
    assert not streams.vitals.health().is_ready


def test_every_number_has_a_row_in_the_table_and_no_other(streams: Streams) -> None:
    for name in (tally.REPEATS, tally.STALE, tally.INTERNAL_ERRORS, tally.WORLD_PAUSES):
        streams.tally.add(name)
    streams.tally.add(tally.REQUESTS, "ad-copy")
    streams.tally.add(tally.DEAD_LETTERED, ErrorClass.TRUNCATED)
    streams.tally.settled(PRODUCTS, 0.1)
    streams.vitals.beat(HOLDING, generation=3)
    families = text_string_to_metric_families(streams.vitals.page())
    told = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    assert told == {metric.name for metric in TABLE}
    assert {one for one in vars(metrics).values() if isinstance(one, Metric)} == set(TABLE)
