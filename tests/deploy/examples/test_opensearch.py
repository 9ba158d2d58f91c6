"""Bulk lines for OpenSearch, and what is made of the answers."""

from __future__ import annotations

import json

import pytest

from deploy.examples.opensearch import BulkRefused, bulk, post
from deploy.examples.search_index import Change
from tests.deploy.examples.opensearch import opensearch
from tests.factories import description

LINES = bulk([Change(0, 4, "P1|en", description()), Change(1, 9, "P2|en", None)], index="copy")


def test_a_text_is_indexed_and_a_withdrawal_deletes_under_the_offset_as_version() -> None:
    index, document, delete = map(json.loads, LINES.splitlines())
    at = {"_index": "copy", "version_type": "external"}
    assert index == {"index": at | {"_id": "P1|en", "version": 4}}
    assert delete == {"delete": at | {"_id": "P2|en", "version": 9}}
    assert document == description().model_dump(mode="json")


def test_what_is_sent_again_is_no_error_and_changes_nothing() -> None:
    with opensearch() as (url, stored):
        post(url, LINES)
        post(url, LINES)
        assert (set(stored.documents), stored.conflicts) == ({"P1|en"}, 2)


def test_a_change_that_is_refused_stops_the_indexer_though_the_whole_answer_is_200() -> None:
    with opensearch() as (url, stored):
        stored.full = True
        with pytest.raises(BulkRefused, match="refused 2 changes"):
            post(url, LINES)


def test_an_engine_that_is_away_is_named() -> None:
    with pytest.raises(BulkRefused, match=r"http://127\.0\.0\.1:1 does not take changes"):
        post("http://127.0.0.1:1", LINES)
