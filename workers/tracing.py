"""The worker's part of a trace: from the request as it lay in its topic to the transaction that published its text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from schemas.request import GenerationRequest
from schemas.telemetry.trace import Span, SpanContext, Write, context_in, subject_digest, within
from workers.messages import Consumed, Result, Traced

_NS = 1_000_000


def place_in_trace(source: Consumed) -> tuple[SpanContext, SpanContext] | None:
    """Give the span that asked for a request and the one that serves it; None without a trace that is written down.

    The second has an id made of the message's place: who serves it and who publishes for it know it untold.
    """
    parent = context_in(source.headers)
    if parent is None or not parent.is_sampled:
        return None
    digest = hashlib.sha256(f"{parent.span_id} {source.partition} {source.offset}".encode()).hexdigest()
    return parent, parent.child(digest[:16])


@contextmanager
def serving(source: Consumed, write: Write | None) -> Iterator[None]:
    """Let what happens meanwhile belong to the span that serves a request."""
    place = place_in_trace(source) if write else None
    with within(place[1] if place else None, write):
        yield


def traced(result: Result, source: Consumed, request: GenerationRequest | None, now_ms: int) -> Result:
    """Give a result whose messages carry the trace of their request on, and that can be told about once published."""
    place = place_in_trace(source)
    entry = result.entry
    if place is None or entry is None:
        return result
    parent, own = place
    messages = tuple(replace(message, headers=own.headers()) for message in result.messages)
    begun_ms = now_ms - round(entry.seconds * 1000)
    attributes = (
        ("task", entry.task),
        ("outcome", entry.kind),
        ("request_id", request.request_id if request else ""),
        ("subject_digest", subject_digest(request.subject) if request else ""),
        ("place", f"{source.partition}/{source.offset}"),
    )
    told = Traced(parent, own, source.timestamp_unix_ms, begun_ms, now_ms, attributes)
    return replace(result, messages=messages, traced=told)


def write_published(results: Iterable[Result], write: Write, *, now_ns: int) -> None:
    """Write the spans of what has just become visible: the whole way, its wait at the beginning and the publishing."""
    for told in (result.traced for result in results if result.traced):
        start, begun, finished = (at * _NS for at in (told.stamp_unix_ms, told.begun_unix_ms, told.finished_unix_ms))
        start, end = min(start, begun), max(finished, now_ns)  # other machines' clocks are not ours
        own = told.own
        write(Span("serve", "consumer", own, told.parent.span_id, start, end, told.attributes))
        write(Span("wait", "internal", own.child(), own.span_id, start, begun))
        write(Span("publish", "producer", own.child(), own.span_id, finished, end))
