"""What an operator meets at the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app, main

COMMANDS = (
    "demo",
    "train-demo",
    "doctor",
    "up",
    "down",
    "provision",
    "secure",
    "plan",
    "feed",
    "tail",
    "check",
    "dead-letters",
    "faq",
    "release",
)


def test_help_teaches_every_command() -> None:
    text = CliRunner().invoke(app, ["--help"]).output
    assert [name for name in COMMANDS if f"shelftalk {name}" not in text] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "." in result.output.partition("Options")[0]


def test_brackets_in_an_error_are_printed_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("SCHEMA_REGISTRY_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(sys, "argv", ["shelftalk", "tail", "[/red]", "[bold]"])
    with pytest.raises(SystemExit):
        main()
    assert "no topic [/red], [bold]; there are" in capsys.readouterr().err


def test_an_error_that_its_message_explains_comes_without_a_trace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("KAFKA_BOOTSTRAP", "SCHEMA_REGISTRY_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("SHELFTALK_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["shelftalk", "provision"])
    with pytest.raises(SystemExit) as ended:
        main()
    error = capsys.readouterr().err
    assert ended.value.code == 1
    assert "shelftalk up" in error
    assert "Traceback" not in error
