"""A trace is put together again out of the files of several processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.trace import NoTrace
from deploy.trace_tree import find_traces, grown, lines, read_spans
from schemas.telemetry.otlp import SpanFile
from schemas.telemetry.trace import Span, SpanContext, subject_digest

MS = 1_000_000
ROOT = SpanContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
ASK, SERVE = ROOT.child("1" * 16), ROOT.child("2" * 16)
SUBJECT = (("subject_digest", subject_digest("P17")),)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a home with one trace in the files of two processes, and one older."""
    streams = SpanFile(tmp_path / "streams" / "traces" / "streams-1.jsonl", "streams")
    worker = SpanFile(tmp_path / "worker" / "traces" / "worker-2.jsonl", "worker")
    older = SpanContext("f" * 32, "3" * 16)
    streams.write(Span("settle", "consumer", older, None, 0, 5 * MS, SUBJECT))
    worker.write(Span("serve", "consumer", SERVE, ASK.span_id, 30 * MS, 90 * MS, (("request_id", "Q1"), *SUBJECT)))
    streams.write(Span("ask", "producer", ASK, ROOT.span_id, 20 * MS, 25 * MS))
    streams.write(Span("settle", "consumer", ROOT, "unwritten", 10 * MS, 28 * MS))
    with (tmp_path / "worker" / "traces" / "worker-2.jsonl").open("a") as file:
        file.write('{"resourceSpans": [{"half')
    return tmp_path


@pytest.mark.parametrize("name", ["Q1", "P17", ROOT.trace_id])
def test_a_trace_is_found_by_request_subject_or_its_own_id(home: Path, name: str) -> None:
    found = find_traces(read_spans(home.rglob("*.jsonl")), name)[-1]
    assert {told.span.name for told in found} == {"settle", "ask", "serve"}


def test_a_tree_says_what_happened_below_what_when_and_how_long_it_took(home: Path) -> None:
    found = find_traces(read_spans(home.rglob("*.jsonl")), "Q1")[-1]
    shown = [" ".join(line.split()) for line in lines(grown(found))]
    assert shown[:2] == ["0.0 ms 18.0 ms streams: settle", "10.0 ms 5.0 ms streams: ask"]
    assert shown[2].startswith("20.0 ms 60.0 ms worker: serve request_id=Q1")


def test_the_command_shows_the_newest_of_a_name_for_eyes_and_for_programs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELFTALK_HOME", str(home))
    assert "1 older ones" in CliRunner().invoke(app, ["trace", "P17"]).output
    told = json.loads(CliRunner().invoke(app, ["trace", "P17", "--json"]).output)
    assert told["trace_id"] == ROOT.trace_id
    assert told["spans"][0]["children"][0]["children"][0]["attributes"]["request_id"] == "Q1"


def test_a_name_that_no_trace_has_is_said_to_have_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFTALK_HOME", str(home))
    assert isinstance(CliRunner().invoke(app, ["trace", "Q2"]).exception, NoTrace)
