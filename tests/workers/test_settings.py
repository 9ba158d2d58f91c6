"""Settings that cannot work are refused at the start, and those that can reach the parts that they are for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas.connection import wrong_settings
from workers.settings import WorkerSettings


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Give an environment that sets nothing of ours."""
    for name in [*os.environ]:
        if name.startswith("SHELFTALK_") or name in ("KAFKA_BOOTSTRAP", "SCHEMA_REGISTRY_URL"):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.parametrize("reserve", [4, 5])
def test_a_reserve_that_leaves_bulk_work_no_place_is_refused(environment: pytest.MonkeyPatch, reserve: int) -> None:
    environment.setenv("SHELFTALK_MAX_IN_FLIGHT", "4")
    environment.setenv("SHELFTALK_INTERACTIVE_RESERVE", str(reserve))

    with pytest.raises(ValidationError, match="interactive_reserve must be smaller"):
        WorkerSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_POLL_INTERVAL_SECONDS", "86401"),
        ("MAX_POLL_INTERVAL_SECONDS", "5.9"),
        ("MAX_IN_FLIGHT", "1"),
        ("COMMIT_INTERVAL_SECONDS", "0"),
        ("BROKER_PATIENCE_SECONDS", "9"),
        ("FLOOD_RATIO", "-0.1"),
        ("GROUP_PROTOCOL", "classical"),
        ("ENGINE", "vlm"),
    ],
)
def test_a_setting_outside_its_bounds_is_refused(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(f"SHELFTALK_{name}", value)

    with pytest.raises(ValidationError) as refused:
        WorkerSettings()

    assert [error["loc"] for error in refused.value.errors()] == [(name.lower(),)]


def test_a_poll_interval_of_a_whole_day_is_taken_and_reaches_the_consumer(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SHELFTALK_MAX_POLL_INTERVAL_SECONDS", "86400")

    consumer = WorkerSettings().kafka("group").consumer("requests")

    assert consumer["max.poll.interval.ms"] == 86_400_000  # the most that librdkafka takes


def test_a_setting_that_is_there_but_empty_is_as_good_as_absent(environment: pytest.MonkeyPatch) -> None:
    unset = WorkerSettings()
    for name in ("SHELFTALK_MAX_IN_FLIGHT", "SHELFTALK_WORKER_ID", "KAFKA_BOOTSTRAP"):
        environment.setenv(name, "")

    assert WorkerSettings() == unset


def test_a_patience_of_zero_waits_for_the_engine_for_ever(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SHELFTALK_ENGINE_PATIENCE_SECONDS", "0")

    assert WorkerSettings().rules("me").patience.engine_seconds is None


def test_what_is_set_reaches_the_rules_of_the_worker(environment: pytest.MonkeyPatch) -> None:
    named = {"MAX_IN_FLIGHT": 7, "INTERACTIVE_RESERVE": 2, "FLOOD_CONSECUTIVE": 9, "FLOOD_RATIO": 0.25}
    named |= {"COMMIT_INTERVAL_SECONDS": 0.2, "DRAIN_SECONDS": 3, "BROKER_PATIENCE_SECONDS": 11}
    for name, value in named.items():
        environment.setenv(f"SHELFTALK_{name}", str(value))

    rules = WorkerSettings().rules("me")

    assert (rules.owner, rules.limits.in_flight, rules.limits.interactive_reserve) == ("me", 7, 2)
    assert (rules.flood_limits.consecutive, rules.flood_limits.ratio) == (9, 0.25)
    assert (rules.patience.drain_seconds, rules.patience.broker_seconds, rules.commit_interval_seconds) == (3, 11, 0.2)


def test_the_engine_decodes_as_many_together_as_the_schedule_starts(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SHELFTALK_MAX_IN_FLIGHT", "17")

    assert WorkerSettings().engine_choice().vllm.max_running == 17


def test_the_key_of_the_engine_is_never_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SHELFTALK_ENGINE_API_KEY", "sk-secret")
    settings = WorkerSettings()

    assert settings.engine_choice().openai.api_key == "sk-secret"
    assert "sk-secret" not in f"{settings!r} {settings.model_dump_json()}"


def test_the_key_of_the_engine_may_come_in_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-secret\n")
    environment.setenv("SHELFTALK_ENGINE_API_KEY_FILE", str(tmp_path / "key"))

    assert WorkerSettings().engine_choice().openai.api_key == "sk-secret"


@pytest.mark.parametrize("here", ["http://localhost:8000/v1", "http://[::1]:8000/v1", "https://engine.example/v1"])
def test_an_engine_on_this_machine_or_over_tls_needs_no_ceremony(environment: pytest.MonkeyPatch, here: str) -> None:
    environment.setenv("SHELFTALK_ENGINE_URL", here)

    assert WorkerSettings().engine_choice().openai.base_url == here


@pytest.mark.parametrize("elsewhere", ["http://engine:8000/v1", "http://10.0.0.7/v1", "http://localhost.example/v1"])
def test_an_engine_elsewhere_is_not_spoken_to_without_tls_unless_told(
    environment: pytest.MonkeyPatch, elsewhere: str
) -> None:
    environment.setenv("SHELFTALK_ENGINE_URL", elsewhere)

    with pytest.raises(ValidationError, match=r"SHELFTALK_ENGINE_URL.*SHELFTALK_ALLOW_PLAINTEXT=true"):
        WorkerSettings()
    environment.setenv("SHELFTALK_ALLOW_PLAINTEXT", "true")
    assert WorkerSettings().engine_choice().openai.base_url == elsewhere


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ENGINE_URL", "engine:8000", "must begin with http"),
        ("ENGINE_URL", "https://user:sk-secret@engine/v1", "has a user or a password in it"),
        ("ENGINE_API_KEY_FILE", "/nowhere", "cannot be read"),
        ("ENGINE_CA_FILE", "/nowhere", "not point to a file"),
        ("TRACE_ENDPOINT", "http://collector:4318", "SHELFTALK_ALLOW_PLAINTEXT"),
    ],
)
def test_an_address_or_a_key_that_cannot_be_meant_is_refused_by_name(
    environment: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    environment.setenv(f"SHELFTALK_{name}", value)

    with pytest.raises(ValidationError) as refused:
        WorkerSettings()

    told = wrong_settings(refused.value)
    assert said in told
    assert name.lower() in told.lower()
    assert "sk-secret" not in told + str(refused.value)
