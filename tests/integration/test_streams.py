"""The real streams process on the real broker: each event has its effect once, whatever happens on the way."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from deploy.local.stack import LocalStack
from schemas.topics import PRODUCT_CREATED
from tests.factories import activity, product, review
from tests.faults.events import bad_events
from tests.integration.processes import Running, environment_of, listening, running
from tests.integration.reading import wait_until
from tests.integration.streamsrun import Shop

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]


@pytest.fixture
def shop(stack: LocalStack, producer: Producer, unique: str) -> Shop:
    return Shop(stack, producer, unique)


@pytest.fixture(scope="module", autouse=True)
def streams(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give one running streams process for all tests of this file; it ends drained."""
    home = tmp_path_factory.mktemp("streams")
    with running("streams", environment=environment_of(stack, home), log=home / "streams.log") as process:
        yield process
        assert process.terminate() == 0


def test_only_what_changes_a_text_asks_for_it(shop: Shop) -> None:
    name = shop.id("P")
    shop.feed(product(name, version=1), product(name, version=1), product(name, version=2, price="49"))
    shop.wait_until_settled()
    assert shop.asked(name) == [("product-description", "generate", 1)]

    shop.feed(product(name, version=3, attributes={"material": ("Wool",)}), product(name, version=2))
    shop.delete(name)
    shop.feed(product(name, version=3))
    shop.wait_until_settled()
    assert shop.asked(name)[1:] == [("product-description", "generate", 3), ("product-description", "withdraw", 3)]
    assert shop.dead_letters() == []


def test_a_deletion_sent_again_behind_the_products_return_takes_nothing_back(shop: Shop) -> None:
    name, user = shop.id("P"), shop.id("U")
    shop.feed(product(name, version=1))
    shop.delete(name, version=2)
    shop.feed(product(name, version=3))
    shop.delete(name, version=2)
    shop.feed(product(name, version=3), activity(shop.id("Q"), user, kind="question", product_id=name, text="Warm?"))
    shop.wait_until_settled()
    whats = [("generate", 1), ("withdraw", 2), ("generate", 3)]
    assert shop.asked(name) == [("product-description", *what) for what in whats]
    (reply,) = (each for each in shop.requests() if each.task == "support-reply")
    assert reply.facts is not None
    assert reply.facts.product is not None, "the catalogue beside the shoppers has it, too"


def test_every_kind_of_event_leads_to_its_request(shop: Shop) -> None:
    names = [shop.id(f"P{number}") for number in range(6)]
    user, question = shop.id("U"), shop.id("Q")
    shop.feed(*(review(shop.id(f"R{number}"), names[0]) for number in range(3)))
    shop.wait_until_settled()
    shop.feed(*map(product, names))
    shop.feed(*(activity(shop.id(f"A{number}"), user, product_id=names[number]) for number in range(3)))
    shop.feed(activity(question, user, kind="question", product_id=names[0], text="Is it warm?"))
    shop.wait_until_settled()
    asked = Counter((each.task, each.subject) for each in shop.requests())
    described = {("product-description", name): 1 for name in names}
    assert asked == described | {
        ("review-summary", names[0]): 1,
        ("recommendation", user): 1,
        ("support-reply", question): 1,
    }
    (reply,) = (each for each in shop.requests() if each.task == "support-reply")
    assert reply.facts is not None
    assert reply.facts.product is not None


def test_each_bad_message_is_one_dead_letter_and_everything_else_is_delivered(shop: Shop) -> None:
    name, bad = shop.id("P"), bad_events(shop.codec, shop.mark)
    for place, one in enumerate(bad):
        shop.send(one.topic, one.key, one.value)
        shop.feed(product(shop.id(f"N{place}")))
    shop.feed(product(name, version=2), product(name, version=1))
    shop.wait_until_settled()

    letters = shop.dead_letters()
    expected = [(one.topic.name, one.key and one.key.encode(), one.value, one.error) for one in bad]
    assert Counter((each.topic, each.key, each.value, each.error_class) for each in letters) == Counter(expected)
    assert shop.asked(name) == [("product-description", "generate", 2)]
    assert len(shop.requests()) == 1 + len(bad), "every neighbour was delivered"


def test_events_of_an_aborted_transaction_never_happened(shop: Shop) -> None:
    settings = {
        "bootstrap.servers": shop.stack.bootstrap,
        "transactional.id": shop.mark,
        "partitioner": "murmur2_random",
    }
    transactional = Producer(settings)
    transactional.init_transactions()
    for name, finish in (("aborted", transactional.abort_transaction), ("committed", transactional.commit_transaction)):
        transactional.begin_transaction()
        Shop(shop.stack, transactional, shop.mark).feed(product(shop.id(name)))
        finish()
    shop.wait_until_settled()
    assert {each.subject for each in shop.requests()} == {shop.id("committed")}


def test_without_a_registry_work_waits_and_then_goes_on(shop: Shop, streams: Running) -> None:
    shop.feed(product(shop.id("before")))
    shop.wait_for_requests(1)
    raw = shop.codec.encode(PRODUCT_CREATED, product(shop.id("during")))
    shop.stack.kill_registry()
    try:
        # A schema that this process has not met: it can only be asked for.
        shop.send(PRODUCT_CREATED, shop.id("during"), struct.pack(">bI", 0, 88_888) + raw[5:])
        # One that it has met, under another product's key: that needs no registry.
        shop.send(PRODUCT_CREATED, shop.id("known"), raw)
        wait_until(lambda: b"waiting for the world" in streams.log.read_bytes(), "streams wait for the registry")
    finally:
        shop.stack.start_registry()
    shop.wait_until_settled()
    assert {each.error_class for each in shop.dead_letters()} == {"unknown-schema-id", "key-mismatch"}


def test_the_process_listens_nowhere(streams: Running) -> None:
    """Faust's web server would show the tables to whoever asks."""
    assert listening(streams.pid) == set()
