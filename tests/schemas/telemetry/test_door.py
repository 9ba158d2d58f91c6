"""Who asks how a process is gets an answer, and only who may know gets all of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from schemas.telemetry.door import Address, Answers, Door
from schemas.telemetry.health import Check, Health
from schemas.telemetry.settings import TelemetrySettings

TOKEN = "a word of sixteen"  # noqa: S105 - nobody's
HUNG = Health(is_started=True, live=(Check("engine-still", 50, 45),))
LATE = Health(is_started=True, live=(Check("engine-still", 0, 45),), late=(Check("commit-age", 400, 300),))


class Asked:
    def __init__(self, folder: Path, token: str | None = None) -> None:
        self.health = LATE
        secret = SecretStr(token) if token else None
        answers = Answers(lambda: self.health, lambda: "seen_total 1\n")
        self.door = Door(Address("127.0.0.1", 0, secret), answers, process="worker", folder=folder)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.door.port}{path}", headers=headers, trust_env=False)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    asked = Asked(tmp_path)
    yield asked
    asked.door.close()


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Asked]:
    asked = Asked(tmp_path, TOKEN)
    yield asked
    asked.door.close()


def test_a_late_process_is_live_and_not_ready_and_says_why(asked: Asked) -> None:
    assert (asked.get("/live").status_code, asked.get("/ready").status_code) == (200, 503)
    late = {"name": "commit-age", "seconds": 400, "limit_seconds": 300, "holds": False}
    assert asked.get("/ready").json()["late"] == [late]


def test_a_process_that_hangs_is_not_live(asked: Asked) -> None:
    asked.health = HUNG
    assert asked.get("/live").status_code == 503


def test_numbers_are_given_and_nothing_else_is_there(asked: Asked) -> None:
    assert asked.get("/metrics").text == "seen_total 1\n"
    assert asked.get("/").status_code == 404


def test_who_does_not_know_the_word_learns_a_status_and_nothing_else(guarded: Asked) -> None:
    assert guarded.get("/metrics").status_code == 401
    assert guarded.get("/metrics", Authorization="Bearer another").status_code == 401
    assert (guarded.get("/ready").status_code, guarded.get("/ready").text) == (503, "")
    assert guarded.get("/metrics", Authorization=f"Bearer {TOKEN}").status_code == 200


def test_where_it_listens_stands_in_a_file_until_it_is_closed(tmp_path: Path) -> None:
    (tmp_path / "worker-999999999.json").write_text("[]")
    asked = Asked(tmp_path)
    (place,) = tmp_path.iterdir()
    assert place.name == f"worker-{os.getpid()}.json"
    targets = [{"targets": [f"127.0.0.1:{asked.door.port}"], "labels": {"process": "worker"}}]
    assert json.loads(place.read_text()) == targets
    asked.door.close()
    assert list(tmp_path.iterdir()) == []


def test_nothing_listens_unless_told_and_nobody_else_comes_in_without_a_word(tmp_path: Path) -> None:
    assert TelemetrySettings().metrics_address is None
    with pytest.raises(ValidationError, match="metrics_token"):
        TelemetrySettings(metrics_port=1, metrics_host="192.0.2.7")
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    opened = TelemetrySettings(metrics_port=1, metrics_host="192.0.2.7", metrics_token_file=tmp_path / "token")
    assert opened.metrics_address == Address("192.0.2.7", 1, SecretStr(TOKEN))


@pytest.mark.parametrize(("token", "said"), [("too short", "16 characters"), ("", "empty"), (None, "cannot be read")])
def test_a_word_that_is_none_is_refused_wherever_it_comes_from(tmp_path: Path, token: str | None, said: str) -> None:
    if token is not None:
        (tmp_path / "token").write_text(token)
    with pytest.raises(ValidationError, match=said):
        TelemetrySettings(metrics_port=1, metrics_token_file=tmp_path / "token")
