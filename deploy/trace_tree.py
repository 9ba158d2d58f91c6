"""Spans out of files, put together again: which trace a name is in, and what happened below what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from schemas.telemetry.otlp import decoded
from schemas.telemetry.trace import Span, Value, subject_digest

Json = dict[str, object]
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """A span and the service that wrote it."""

    service: str
    span: Span


@dataclass(frozen=True, slots=True)
class Node:
    """A span with what happened below it, in the order in which it began."""

    told: Told
    children: tuple[Node, ...]


def read_spans(files: Iterable[Path]) -> Iterator[Told]:
    """Give all spans in files; a line that is none is left out, since the last one may be half written."""
    for file in files:
        for line in file.read_text(errors="replace").splitlines():
            try:
                yield from (Told(service, span) for service, span in decoded(line))
            except ValueError:
                continue


def find_traces(spans: Iterable[Told], name: str) -> list[list[Told]]:
    """Give the traces in which a request's id, a subject, a message's place or a trace's id occurs, oldest first."""
    by_trace: defaultdict[str, list[Told]] = defaultdict(list)
    for told in spans:
        by_trace[told.span.context.trace_id].append(told)
    wanted = {name, subject_digest(name)}
    found = [trace for trace in by_trace.values() if any(wanted & _names(told.span) for told in trace)]
    return sorted(found, key=_began)


def grown(trace: Iterable[Told]) -> tuple[Node, ...]:
    """Give a trace's spans as trees; one whose parent nobody wrote down is a root."""
    ordered = sorted(trace, key=lambda told: told.span.start_unix_ns)
    known = {told.span.context.span_id for told in ordered}
    below: defaultdict[str | None, list[Told]] = defaultdict(list)
    for told in ordered:
        below[told.span.parent_id if told.span.parent_id in known else None].append(told)

    def node(told: Told) -> Node:
        return Node(told, tuple(node(child) for child in below[told.span.context.span_id]))

    return tuple(node(told) for told in below[None])


def lines(nodes: Iterable[Node]) -> Iterator[str]:
    """Give trees as text: a span to a line, when it began after the first, how long it took, and what it says."""
    nodes = tuple(nodes)
    if nodes:
        yield from _lines(nodes, nodes[0].told.span.start_unix_ns, depth=0)


def as_json(nodes: Iterable[Node]) -> Json:
    """Give trees as one JSON value; times are milliseconds since the first span began."""
    nodes = tuple(nodes)
    first = nodes[0].told.span
    return {
        "trace_id": first.context.trace_id,
        "began_unix_ms": first.start_unix_ns // _NS_PER_MS,
        "spans": [_as_json(node, first.start_unix_ns) for node in nodes],
    }


def _lines(nodes: Iterable[Node], zero_ns: int, *, depth: int) -> Iterator[str]:
    for node in nodes:
        span = node.told.span
        what = f"{'  ' * depth}{node.told.service}: {span.name}"
        said = " ".join(f"{name}={value}" for name, value in span.attributes if value != "")
        yield f"{_ms(span.start_unix_ns - zero_ns):>9.1f} ms  {_ms(_took(span)):>9.1f} ms  {what:<28} {said}".rstrip()
        yield from _lines(node.children, zero_ns, depth=depth + 1)


def _as_json(node: Node, zero_ns: int) -> Json:
    span = node.told.span
    attributes: dict[str, Value] = dict(span.attributes)
    return {
        "service": node.told.service,
        "name": span.name,
        "span_id": span.context.span_id,
        "began_ms": round(_ms(span.start_unix_ns - zero_ns), 1),
        "took_ms": round(_ms(_took(span)), 1),
        "attributes": attributes,
        "children": [_as_json(child, zero_ns) for child in node.children],
    }


def _began(trace: list[Told]) -> int:
    return min(told.span.start_unix_ns for told in trace)


def _names(span: Span) -> set[Value]:
    told = dict(span.attributes)
    return {span.context.trace_id, *(told.get(name, "") for name in ("request_id", "subject_digest", "place"))}


def _took(span: Span) -> int:
    return span.end_unix_ns - span.start_unix_ns


def _ms(nanoseconds: int) -> float:
    return nanoseconds / _NS_PER_MS
