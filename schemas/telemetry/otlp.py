"""Where spans go: a file of JSON lines, or a collector. Each line and each request is OTLP in JSON.

Any OpenTelemetry collector reads such a file (`otlpjsonfile` receiver) and takes such requests. Source:
https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/, https://opentelemetry.io/docs/specs/otlp/
"""

from __future__ import annotations

import json
import queue
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import structlog

from schemas.telemetry.trace import Kind, Span, SpanContext, Value, Write

log = structlog.get_logger()

_KINDS: dict[Kind, int] = {"internal": 1, "producer": 4, "consumer": 5}
_MOST_WAITING = 10_000
_BATCH = 200
_ANSWER_SECONDS = 5.0


def encoded(spans: Sequence[Span], service: str) -> dict[str, object]:
    """Give spans of a service as OTLP says it in JSON."""
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": [_attribute("service.name", service)]},
                "scopeSpans": [{"scope": {"name": "shelftalk"}, "spans": [_span(each) for each in spans]}],
            }
        ]
    }


def decoded(line: str) -> Iterator[tuple[str, Span]]:
    """Give the spans in a line of OTLP in JSON, each with its service; raises ValueError for what is none."""
    try:
        for resource in json.loads(line)["resourceSpans"]:
            attributes = {each["key"]: each["value"] for each in resource["resource"]["attributes"]}
            service = attributes["service.name"]["stringValue"]
            for scope in resource["scopeSpans"]:
                for each in scope["spans"]:
                    yield service, _read(each)
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"no spans in OTLP: {error!r}") from error


def _span(span: Span) -> dict[str, object]:
    return {
        "traceId": span.context.trace_id,
        "spanId": span.context.span_id,
        "parentSpanId": span.parent_id or "",
        "name": span.name,
        "kind": _KINDS[span.kind],
        "startTimeUnixNano": str(span.start_unix_ns),
        "endTimeUnixNano": str(span.end_unix_ns),
        "attributes": [_attribute(f"shelftalk.{name}", value) for name, value in span.attributes],
    }


def _attribute(key: str, value: Value) -> dict[str, object]:
    match value:
        case bool():
            return {"key": key, "value": {"boolValue": value}}
        case int():
            return {"key": key, "value": {"intValue": str(value)}}
        case float():
            return {"key": key, "value": {"doubleValue": value}}
        case str():
            return {"key": key, "value": {"stringValue": value}}


def _read(given: dict[str, str]) -> Span:
    kinds = {number: kind for kind, number in _KINDS.items()}
    attributes = cast(list[dict[str, dict[str, Value]]], given["attributes"])
    return Span(
        name=given["name"],
        kind=kinds.get(int(given["kind"]), "internal"),
        context=SpanContext(given["traceId"], given["spanId"]),
        parent_id=given.get("parentSpanId") or None,
        start_unix_ns=int(given["startTimeUnixNano"]),
        end_unix_ns=int(given["endTimeUnixNano"]),
        attributes=tuple((str(each["key"]).removeprefix("shelftalk."), _value(each["value"])) for each in attributes),
    )


def _value(given: dict[str, Value]) -> Value:
    ((kind, value),) = given.items()
    return int(value) if kind == "intValue" else value


class SpanFile:
    """Appends spans to a file, one to a line; any thread may write. Nothing stays open: few requests are traced."""

    def __init__(self, path: Path, service: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._service = service
        self._lock = threading.Lock()

    def write(self, span: Span) -> None:
        """Append one."""
        line = json.dumps(encoded([span], self._service)) + "\n"
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line)


class Collector:
    """Sends spans to an OpenTelemetry collector from a thread of its own, and holds nobody up.

    What it does not take, or what is too much, is dropped and counted in the log: traces are no ledger.
    """

    def __init__(self, endpoint: str, service: str) -> None:
        self._url = endpoint.rstrip("/") + "/v1/traces"
        self._service = service
        self._waiting: queue.Queue[Span] = queue.Queue(_MOST_WAITING)
        self._dropped = 0
        self._http = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # to that address, by no detour
        threading.Thread(target=self._run, name="traces", daemon=True).start()

    def write(self, span: Span) -> None:
        """Take one to be sent soon."""
        try:
            self._waiting.put_nowait(span)
        except queue.Full:
            self._dropped += 1

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            self._send(batch)

    def _send(self, batch: list[Span]) -> None:
        body = json.dumps(encoded(batch, self._service)).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})  # noqa: S310 - checked
        try:
            with self._http.open(request, timeout=_ANSWER_SECONDS):
                return
        except OSError as error:
            self._dropped += len(batch)
            log.warning("the collector took no spans", error=type(error).__name__, dropped=self._dropped)


def span_writer(endpoint: str | None, folder: Path, *, service: str, pid: int) -> Write:
    """Give where a process's spans go: to a collector, where one is named, else to a file of its own in the folder."""
    if endpoint:
        return Collector(endpoint, service).write
    return SpanFile(folder / f"{service}-{pid}.jsonl", service).write
