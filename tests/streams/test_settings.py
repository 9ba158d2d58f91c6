"""Settings come from the environment once, and say where this process alone writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from streams.settings import StreamsSettings


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "KAFKA_BOOTSTRAP": "[::1]:9092",
        "SCHEMA_REGISTRY_URL": "http://localhost",
        "SHELFTALK_HOME": "/h",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("SHELFTALK_LOCALES", "SHELFTALK_STREAMS_DATA"):
        monkeypatch.delenv(name, raising=False)


def test_locales_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert StreamsSettings().locales == ("en",)
    monkeypatch.setenv("SHELFTALK_LOCALES", "en, de-AT")
    assert StreamsSettings().locales == ("en", "de-AT")


@pytest.mark.parametrize("locales", ["", "english please", "en,,de"])
def test_what_is_no_language_tag_is_refused(monkeypatch: pytest.MonkeyPatch, locales: str) -> None:
    monkeypatch.setenv("SHELFTALK_LOCALES", locales)
    with pytest.raises(ValidationError):
        StreamsSettings()


def test_a_second_process_gets_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert StreamsSettings().data_folder == Path("/h/streams")
    monkeypatch.setenv("SHELFTALK_STREAMS_DATA", "/elsewhere")
    assert StreamsSettings().data_folder == Path("/elsewhere")


def test_where_nothing_is_said_the_broker_and_registry_are_those_of_shelftalk_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (StreamsSettings().kafka_bootstrap, StreamsSettings().schema_registry_url) == (
        "[::1]:9092",
        "http://localhost",
    )
    monkeypatch.delenv("KAFKA_BOOTSTRAP")
    monkeypatch.delenv("SCHEMA_REGISTRY_URL")
    assert StreamsSettings().kafka_bootstrap == "127.0.0.1:9092"
    assert StreamsSettings().schema_registry_url == "http://127.0.0.1:8081/apis/ccompat/v7"


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("SHELFTALK_MIN_REVIEWS", "7", "min_reviews"),
        ("SHELFTALK_LOG_LEVEL", "ERROR", "log_level"),
        ("SHELFTALK_FLOOD_CONSECUTIVE", "0", "flood_consecutive"),
        ("SHELFTALK_FLOOD_RATIO", "0.9", "flood_ratio"),
    ],
)
def test_choices_bear_the_name_of_the_house(monkeypatch: pytest.MonkeyPatch, name: str, given: str, field: str) -> None:
    monkeypatch.setenv(name, given)
    assert str(getattr(StreamsSettings(), field)) == given
