"""Streams processes that are killed, lose their disk or share the work lose no event and no memory."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.local.stack import LocalStack
from schemas.tasks import PRODUCT_DESCRIPTION
from streams.product_state import texts_for
from streams.requests import request_id
from streams.shop import read_shop
from tests.factories import NOW_MS, product, review
from tests.integration.processes import FEW_TEXTS, Running, environment_of, running
from tests.integration.reading import wait_until
from tests.integration.streamsrun import Shop

WANTED = read_shop(FEW_TEXTS, locales=("en",))

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]


@pytest.fixture
def shop(stack: LocalStack, producer: Producer, unique: str) -> Shop:
    return Shop(stack, producer, unique)


def _streams(stack: LocalStack, home: Path) -> AbstractContextManager[Running]:
    return running("streams", environment=environment_of(stack, home), log=home / "streams.log")


def test_a_killed_process_loses_no_request_and_makes_none_up(shop: Shop, stack: LocalStack, tmp_path: Path) -> None:
    events = [product(shop.id(f"P{number}")) for number in range(900)]
    shop.feed(*events[:300])
    with _streams(stack, tmp_path) as process:
        shop.wait_for_requests(50)
        shop.feed(*events[300:])
        process.kill()
    assert shop.lag() > 0, "it was killed in the middle"
    with _streams(stack, tmp_path) as process:
        shop.wait_until_settled()
        process.terminate()
    expected = {request_id(wanted) for event in events for wanted in texts_for(event, None, WANTED)}
    assert {each.request_id for each in shop.requests()} == expected
    assert shop.dead_letters() == []


def test_what_was_acknowledged_is_remembered_though_process_and_disk_are_lost(
    shop: Shop, stack: LocalStack, tmp_path: Path
) -> None:
    name = shop.id("P")
    reviews = [review(shop.id(f"R{number}"), name, posted_unix_ms=NOW_MS + number) for number in range(8)]
    with _streams(stack, tmp_path / "lost") as process:
        shop.feed(product(name), *reviews[:7])
        shop.wait_until_settled()
        process.kill()
    shutil.rmtree(tmp_path / "lost" / "streams")
    with _streams(stack, tmp_path / "new") as process:
        shop.feed(product(name), reviews[7])
        shop.wait_until_settled()
        process.terminate()
    assert [each.task for each in shop.requests()].count(PRODUCT_DESCRIPTION.name) == 1
    newest = max(shop.requests(), key=lambda each: (each.task == "review-summary", each.source_version))
    assert newest.facts is not None
    assert [each.review_id for each in newest.facts.reviews] == [each.review_id for each in reviews]


def test_a_second_process_takes_over_half_and_nothing_is_lost_on_the_way(
    shop: Shop, stack: LocalStack, tmp_path: Path
) -> None:
    names = [shop.id(f"P{number}") for number in range(600)]
    with _streams(stack, tmp_path / "one") as one:
        shop.feed(*(product(name) for name in names[:400]))
        shop.wait_for_requests(50)
        with _streams(stack, tmp_path / "two") as two:
            wait_until(lambda: b"Worker ready" in two.log.read_bytes(), "the second process has partitions")
            shop.feed(*(product(name) for name in names[400:]))
            assert one.terminate() == 0
            shop.wait_until_settled()
            assert two.terminate() == 0
    assert {each.subject for each in shop.requests()} == set(names)
    assert len({each.request_id for each in shop.requests()}) == len(names)


def test_events_are_read_however_their_producer_compresses_them(shop: Shop, stack: LocalStack, tmp_path: Path) -> None:
    compressions = ("gzip", "snappy", "lz4", "zstd")
    for compression in compressions:
        producer = Producer({"bootstrap.servers": stack.bootstrap, "compression.type": compression, "linger.ms": 100})
        replace(shop, producer=producer).feed(*(product(shop.id(f"{compression}{n}")) for n in range(50)))
    with _streams(stack, tmp_path) as process:
        shop.wait_until_settled()
        process.terminate()
    assert len({each.subject for each in shop.requests()}) == 50 * len(compressions)
    assert shop.dead_letters() == []
