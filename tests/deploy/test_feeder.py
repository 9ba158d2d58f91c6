"""Sending a shop's events, against librdkafka's own mock of a broker."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, Producer, TopicPartition

from deploy.endpoints import Endpoints
from deploy.feeder import CannotFeed, Feeder, FeedProgress, Outgoing, Sending, count_folder, feed_folder, paced, rate
from deploy.shop_files import DEMO_SHOP, Line, Reading
from schemas import avsc, topics
from schemas.codec import Codec
from schemas.events import Product
from schemas.registry import FakeRegistry

_NOWHERE = Endpoints(bootstrap="127.0.0.1:1", registry_url="http://127.0.0.1:1")


@pytest.fixture
def producer() -> Iterator[Producer]:
    """Give a producer with a mock broker inside."""
    settings = {"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "log_level": 2, "enable.idempotence": True}
    yield (client := Producer(settings))
    client.flush(5)


@pytest.fixture
def codec() -> Codec:
    registry = FakeRegistry()
    for topic in topics.INPUTS:
        registry.register(topic.subject, avsc.text_of(topic.record))
    return Codec(registry)


def _read(producer: Producer, topic: str, count: int) -> list[Message]:
    """Give a topic's messages of the mock broker, partition by partition."""
    there = producer.list_topics(topic, timeout=5)
    (broker,) = there.brokers.values()
    settings = {"bootstrap.servers": f"{broker.host}:{broker.port}", "group.id": "test", "log_level": 2}
    consumer = Consumer(settings)
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in there.topics[topic].partitions])
    messages: list[Message] = consumer.consume(count, timeout=10)
    consumer.close()
    return messages


def test_the_demo_shop_arrives_whole(producer: Producer, codec: Codec) -> None:
    feeder = Feeder(producer, codec, Sending())
    feeder.feed(DEMO_SHOP, Reading())
    report = feeder.report()
    assert report.sent == {"products": 46, "reviews": 153, "activity": 301}
    assert (report.deletions, report.malformed, len(report.refused), report.undelivered) == (1, 0, 9, ())
    assert len(_read(producer, "user-activity", 301)) == 301


def test_products_are_keyed_by_their_id_and_a_deletion_is_a_null(producer: Producer, codec: Codec) -> None:
    Feeder(producer, codec, Sending()).feed(DEMO_SHOP, Reading(only="products"))
    messages = _read(producer, "product-created", 46)
    assert [message.key() for message in messages if message.value() is None] == [b"OU-407"]
    for message in messages:
        if (value := message.value()) is not None:
            product = codec.decode(topics.PRODUCT_CREATED, value)
            assert isinstance(product, Product)
            assert product.product_id.encode() == message.key()


def test_a_deletion_carries_the_version_that_its_line_has(producer: Producer, codec: Codec, tmp_path: Path) -> None:
    lines = [{"id": "P1", "deleted": True, "version": 7}, {"id": "P2", "deleted": True}]
    lines.append({"id": "P3", "deleted": True, "updated_at": "1970-01-01T00:00:09Z"})
    (tmp_path / "products.jsonl").write_text(
        "\n".join(json.dumps(line) for line in [*lines, lines[0] | {"version": -1}])
    )
    feeder = Feeder(producer, codec, Sending())
    feeder.feed(tmp_path, Reading())
    versions = {message.key(): message.headers() for message in _read(producer, "product-created", 3)}
    assert versions == {b"P1": [("source-version", b"7")], b"P2": None, b"P3": [("source-version", b"9000")]}
    assert len(feeder.report().refused) == 1


def test_a_malformed_line_is_sent_as_it_stands_only_when_asked_for(producer: Producer, codec: Codec) -> None:
    feeder = Feeder(producer, codec, Sending(keep_malformed=True))
    feeder.feed(DEMO_SHOP, Reading())
    report = feeder.report()
    assert (report.sent, report.malformed) == ({"products": 49, "reviews": 156, "activity": 304}, 9)
    kept = {message.key(): message.value() for message in _read(producer, "product-created", 49)}
    for refused in report.refused:
        if refused.line.part == "products":
            assert kept[refused.key] == refused.line.raw


def test_a_key_s_events_keep_their_order(producer: Producer, codec: Codec, tmp_path: Path) -> None:
    lines = [json.dumps({"sku": f"P{number % 3}", "title": "x", "version": number}) for number in range(60)]
    (tmp_path / "products.jsonl").write_text("\n".join(lines))
    Feeder(producer, codec, Sending()).feed(tmp_path, Reading())
    products = [codec.decode(topics.PRODUCT_CREATED, m.value() or b"") for m in _read(producer, "product-created", 60)]
    for sku in ("P0", "P1", "P2"):
        versions = [each.source_version for each in products if isinstance(each, Product) and each.product_id == sku]
        assert versions == sorted(versions)
        assert len(versions) == 20


def test_progress_ends_at_the_number_sent(producer: Producer, codec: Codec) -> None:
    seen: list[FeedProgress] = []
    Feeder(producer, codec, Sending(), seen.append).feed(DEMO_SHOP, Reading())
    assert Counter(each.part for each in seen) == {"products": 46, "reviews": 153, "activity": 301}
    assert seen[-1].refused == 9


def test_a_loop_begins_again_until_it_is_interrupted(producer: Producer, codec: Codec) -> None:
    seen: list[FeedProgress] = []

    def interrupt(progress: FeedProgress) -> None:
        seen.append(progress)
        if len(seen) == 100:
            raise KeyboardInterrupt

    feeder = Feeder(producer, codec, Sending(loop=True), interrupt)
    with pytest.raises(KeyboardInterrupt):
        feeder.feed(DEMO_SHOP, Reading(only="products"))
    feeder.flush()
    assert feeder.report().sent["products"] == 100
    assert len(feeder.report().refused) == 3


def test_a_dry_run_counts_what_a_run_sends(producer: Producer, codec: Codec) -> None:
    feeder = Feeder(producer, codec, Sending())
    feeder.feed(DEMO_SHOP, Reading(first_products=5))
    would = count_folder(DEMO_SHOP, Reading(first_products=5))
    assert (would.sent, would.refused) == (feeder.report().sent, feeder.report().refused)


class _Clock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waits.append(seconds)


def test_events_come_no_faster_than_the_rate_and_lost_time_is_not_made_up() -> None:
    clock = _Clock()
    for number, _ in enumerate(paced([_outgoing()] * 5, 10.0, clock=clock.time, sleep=clock.sleep)):
        clock.now += 5.0 if number == 2 else 0.0
    assert clock.waits == pytest.approx([0.1, 0.1, 0.1])


def _outgoing() -> Outgoing:
    return Outgoing(Line("products", 1, b""), b"k", None)


@pytest.mark.parametrize(("text", "per_second"), [("50", 50), ("50/s", 50), ("30/m", 0.5), (" 2.5 / s ", 2.5)])
def test_a_rate_is_events_a_second_or_a_minute(text: str, per_second: float) -> None:
    assert rate(text) == per_second


@pytest.mark.parametrize("text", ["fast", "0", "-1/s", "5/h", "nan"])
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate|convert"):
        rate(text)


def test_a_folder_without_files_says_what_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(CannotFeed, match=r"has none of products\.jsonl, reviews\.jsonl, activity\.jsonl"):
        feed_folder(tmp_path, _NOWHERE, reading=Reading(), sending=Sending())


def test_a_registry_that_is_away_is_named() -> None:
    with pytest.raises(CannotFeed, match=r"no schema registry answers at http://127\.0\.0\.1:1"):
        feed_folder(DEMO_SHOP, _NOWHERE, reading=Reading(), sending=Sending())
