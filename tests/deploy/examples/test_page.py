"""What the page on integration says of bytes, partitions and SQL is so, and its examples can be copied."""

from __future__ import annotations

import ast
import re
import sys
from contextlib import closing
from pathlib import Path

import pytest
from aiokafka.partitioner import murmur2

from deploy.examples.catalogue import open_catalogue
from deploy.examples.search_index import open_index
from schemas import avsc, topics
from schemas.codec import Codec
from schemas.events import Product
from schemas.registry import FakeRegistry

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "integration.md").read_text()


@pytest.mark.parametrize("module", ["catalogue", "relay", "search_index", "opensearch", "indexer", "connect"])
def test_an_example_can_be_copied(module: str) -> None:
    """It needs the contract, a few packages and its neighbour, and is short enough to be read."""
    source = (ROOT / "deploy" / "examples" / f"{module}.py").read_text()
    tree = ast.parse(source)
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    found |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    foreign = {name for name in found if name.partition(".")[0] not in sys.stdlib_module_names}
    allowed = ("schemas", "confluent_kafka", "pydantic", "typer", "deploy.examples")
    assert [name for name in foreign if not name.startswith(allowed)] == []
    assert len(source.splitlines()) < 200


def test_the_bytes_in_the_page_are_a_product() -> None:
    (block,) = re.findall(r"```hex\n(.*?)```", PAGE, flags=re.DOTALL)
    raw = bytes.fromhex("".join(line.partition("#")[0] for line in block.splitlines()))
    registry = FakeRegistry()
    registry.register(topics.PRODUCT_CREATED.subject, avsc.text_of(Product))
    assert raw[:5] == b"\0\0\0\0\x01"
    assert Codec(registry).decode(topics.PRODUCT_CREATED, raw) == Product.model_validate(
        {
            "product_id": "P1",
            "title": "Tent",
            "price": {"amount": "57.50", "currency": "EUR"},
            "attributes": {"colour": ["red"]},
            "source_version": 2,
            "updated_unix_ms": 1_760_000_000_000,
        }
    )


def test_the_sql_of_the_page_works(tmp_path: Path) -> None:
    statements = re.findall(r"`(SELECT [^`]+)`", PAGE)
    assert len(statements) == 3
    with closing(open_index(tmp_path / "i.db")) as index, closing(open_catalogue(tmp_path / "c.db")) as catalogue:
        for statement in statements:
            (catalogue if "outbox" in statement else index).execute(statement)


def test_the_partitions_of_the_page_are_those_of_the_streams() -> None:
    rows = re.findall(r"^\| `(.+?)` \| (\d+) \| (\d+) \| (\d+) \|$", PAGE, flags=re.MULTILINE)
    assert len(rows) == 4
    for key, *numbers in rows:
        found = murmur2(key.encode())
        assert [found & 0xFFFFFFFF, (found & 0x7FFFFFFF) % 4, (found & 0x7FFFFFFF) % 12] == [int(n) for n in numbers]
