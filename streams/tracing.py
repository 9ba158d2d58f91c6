"""The streams' part of a trace: from the event as it lay in its topic to the requests that it made necessary."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from schemas.telemetry.trace import Span, SpanContext, Write, context_in, root_context, within
from streams.message import Message

_NS = 1_000_000


@dataclass(frozen=True, slots=True)
class Tracing:
    """Where spans go, None for nowhere, and which share of events that bring no trace begin one."""

    write: Write | None = None
    ratio: float = 0.0

    @contextmanager
    def event(self, message: Message) -> Iterator[None]:
        """Let what happens meanwhile belong to the span of an event, below that of who sent it."""
        place = self._place(message) if self.write else None
        if place is None or self.write is None:
            yield
            return
        parent, own = place
        begun = time.time_ns()
        start = min(message.timestamp_unix_ms * _NS, begun) if message.timestamp_unix_ms > 0 else begun
        try:
            with within(own, self.write):
                yield
        finally:
            attributes = (("topic", message.topic), ("place", message.place))
            self.write(
                Span("settle", "consumer", own, parent.span_id if parent else None, start, time.time_ns(), attributes)
            )
            self.write(Span("wait", "internal", own.child(), own.span_id, start, begun))

    def _place(self, message: Message) -> tuple[SpanContext | None, SpanContext] | None:
        """Give the span that sent an event and its own; None when nobody writes its trace down."""
        parent = context_in(message.headers)
        own = parent.child() if parent else root_context(f"{message.place} {message.timestamp_unix_ms}", self.ratio)
        return (parent, own) if own.is_sampled else None


UNTRACED = Tracing()
"""No spans at all."""
