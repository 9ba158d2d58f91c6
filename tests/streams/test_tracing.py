"""What an event sets off is in one trace with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas import topics
from schemas.registry import FakeRegistry
from schemas.tasks import AD_COPY
from schemas.telemetry.trace import Span, SpanContext, context_in
from streams.requests import Wanted
from streams.send import FakeWriter, Sender
from streams.tracing import Tracing
from tests.streams.messages import codec_on, message

SENT = SpanContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
EVENT = replace(message(topics.PRODUCT_CREATED, b"P1", b"value", offset=4), headers=SENT.headers())
WANTED = Wanted(AD_COPY, "P1", "en", 1, None)


async def asked(tracing: Tracing, *, headers: tuple[tuple[str, bytes], ...]) -> SpanContext | None:
    """Give the trace that a request carries which an event has set off."""
    writer = FakeWriter()
    with tracing.event(replace(EVENT, headers=headers)):
        await Sender(writer, codec_on(FakeRegistry())).ask(WANTED)
    (outgoing,) = writer.written
    return context_in(outgoing.headers)


async def test_a_request_is_in_the_trace_of_its_event_below_the_event_itself() -> None:
    written: list[Span] = []
    carried = await asked(Tracing(written.append), headers=SENT.headers())
    by_name = {one.name: one for one in written}
    assert by_name["settle"].parent_id == SENT.span_id
    assert by_name["ask"].parent_id == by_name["settle"].context.span_id == by_name["wait"].parent_id
    assert carried == by_name["ask"].context
    assert {one.context.trace_id for one in written} == {SENT.trace_id}
    assert "P1" not in str([one.attributes for one in written])


@pytest.mark.parametrize(("ratio", "begins"), [(1.0, True), (0.0, False)])
async def test_an_event_without_a_trace_begins_one_where_its_share_is_asked_for(ratio: float, *, begins: bool) -> None:
    written: list[Span] = []
    carried = await asked(Tracing(written.append, ratio), headers=())
    assert (carried is not None, bool(written)) == (begins, begins)


async def test_an_event_that_is_done_again_is_in_the_trace_of_before() -> None:
    written: list[Span] = []
    first, again = [await asked(Tracing(written.append, 1.0), headers=()) for _ in range(2)]
    assert first is not None
    assert again is not None
    assert first.trace_id == again.trace_id


async def test_where_nobody_asked_for_traces_none_is_read_or_sent_along() -> None:
    assert await asked(Tracing(), headers=SENT.headers()) is None
