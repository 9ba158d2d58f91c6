"""The examples that shops copy, on the real broker: a change in a catalogue becomes a row in a search index, once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.examples.catalogue import delete, open_catalogue, save
from deploy.examples.indexer import consumer_of, follow
from deploy.examples.search_index import open_index, search
from schemas import topics
from schemas.keys import CopyKey
from schemas.outputs import ProductDescription
from tests.deploy.examples.opensearch import opensearch
from tests.factories import description
from tests.integration.processes import environment_of, running
from tests.integration.reading import read_all, wait_until
from tests.integration.shoprun import ShopRun, shop_run

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

PRODUCTS = 120


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopRun]:
    """Give a stack with streams and a worker, for all tests of this file."""
    with shop_run(tmp_path_factory.mktemp("examples")) as run:
        run.start_streams()
        run.start_worker(seconds_per_text=0.05)
        yield run


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_catalogue(tmp_path / "catalogue.db")) as opened:
        yield opened


def _fields(product_id: str, edition: str) -> dict[str, object]:
    return {
        "product_id": product_id,
        "title": f"Harbour Jacket {edition}",
        "categories": ["Jackets"],
        "attributes": {"colour": ["Navy"]},
    }


def _save(catalogue: sqlite3.Connection, names: Sequence[str], edition: str) -> None:
    for name in names:
        save(catalogue, _fields(name, edition))


def _start(shop: ShopRun, name: str, module: str, *arguments: str) -> None:
    """Start an example as a shop would: a process that is told where the broker is by its environment."""
    environment = environment_of(shop.stack, shop.home / name)
    log = shop.home / f"{name}.log"
    entered = running(f"deploy.examples.{module}", *arguments, environment=environment, log=log)
    shop.processes[name] = shop.exits.enter_context(entered)


def _start_both(shop: ShopRun, home: Path, opensearch_url: str) -> None:
    _start(shop, "relay", "relay", "--database", str(home / "catalogue.db"))
    _start(shop, "indexer", "indexer", "follow", "--index", str(home / "index.db"), "--opensearch", opensearch_url)


def _waiting(catalogue: sqlite3.Connection) -> int:
    return int(catalogue.execute("SELECT count(*) FROM outbox").fetchone()[0])


def _versions(index: sqlite3.Connection, mark: str) -> dict[str, int]:
    """Give the index's rows about products with this mark: keys with the versions that they were written from."""
    return dict(index.execute("SELECT key, source_version FROM documents WHERE key LIKE ?", (f"{mark}%",)).fetchall())


def _texts(index: sqlite3.Connection, mark: str) -> dict[str, ProductDescription]:
    rows = index.execute("SELECT key, record FROM documents WHERE key LIKE ?", (f"{mark}%",)).fetchall()
    return {key: ProductDescription.model_validate_json(record) for key, record in rows}


def _published(shop: ShopRun, mark: str) -> dict[str, ProductDescription]:
    """Give the last text under each key, as the topic has it."""
    last = {
        bytes(message.key()).decode(): message.value()
        for message in read_all(shop.stack.bootstrap, topics.PRODUCT_DESCRIPTIONS.name)
    }
    standing = {key: value for key, value in last.items() if value is not None and key.startswith(mark)}
    found = {key: shop.codec.decode(topics.PRODUCT_DESCRIPTIONS, value) for key, value in standing.items()}
    return {key: text for key, text in found.items() if isinstance(text, ProductDescription)}


def test_each_product_is_found_once_with_its_newest_text_though_relay_and_indexer_are_killed(
    shop: ShopRun, catalogue: sqlite3.Connection, unique: str, tmp_path: Path
) -> None:
    names = [f"{unique}-{number}" for number in range(PRODUCTS)]
    with opensearch() as (url, engine), closing(open_index(tmp_path / "index.db")) as index:
        _start_both(shop, tmp_path, url)
        _save(catalogue, names, "One")
        wait_until(lambda: len(_versions(index, unique)) > 5, "the first texts are in the index", timeout_seconds=200)
        shop.kill("indexer")
        _save(catalogue, names[:60], "Two")
        shop.kill("relay")
        _save(catalogue, names[60:], "Two")
        assert [delete(catalogue, name) for name in names[:20]] == [True] * 20
        _save(catalogue, names[:10], "Three")
        _start_both(shop, tmp_path, url)
        wanted = {f"{name}|en": 2 for name in names[20:]} | {f"{name}|en": 4 for name in names[:10]}
        wait_until(lambda: _versions(index, unique) == wanted, "the index is as the catalogue", timeout_seconds=200)

        assert _waiting(catalogue) == 0
        assert _texts(index, unique) == _published(shop, unique)
        assert {key for key in engine.documents if key.startswith(unique)} == wanted.keys()
        found = {copy.product_id for copy in search(index, "harbour three", limit=500)}
        assert found & set(names) == set(names[:10])
        assert read_all(shop.stack.bootstrap, topics.DEAD_LETTERS.name) == []


def test_a_second_relay_shuts_out_the_first_and_loses_nothing(
    shop: ShopRun, catalogue: sqlite3.Connection, unique: str, tmp_path: Path
) -> None:
    database = str(tmp_path / "catalogue.db")
    _start(shop, "first", "relay", "--database", database)
    save(catalogue, _fields(f"{unique}-0", "One"))
    wait_until(lambda: _waiting(catalogue) == 0, "the first relay works")
    _start(shop, "second", "relay", "--database", str(tmp_path / "other.db"))
    with closing(open_catalogue(tmp_path / "other.db")) as other:
        save(other, _fields(f"{unique}-1", "One"))
        wait_until(lambda: _waiting(other) == 0, "the second relay works")

    save(catalogue, _fields(f"{unique}-0", "Two"))
    assert shop.processes["first"].wait(timeout_seconds=60) == 1
    assert b"does another relay run" in shop.processes["first"].log.read_bytes()
    assert _waiting(catalogue) == 1
    shop.kill("second")


def test_a_text_that_was_never_committed_is_not_indexed(shop: ShopRun, unique: str, tmp_path: Path) -> None:
    for name, commit in (("aborted", False), ("committed", True)):
        _publish(shop, f"{unique}-{name}", commit=commit)
    for rebuild in (False, True, False):
        with closing(open_index(tmp_path / "index.db")) as index, closing(consumer_of(_client(shop))) as reader:
            follow(index, reader, shop.codec, rebuild=rebuild, until_end=True)
            assert _versions(index, unique) == {f"{unique}-committed|en": 1}


def _client(shop: ShopRun) -> dict[str, str]:
    return {"bootstrap.servers": shop.stack.bootstrap}


def _publish(shop: ShopRun, product_id: str, *, commit: bool) -> None:
    settings = {
        "bootstrap.servers": shop.stack.bootstrap,
        "transactional.id": product_id,
        "partitioner": "murmur2_random",
    }
    worker = Producer(settings)
    worker.init_transactions()
    worker.begin_transaction()
    value = shop.codec.encode(topics.PRODUCT_DESCRIPTIONS, description(product_id))
    worker.produce(topics.PRODUCT_DESCRIPTIONS.name, value, CopyKey(product_id, "en").encode())
    assert worker.flush(30) == 0
    worker.commit_transaction() if commit else worker.abort_transaction()
