"""Settings come from the environment once, and say where this process alone writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from streams.settings import StreamsSettings


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"KAFKA_BOOTSTRAP": "k:9092", "SCHEMA_REGISTRY_URL": "http://r", "SHELFTALK_HOME": "/h"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("LOCALES", raising=False)


def test_locales_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert StreamsSettings().locales == ("en",)
    monkeypatch.setenv("LOCALES", "en, de-AT")
    assert StreamsSettings().locales == ("en", "de-AT")


@pytest.mark.parametrize("locales", ["", "english please", "en,,de"])
def test_what_is_no_language_tag_is_refused(monkeypatch: pytest.MonkeyPatch, locales: str) -> None:
    monkeypatch.setenv("LOCALES", locales)
    with pytest.raises(ValidationError):
        StreamsSettings()


def test_a_second_process_gets_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert StreamsSettings().data_folder == Path("/h/streams")
    monkeypatch.setenv("STREAMS_DATA", "/elsewhere")
    assert StreamsSettings().data_folder == Path("/elsewhere")
