"""Spans are what OpenTelemetry's own software reads, in a file and at a collector."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from pydantic import ValidationError
from structlog.testing import capture_logs

from schemas.telemetry.otlp import Collector, SpanFile, decoded, encoded, span_writer
from schemas.telemetry.settings import TelemetrySettings
from schemas.telemetry.trace import Span, SpanContext
from tests.deadline import until

CONTEXT = SpanContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
ATTRIBUTES = (("task", "ad-copy"), ("tokens", 12), ("seconds", 0.5), ("allowed", True))
SPAN = Span("guard", "internal", CONTEXT, "00f067aa0ba902b7", 1_000_000_001, 2_000_000_002, ATTRIBUTES)
ROOT = Span("serve", "consumer", CONTEXT, None, 1, 2)


def test_a_span_is_read_back_as_it_was() -> None:
    assert [*decoded(json.dumps(encoded([SPAN, ROOT], "worker")))] == [("worker", SPAN), ("worker", ROOT)]


def test_opentelemetry_reads_it() -> None:
    said = encoded([SPAN], "worker")
    raw = json.dumps(said)
    for digits in (CONTEXT.trace_id, CONTEXT.span_id, "00f067aa0ba902b7"):  # OTLP has hexadecimal, protobuf base64
        raw = raw.replace(f'"{digits}"', json.dumps(base64.b64encode(bytes.fromhex(digits)).decode()))
    (resource,) = ParseDict(json.loads(raw), TracesData()).resource_spans
    (span,) = resource.scope_spans[0].spans
    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == (
        "guard",
        CONTEXT.trace_id,
        "00f067aa0ba902b7",
    )
    assert (span.start_time_unix_nano, span.kind) == (1_000_000_001, 1)
    assert span.attributes[1].value.int_value == 12


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", '{"resourceSpans": [{}]}', '{"resourceSpans"', "null", '{"resourceSpans": 3}']
)
def test_what_is_no_span_is_said_to_be_none(line: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        list(decoded(line))


def test_a_file_has_a_line_for_each_span(tmp_path: Path) -> None:
    file = SpanFile(tmp_path / "traces" / "worker-1.jsonl", "worker")
    file.write(SPAN)
    file.write(ROOT)
    lines = (tmp_path / "traces" / "worker-1.jsonl").read_text().splitlines()
    assert [span for line in lines for _, span in decoded(line)] == [SPAN, ROOT]


class Collecting(BaseHTTPRequestHandler):
    bodies: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        self.bodies.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[str]:
    Collecting.bodies = []
    server = HTTPServer(("127.0.0.1", 0), Collecting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


async def test_a_collector_gets_what_is_written(collector: str, tmp_path: Path) -> None:
    write = span_writer(collector, tmp_path, service="worker", pid=1)
    write(SPAN)
    await until(lambda: bool(Collecting.bodies))
    path, body = Collecting.bodies[0]
    assert path == "/v1/traces"
    assert [*decoded(body.decode())] == [("worker", SPAN)]
    assert not (tmp_path / "worker-1.jsonl").is_file()


async def test_a_collector_that_is_away_costs_spans_and_holds_nobody_up() -> None:
    with capture_logs() as logs:
        away = Collector("http://127.0.0.1:1", "worker")
        away.write(SPAN)
        await until(lambda: bool(logs))
    assert (logs[0]["event"], logs[0]["dropped"]) == ("the collector took no spans", 1)


async def test_spans_take_no_detour_through_a_proxy(collector: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    Collector(collector, "worker").write(SPAN)
    await until(lambda: bool(Collecting.bodies))


def test_a_collector_elsewhere_is_not_spoken_to_without_tls_unless_told() -> None:
    elsewhere = {"trace_endpoint": "http://collector.example:4318"}
    with pytest.raises(ValidationError, match=r"SHELFTALK_TRACE_ENDPOINT.*SHELFTALK_ALLOW_PLAINTEXT"):
        TelemetrySettings.model_validate(elsewhere)
    assert TelemetrySettings.model_validate(elsewhere | {"SHELFTALK_ALLOW_PLAINTEXT": "true"}).trace_endpoint
    assert TelemetrySettings(trace_endpoint="https://collector.example:4318").trace_endpoint


def test_nothing_is_traced_unless_asked_for(tmp_path: Path) -> None:
    assert TelemetrySettings(home=tmp_path).span_writer("worker") is None
    assert TelemetrySettings(home=tmp_path, trace_ratio=0).span_writer("worker") is not None
