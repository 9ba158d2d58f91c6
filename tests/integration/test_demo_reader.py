"""The demo counts what a read_committed reader sees of its own run, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from deploy.demo.errors import CannotRead
from deploy.demo.reader import read_run, start_of
from deploy.endpoints import Endpoints
from deploy.local.stack import local_stack
from schemas import topics
from schemas.codec import Codec
from schemas.registry import HttpRegistry
from tests import factories
from tests.integration.conftest import CACHE, provisioned

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """Give a stack that no other test writes to."""
    with local_stack(tmp_path_factory.mktemp("quiet"), CACHE) as stack:
        provisioned(stack)
        yield Endpoints(stack.bootstrap, stack.registry_url)


def _product(quiet: Endpoints, product_id: str) -> bytes:
    return Codec(HttpRegistry(quiet.registry_url)).encode(topics.PRODUCT_CREATED, factories.product(product_id))


def _transaction(quiet: Endpoints, topic: str, key: str, value: bytes | None, *, commit: bool = True) -> None:
    producer = Producer({"bootstrap.servers": quiet.bootstrap, "transactional.id": "writer"})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce(topic, value, key)
    producer.flush(20)
    producer.commit_transaction(20) if commit else producer.abort_transaction(20)


def test_only_committed_messages_after_the_start_are_read(quiet: Endpoints) -> None:
    name = topics.PRODUCT_CREATED.name
    _transaction(quiet, name, "early", _product(quiet, "early"))
    start = start_of(quiet)
    _transaction(quiet, name, "taken-back", _product(quiet, "taken-back"), commit=False)
    _transaction(quiet, name, "ours", _product(quiet, "ours"))
    _transaction(quiet, name, "ours", None)
    assert [(each.key, each.record is None) for each in read_run(quiet, start)] == [("ours", False), ("ours", True)]
    assert start.known_products == {"early"}


def test_products_fed_before_are_read_to_their_end_or_not_taken_at_all(
    quiet: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    _transaction(quiet, topics.PRODUCT_CREATED.name, "early", _product(quiet, "early"))
    monkeypatch.setattr("deploy.demo.reader._READ_SECONDS", 0.0)
    with pytest.raises(CannotRead, match="products fed before"):
        start_of(quiet)


def test_a_broker_with_unfinished_requests_of_others_is_refused(quiet: Endpoints) -> None:
    _transaction(quiet, topics.REQUESTS_BULK.name, "P1", b"unfinished")
    with pytest.raises(CannotRead, match="unfinished"):
        start_of(quiet)
