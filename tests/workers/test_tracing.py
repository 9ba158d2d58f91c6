"""A request that is part of a trace says what became of it there, and its texts carry the trace on."""

from __future__ import annotations

from schemas.telemetry.trace import Span, SpanContext, context_in, span, subject_digest
from tests import factories
from tests.workers.test_lane import Bench
from workers.messages import Consumed, Result
from workers.outcome import Cost, Written
from workers.publish import Publisher
from workers.tracing import place_in_trace, serving, write_published

ASKED = SpanContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


def message(context: SpanContext | None = ASKED, offset: int = 3) -> Consumed:
    plain = Bench().message(offset, factories.request("Q1", subject="P1"))
    headers = context.headers() if context else ()
    return plain._replace(headers=plain.headers + headers, timestamp_unix_ms=factories.NOW_MS - 5_000)


def published(source: Consumed, *, is_traced: bool = True) -> Result:
    bench = Bench()
    publisher = Publisher(bench.publisher.codec, "test", lambda: factories.NOW_MS, is_traced)
    outcome = Written(factories.description("P1"), Cost())
    return publisher.generated(source, factories.request("Q1", subject="P1"), outcome, seconds=2.0)


def test_every_message_of_a_result_carries_the_trace_on() -> None:
    result = published(message())
    places = {context_in(each.headers) for each in result.messages}
    (own,) = places
    assert len(result.messages) == 2
    assert own is not None
    assert (own.trace_id, own.span_id != ASKED.span_id) == (ASKED.trace_id, True)


def test_what_happens_while_a_request_is_served_lies_below_the_span_that_its_texts_name() -> None:
    written: list[Span] = []
    with serving(message(), written.append), span("generate"):
        pass
    own = context_in(published(message()).messages[0].headers)
    assert own is not None
    assert written[0].parent_id == own.span_id


def test_the_whole_way_its_wait_and_its_publishing_are_written_once_it_is_published() -> None:
    written: list[Span] = []
    now_ns = factories.NOW_MS * 1_000_000
    write_published([published(message())], written.append, now_ns=now_ns + 40_000_000)
    whole, wait, publish = written
    assert (whole.name, whole.parent_id) == ("serve", ASKED.span_id)
    assert dict(whole.attributes)["request_id"] == "Q1"
    assert dict(whole.attributes)["subject_digest"] == subject_digest("P1")
    assert "P1" not in str(whole.attributes)
    assert (wait.end_unix_ns - wait.start_unix_ns, publish.end_unix_ns - publish.start_unix_ns) == (
        3 * 10**9,
        40 * 10**6,
    )
    assert whole.end_unix_ns - whole.start_unix_ns == 5 * 10**9 + 40 * 10**6


def test_where_nobody_asked_for_a_trace_nothing_is_written_or_sent_along() -> None:
    unsampled = SpanContext(ASKED.trace_id, ASKED.span_id, is_sampled=False)
    for result in (published(message(None)), published(message(unsampled)), published(message(), is_traced=False)):
        assert [each.headers for each in result.messages] == [(), ()]
        assert result.traced is None


def test_each_message_has_a_span_of_its_own_always_the_same() -> None:
    first, again, other = (place_in_trace(message(offset=offset)) for offset in (3, 3, 4))
    assert first == again != other
