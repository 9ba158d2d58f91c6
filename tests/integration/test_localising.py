"""The real streams process has published descriptions said in other languages, and only what was committed."""

from __future__ import annotations

from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.local.stack import LocalStack
from schemas.keys import CopyKey
from schemas.topics import PRODUCT_DESCRIPTIONS
from tests.factories import description, localised, product
from tests.integration.processes import environment_of, running
from tests.integration.reading import wait_until
from tests.integration.streamsrun import Shop

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

_SHOP = 'localise_to = ["de"]\ntasks = ["localisation"]\n'


def test_what_is_published_is_said_in_german_and_taken_back_with_it(
    stack: LocalStack, producer: Producer, unique: str, tmp_path: Path
) -> None:
    shop, name, other = Shop(stack, producer, unique), f"P-{unique}", f"N-{unique}"
    file = tmp_path / "shop.toml"
    file.write_text(_SHOP)
    environment = environment_of(stack, tmp_path) | {"SHELFTALK_SHOP": str(file)}
    shop.feed(product(name), product(other))
    _publish(stack, shop, other, commit=False)
    _publish(stack, shop, name, commit=True)
    with running("streams", environment=environment, log=tmp_path / "streams.log") as streams:
        shop.wait_for_requests(1)
        shop.send(PRODUCT_DESCRIPTIONS, f"{name}|en", None)
        wait_until(lambda: len(shop.asked(name)) >= 2, "the withdrawal was asked for")
        assert streams.terminate() == 0
    assert shop.asked(name) == [("localisation", "generate", 1), ("localisation", "withdraw", 1)]
    assert shop.asked(other) == []


def _publish(stack: LocalStack, shop: Shop, name: str, *, commit: bool) -> None:
    """Write a description and a localisation of it in one transaction, as a worker does."""
    settings = {"bootstrap.servers": stack.bootstrap, "transactional.id": name, "partitioner": "murmur2_random"}
    worker = Producer(settings)
    worker.init_transactions()
    worker.begin_transaction()
    for text in (description(name), localised(name)):
        value = shop.codec.encode(PRODUCT_DESCRIPTIONS, text)
        worker.produce(PRODUCT_DESCRIPTIONS.name, value, CopyKey(name, text.locale).encode())
    worker.commit_transaction() if commit else worker.abort_transaction()
