"""A trace goes along with a message, and nothing is written where nobody asked for it."""

from __future__ import annotations

import asyncio

import pytest
from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from schemas.telemetry.trace import Span, SpanContext, context_in, root_context, span, subject_digest, within

CONTEXT = SpanContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
HEADER = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_what_goes_along_is_read_by_others_and_by_us() -> None:
    ((name, value),) = CONTEXT.headers()
    assert (name, value) == ("traceparent", HEADER)
    assert context_in(CONTEXT.headers()) == CONTEXT
    theirs = get_current_span(TraceContextTextMapPropagator().extract({name: value.decode()})).get_span_context()
    assert (f"{theirs.trace_id:032x}", f"{theirs.span_id:016x}") == (CONTEXT.trace_id, CONTEXT.span_id)
    assert theirs.trace_flags.sampled


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        b"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        b"00-00000000000000000000000000000000-b7ad6b7169203331-01",
        b"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        b"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        b"\xff\xfe",
    ],
)
def test_what_is_no_trace_is_none(value: bytes) -> None:
    assert context_in([("other", HEADER), ("traceparent", value)]) is None


def test_a_trace_that_nobody_writes_down_stays_so_below() -> None:
    unsampled = context_in([("traceparent", HEADER[:-2] + b"00")])
    assert unsampled is not None
    assert not unsampled.child().is_sampled
    assert unsampled.headers()[0][1].endswith(b"-00")


def test_a_share_of_seeds_begins_a_trace_always_the_same() -> None:
    roots = [root_context(f"product-created/0/{number}", 0.25) for number in range(2_000)]
    assert roots == [root_context(f"product-created/0/{number}", 0.25) for number in range(2_000)]
    assert 0.2 < sum(root.is_sampled for root in roots) / len(roots) < 0.3
    assert len({root.trace_id for root in roots}) == len(roots)
    assert not root_context("any", 0).is_sampled
    assert root_context("any", 1).is_sampled


async def test_spans_lie_in_each_other_across_tasks_and_threads() -> None:
    written: list[Span] = []

    def check() -> None:
        with span("inner") as noting:
            noting.note(allowed=True)

    with within(CONTEXT, written.append), span("outer", "producer", task="ad-copy") as outer:
        await asyncio.create_task(asyncio.to_thread(check))
        carried = context_in(outer.headers())
    inner, whole = written
    assert (whole.name, whole.parent_id, whole.attributes) == ("outer", CONTEXT.span_id, (("task", "ad-copy"),))
    assert (inner.parent_id, inner.attributes) == (whole.context.span_id, (("allowed", True),))
    assert carried == whole.context
    assert whole.start_unix_ns <= inner.start_unix_ns <= inner.end_unix_ns <= whole.end_unix_ns


def test_without_a_trace_nothing_is_written_and_nothing_goes_along() -> None:
    written: list[Span] = []
    unsampled = SpanContext(CONTEXT.trace_id, CONTEXT.span_id, is_sampled=False)
    for context in (None, unsampled):
        with within(context, written.append), span("generate") as noting:
            noting.note(tokens=3)
            assert noting.headers() == ()
    assert written == []


def test_a_step_that_fails_is_written_down_as_well() -> None:
    written: list[Span] = []
    with within(CONTEXT, written.append), pytest.raises(ValueError, match="broken"), span("generate"):
        raise ValueError("broken")
    assert [one.name for one in written] == ["generate"]


def test_a_subject_is_found_by_who_knows_it() -> None:
    assert subject_digest("user-17") == subject_digest("user-17") != subject_digest("user-18")
