"""Traces: what happened to one event and all that came of it, across processes, by a header that goes along in Kafka.

Source of the header: W3C Trace Context, https://www.w3.org/TR/trace-context/ (`tracestate` is not passed on).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

TRACEPARENT_HEADER = "traceparent"
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED = 0x01

Headers = tuple[tuple[str, bytes], ...]
Kind = Literal["internal", "producer", "consumer"]
Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class SpanContext:
    """Where in which trace something happens: 32 and 16 hexadecimal digits, and whether anybody writes it down."""

    trace_id: str
    span_id: str
    is_sampled: bool = True

    def child(self, span_id: str | None = None) -> SpanContext:
        """Give a place below this one."""
        return SpanContext(self.trace_id, span_id or secrets.token_hex(8), self.is_sampled)

    def headers(self) -> Headers:
        """Give what goes along with a message."""
        flags = "01" if self.is_sampled else "00"
        return ((TRACEPARENT_HEADER, f"00-{self.trace_id}-{self.span_id}-{flags}".encode()),)


@dataclass(frozen=True, slots=True)
class Span:
    """One thing that happened, in nanoseconds since 1970; attributes are ids and counts, never contents."""

    name: str
    kind: Kind
    context: SpanContext
    parent_id: str | None
    start_unix_ns: int
    end_unix_ns: int
    attributes: tuple[tuple[str, Value], ...] = ()


Write = Callable[[Span], None]


def context_in(headers: Iterable[tuple[str, bytes | None]]) -> SpanContext | None:
    """Give what a message's headers say of its trace; None where they say nothing, or nothing that can be read."""
    for name, value in headers:
        if name == TRACEPARENT_HEADER and value:
            found = _TRACEPARENT.fullmatch(value.decode(errors="replace"))
            return SpanContext(found[1], found[2], bool(int(found[3], 16) & _SAMPLED)) if found else None
    return None


def root_context(seed: str, ratio: float) -> SpanContext:
    """Begin a trace, always the same for the same seed: what is done again after a crash is in the trace of before.

    A share of so many seeds is sampled.
    """
    digest = hashlib.sha256(seed.encode()).digest()
    share = int.from_bytes(digest[24:]) / 2**64
    return SpanContext(digest[:16].hex(), digest[16:24].hex(), share < ratio)


def subject_digest(subject: str) -> str:
    """Name a subject so that who knows it finds its traces, and nobody reads it in them."""
    return hashlib.sha256(subject.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Here:
    context: SpanContext
    write: Write


_HERE: ContextVar[_Here | None] = ContextVar("trace", default=None)


@contextmanager
def within(context: SpanContext | None, write: Write | None) -> Iterator[None]:
    """Let what happens meanwhile, in this task and what it starts, belong to a place in a trace, if there is one."""
    if context is None or write is None or not context.is_sampled:
        yield
        return
    before = _HERE.set(_Here(context, write))
    try:
        yield
    finally:
        _HERE.reset(before)


@contextmanager
def span(name: str, kind: Kind = "internal", **attributes: Value) -> Iterator[Noting]:
    """Write down what happens meanwhile as one span of the trace that this task belongs to, if any."""
    here = _HERE.get()
    if here is None:
        yield _NOBODY
        return
    own, start = here.context.child(), time.time_ns()
    noting = Noting(own, dict(attributes))
    before = _HERE.set(_Here(own, here.write))
    try:
        yield noting
    finally:
        _HERE.reset(before)
        noted = tuple(noting.attributes.items())
        here.write(Span(name, kind, own, here.context.span_id, start, time.time_ns(), noted))


class Noting:
    """A span that is under way; `note` adds what becomes known meanwhile. One that nobody writes has no context."""

    def __init__(self, context: SpanContext | None, attributes: dict[str, Value]) -> None:
        self.context = context
        self.attributes = attributes

    def headers(self) -> Headers:
        """Give what makes a message a part of the trace."""
        return self.context.headers() if self.context else ()

    def note(self, **attributes: Value) -> None:
        """Add attributes."""
        if self.context:
            self.attributes |= attributes


_NOBODY = Noting(None, {})
