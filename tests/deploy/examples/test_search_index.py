"""The index of the search example: each change once, all or nothing, in every language."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.examples.search_index import Change, apply, empty, next_offsets, open_index, search, seconds_since_followed
from schemas.outputs import ProductDescription
from tests.factories import description, provenance


@pytest.fixture
def index(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_index(tmp_path / "index.db")) as opened:
        yield opened


def _text(headline: str, *, locale: str = "en", version: int = 1) -> ProductDescription:
    changes = {"headline": headline, "locale": locale, "provenance": provenance(source_version=version)}
    return description().model_copy(update=changes)


def _put(index: sqlite3.Connection, offset: int, copy: ProductDescription | None, key: str = "P1|en") -> None:
    apply(index, [Change(0, offset, key, copy)])


def _found(index: sqlite3.Connection, words: str, locale: str = "") -> list[str]:
    return [copy.headline for copy in search(index, words, locale=locale)]


def test_the_newest_text_is_found_and_the_older_one_is_not(index: sqlite3.Connection) -> None:
    _put(index, 0, _text("Harbour Jacket"))
    _put(index, 1, _text("Island Coat", version=2))
    assert _found(index, "island") == ["Island Coat"]
    assert _found(index, "harbour") == []


def test_a_repeated_batch_changes_nothing(index: sqlite3.Connection) -> None:
    batch = [Change(0, 0, "P1|en", _text("Harbour Jacket")), Change(0, 1, "P1|en", None)]
    apply(index, batch)
    apply(index, batch)
    assert (_found(index, "jacket"), next_offsets(index)) == ([], {0: 2})


def test_a_text_of_an_older_record_does_not_take_the_place_of_a_newer(index: sqlite3.Connection) -> None:
    _put(index, 0, _text("Island Coat", version=2))
    _put(index, 1, _text("Harbour Jacket", version=1))
    assert (_found(index, "harbour"), _found(index, "island")) == ([], ["Island Coat"])


def test_a_withdrawn_text_is_gone_and_may_come_back(index: sqlite3.Connection) -> None:
    _put(index, 0, _text("Harbour Jacket"))
    _put(index, 1, None)
    assert _found(index, "jacket") == []
    _put(index, 2, _text("Harbour Jacket", version=3))
    assert _found(index, "jacket") == ["Harbour Jacket"]


def test_of_a_batch_that_fails_nothing_is_in_the_index(index: sqlite3.Connection) -> None:
    broken = _text("Island Coat").model_copy(update={"locale": None})
    with pytest.raises(sqlite3.IntegrityError):
        apply(index, [Change(0, 0, "P1|en", _text("Harbour Jacket")), Change(0, 1, "P2|en", broken)])
    assert (_found(index, "jacket"), next_offsets(index)) == ([], {})


def test_each_language_is_searched_by_itself_or_with_the_others(index: sqlite3.Connection) -> None:
    for offset, (headline, locale) in enumerate(
        [("Zelt light", "en"), ("Zelt für zwei", "de-AT"), ("双人帐篷", "zh"), ("Tente légère", "fr")]
    ):
        _put(index, offset, _text(headline, locale=locale), key=f"P1|{locale}")
    assert set(_found(index, "zelt")) == {"Zelt light", "Zelt für zwei"}
    assert _found(index, "zelt", "de") == ["Zelt für zwei"]
    assert (_found(index, "帐篷"), _found(index, "篷帐"), _found(index, "legere")) == (
        ["双人帐篷"],
        [],
        ["Tente légère"],
    )


@pytest.mark.parametrize("words", ["", '"', "-", "OR NOT", "jacket) OR (", "headline:", "NEAR(", "*"])
def test_nothing_that_is_typed_breaks_the_search(index: sqlite3.Connection, words: str) -> None:
    _put(index, 0, _text("Island Coat"))
    assert _found(index, words) == []


def test_an_emptied_index_begins_anew(index: sqlite3.Connection) -> None:
    _put(index, 7, _text("Harbour Jacket"))
    assert 0 < seconds_since_followed(index) < 60
    empty(index)
    assert (_found(index, "jacket"), next_offsets(index), seconds_since_followed(index)) == ([], {}, 0.0)
    _put(index, 0, _text("Harbour Jacket"))
    assert _found(index, "jacket") == ["Harbour Jacket"]
