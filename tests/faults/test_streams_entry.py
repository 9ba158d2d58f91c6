"""The failing steps of the streams fail for the events that are marked, and for no other."""

from __future__ import annotations

from typing import cast

import pytest

from schemas.codec import ErrorClass
from schemas.topics import PRODUCT_CREATED
from streams.decode import Rejection
from streams.message import Message
from streams.steps import Steps
from tests.faults.events import described
from tests.faults.orders import FAILS_ALWAYS, FAILS_ONCE
from tests.faults.streams_entry import FlakyError, flaky
from tests.streams.messages import message

NO_STEPS = cast(Steps, None)


def event(title: str, *, offset: int = 0) -> Message:
    return message(PRODUCT_CREATED, b"P1", described("P1", 1, title=title), offset=offset)


async def done(_: Steps, message: Message) -> Rejection | None:
    """Reject everything, so that it shows that it was called."""
    return Rejection(ErrorClass.INTERNAL_ERROR, message.place)


async def test_a_marked_event_fails_each_time() -> None:
    step = flaky(done)
    for _ in range(2):
        with pytest.raises(FlakyError):
            await step(NO_STEPS, event(FAILS_ALWAYS))


async def test_an_event_marked_once_fails_at_its_first_try_only() -> None:
    step = flaky(done)
    for offset in (0, 1):
        with pytest.raises(FlakyError):
            await step(NO_STEPS, event(FAILS_ONCE, offset=offset))
        assert await step(NO_STEPS, event(FAILS_ONCE, offset=offset))


async def test_every_other_event_takes_its_step() -> None:
    assert await flaky(done)(NO_STEPS, event("Jacket"))
