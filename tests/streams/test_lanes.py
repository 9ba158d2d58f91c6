"""Work runs side by side, in order per key, and is acknowledged in order per partition."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import PRODUCT_CREATED
from streams.lanes import Delivery, Lanes
from tests.streams.messages import FakeDelivery, message


@dataclass
class _Gate:
    """Work that waits until the test lets its offset through."""

    started: list[int] = field(default_factory=list)
    gates: dict[int, asyncio.Event] = field(default_factory=dict)
    losing: set[int] = field(default_factory=set)

    async def __call__(self, delivery: Delivery) -> bool:
        offset = delivery.message.offset
        self.started.append(offset)
        await self.gates.setdefault(offset, asyncio.Event()).wait()
        return offset not in self.losing

    async def open(self, *offsets: int) -> None:
        for offset in offsets:
            self.gates.setdefault(offset, asyncio.Event()).set()
            await _rest()


async def _rest() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@dataclass
class _Shore:
    """One partition: what was acknowledged and given up, in order."""

    acknowledged: list[int] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)

    def delivery(self, offset: int, key: bytes | None = None, generation: int = 1) -> FakeDelivery:
        one = message(PRODUCT_CREATED, key or str(offset).encode(), b"", offset=offset)
        return FakeDelivery(one, generation, acknowledged=self.acknowledged, given_up=self.given_up)


async def test_a_later_event_that_is_done_first_waits_for_the_earlier_to_be_acknowledged() -> None:
    lanes, gate, shore = Lanes(), _Gate(), _Shore()
    for offset in (1, 2, 3):
        await lanes.admit(shore.delivery(offset), gate)
    await gate.open(3, 2)
    assert (gate.started, shore.acknowledged) == ([1, 2, 3], [])
    await gate.open(1)
    assert shore.acknowledged == [1, 2, 3]


async def test_one_key_is_worked_on_in_order_and_alone() -> None:
    lanes, gate, shore = Lanes(), _Gate(), _Shore()
    for offset in (1, 2):
        await lanes.admit(shore.delivery(offset, b"same"), gate)
    await _rest()
    assert gate.started == [1]
    await gate.open(1)
    assert gate.started == [1, 2]
    await gate.open(2)
    assert shore.acknowledged == [1, 2]


async def test_no_more_than_the_limit_is_worked_on_at_once() -> None:
    lanes, gate, shore = Lanes(work_limit=2), _Gate(), _Shore()
    for offset in (1, 2):
        await lanes.admit(shore.delivery(offset), gate)
    third = asyncio.create_task(lanes.admit(shore.delivery(3), gate))
    await _rest()
    assert (third.done(), gate.started) == (False, [1, 2])
    await gate.open(2)
    assert (third.done(), gate.started) == (True, [1, 2, 3])
    await gate.open(1, 3)


async def test_behind_an_unfinished_event_only_so_many_finished_ones_are_held() -> None:
    lanes, gate, shore = Lanes(held_limit=2), _Gate(), _Shore()
    for offset in (1, 2):
        await lanes.admit(shore.delivery(offset), gate)
    third = asyncio.create_task(lanes.admit(shore.delivery(3), gate))
    await gate.open(2, 3)
    assert (third.done(), gate.started) == (False, [1, 2])
    await gate.open(1)
    assert (third.done(), shore.acknowledged) == (True, [1, 2, 3])


async def test_who_waits_for_room_behind_an_event_that_is_given_up_is_given_up_too() -> None:
    lanes, gate, shore = Lanes(held_limit=1), _Gate(losing={1}), _Shore()
    await lanes.admit(shore.delivery(1), gate)
    second = asyncio.create_task(lanes.admit(shore.delivery(2), gate))
    await gate.open(1)
    assert second.done()
    assert (gate.started, shore.acknowledged, shore.given_up) == ([1], [], [1, 2])


async def test_after_an_event_was_given_up_nothing_of_its_partition_is_acknowledged() -> None:
    lanes, gate, shore = Lanes(), _Gate(losing={2}), _Shore()
    for offset in (1, 2, 3):
        await lanes.admit(shore.delivery(offset), gate)
    await gate.open(1, 2, 3)
    await lanes.admit(shore.delivery(4), gate)
    await gate.open(4)
    assert (shore.acknowledged, shore.given_up) == ([1], [2, 3, 4])


async def test_a_new_assignment_begins_afresh() -> None:
    lanes, gate, shore = Lanes(), _Gate(losing={1}), _Shore()
    await lanes.admit(shore.delivery(1), gate)
    await gate.open(1)
    gate.losing.clear()
    await lanes.admit(shore.delivery(1, generation=2), gate)
    await gate.open(1)
    assert shore.acknowledged == [1]


async def test_work_that_breaks_its_promise_and_raises_is_never_acknowledged() -> None:
    lanes, shore = Lanes(work_limit=1), _Shore()
    seen = []

    async def broken(delivery: Delivery) -> bool:
        seen.append(delivery.message.offset)
        raise RuntimeError

    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    for offset in (1, 2):
        await lanes.admit(shore.delivery(offset), broken)
    await _rest()
    assert (seen, shore.acknowledged) == ([1, 2], [])


@pytest.mark.filterwarnings("error")
@given(st.permutations(range(8)), st.lists(st.sampled_from([b"a", b"b", b"c"]), min_size=8, max_size=8))
def test_whatever_finishes_first_the_order_of_acknowledgements_is_that_of_the_partition(
    finishing: list[int], keys: list[bytes]
) -> None:
    async def run() -> list[int]:
        lanes, gate, shore = Lanes(), _Gate(), _Shore()
        for offset, key in enumerate(keys):
            await lanes.admit(shore.delivery(offset, key), gate)
        await gate.open(*finishing)
        return shore.acknowledged

    assert asyncio.run(run()) == list(range(8))
