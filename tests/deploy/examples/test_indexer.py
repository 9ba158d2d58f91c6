"""When the indexer does not believe its index."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka import Consumer

from deploy.examples.indexer import CannotIndex, follow
from deploy.examples.search_index import open_index
from schemas.codec import Codec
from schemas.registry import FakeRegistry


def test_an_index_that_was_away_for_longer_than_withdrawals_are_kept_is_not_believed(tmp_path: Path) -> None:
    mock = Consumer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "group.id": "test", "log_level": 2})
    with closing(open_index(tmp_path / "index.db")) as index, closing(mock) as consumer:
        for hours, why in ((25, "--rebuild"), (23, "shelftalk provision")):
            with index:
                index.execute("INSERT OR REPLACE INTO followed VALUES (1, ?)", (time.time() - hours * 60 * 60,))
            with pytest.raises(CannotIndex, match=why):
                follow(index, consumer, Codec(FakeRegistry()), until_end=True)
