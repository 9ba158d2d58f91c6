"""The outbox of the catalogue example: a change and its event, both or neither, in an order that may be repeated."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.examples.catalogue import Refused, delete, forget_sent, open_catalogue, save, sendable

JACKET: dict[str, object] = {
    "product_id": "P1",
    "title": "Harbour Fleece Jacket",
    "price": {"amount": "57.00", "currency": "EUR"},
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_catalogue(tmp_path / "catalogue.db")) as opened:
        yield opened


def _sent(database: sqlite3.Connection) -> list[tuple[str, int]]:
    """Send all that there is, as the relay does: products with their versions, below zero for a deletion."""
    events = sendable(database, limit=100)
    forget_sent(database, events)
    return [(event.product_id, event.source_version if event.record else -event.source_version) for event in events]


def test_a_change_is_an_event_with_the_next_version(database: sqlite3.Connection) -> None:
    assert [save(database, JACKET), save(database, JACKET | {"title": "Jacket"})] == [1, 2]
    assert [_sent(database), _sent(database)] == [[("P1", 1), ("P1", 2)], []]


def test_a_change_that_cannot_be_an_event_is_not_stored_either(database: sqlite3.Connection) -> None:
    save(database, JACKET)
    wrongs: list[dict[str, object]] = [
        {"title": ""},
        {"price": {"amount": "57.00", "currency": "euro"}},
        {"colour": "navy"},
    ]
    for wrong in wrongs:
        with pytest.raises(Refused):
            save(database, JACKET | wrong)
    with pytest.raises(Refused, match="at most 1048576 are taken"):
        save(database, JACKET | {"attributes": {"size": ["x" * 2**20]}})
    assert save(database, JACKET) == 2


def test_a_refusal_does_not_repeat_what_it_refuses(database: sqlite3.Connection) -> None:
    with pytest.raises(Refused, match=r"^price\.currency: ") as refused:
        save(database, JACKET | {"price": {"amount": "57.00", "currency": "secret"}})
    assert "secret" not in str(refused.value)


def test_a_product_that_comes_back_has_a_version_that_no_earlier_one_had(database: sqlite3.Connection) -> None:
    save(database, JACKET)
    assert [delete(database, "P1"), delete(database, "P1"), delete(database, "P2")] == [True, False, False]
    assert save(database, JACKET) == 3


def test_events_are_sent_in_their_order_and_again_until_they_are_off_the_outbox(database: sqlite3.Connection) -> None:
    save(database, JACKET)
    delete(database, "P1")
    save(database, JACKET)
    save(database, JACKET | {"product_id": "P2"})
    assert sendable(database, limit=2) == sendable(database, limit=100)[:2], "until it is confirmed, the same is sent"
    assert [_sent(database) for _ in range(2)] == [[("P1", 1), ("P1", -2), ("P1", 3), ("P2", 1)], []]
