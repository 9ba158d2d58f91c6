"""A topic that is all bad stops the real streams process before it is drained, and loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.local.stack import LocalStack
from schemas.flood import EX_FLOOD
from schemas.topics import PRODUCT_CREATED
from tests.factories import product, review
from tests.integration.processes import environment_of, running
from tests.integration.streamsrun import Shop

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.fixture
def shop(stack: LocalStack, producer: Producer, unique: str) -> Shop:
    return Shop(stack, producer, unique)


def test_a_flood_of_bad_messages_stops_the_streams_and_none_is_lost(
    shop: Shop, stack: LocalStack, tmp_path: Path
) -> None:
    environment, log = environment_of(stack, tmp_path), tmp_path / "streams.log"
    names = [shop.id(f"P{number}") for number in range(200)]
    for name in names:
        shop.producer.produce(PRODUCT_CREATED.name, f"junk {name}".encode(), name)
    shop.feed(product(shop.id("good")), review(shop.id("R"), shop.id("good")))

    with running("streams", environment=environment | {"SHELFTALK_FLOOD_CONSECUTIVE": "20"}, log=log) as process:
        assert process.wait(timeout_seconds=90) == EX_FLOOD
    assert len(shop.dead_letters()) < 40
    assert b"shelftalk dead-letters list" in log.read_bytes()

    off = {"SHELFTALK_FLOOD_CONSECUTIVE": "0", "SHELFTALK_FLOOD_RATIO": "0"}
    with running("streams", environment=environment | off, log=log) as process:
        shop.wait_until_settled()
        assert process.terminate() == 0
    assert {each.key for each in shop.dead_letters()} == {name.encode() for name in names}
    assert [each.subject for each in shop.requests()] == [shop.id("good")]
