"""A client that comes in by a door stays behind its proxy: cutting it stops that client, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from tests.faults.doors import proxied_stack
from tests.faults.proxy import END_TXN, Cut, Proxy
from tests.integration.conftest import CACHE
from tests.integration.reading import wait_until

pytestmark = pytest.mark.integration

TOPIC = "passed-through"


@dataclass(frozen=True, slots=True)
class Ways:
    """A broker, its address without a proxy, and one through it."""

    direct: str
    through: str
    proxy: Proxy


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with proxied_stack(tmp_path_factory.mktemp("doors"), CACHE, doors=2) as found:
        admin = AdminClient({"bootstrap.servers": found.stack.bootstrap})
        admin.create_topics([NewTopic(TOPIC, 1, 1)])[TOPIC].result()
        yield Ways(found.stack.bootstrap, found.proxies[1].bootstrap, found.proxies[1])


def producer(bootstrap: str, **settings: str) -> Producer:
    return Producer(
        {"bootstrap.servers": bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 500, "socket.timeout.ms": 2000}
        | settings
    )


def send(client: Producer, value: str, *, within_seconds: float) -> bool:
    """Send one message and say whether the broker confirmed it in time."""
    client.produce(TOPIC, value)
    return int(client.flush(within_seconds)) == 0


@pytest.mark.parametrize("how", ["reset", "black-hole"])
def test_a_cut_stops_a_producer_behind_the_proxy_and_no_other(ways: Ways, how: Cut) -> None:
    behind, beside = producer(ways.through), producer(ways.direct)
    assert send(behind, "before", within_seconds=20)
    ways.proxy.cut(how)
    try:
        assert not send(behind, "during", within_seconds=2)
        assert send(beside, "during", within_seconds=20)
    finally:
        ways.proxy.heal()
    assert behind.flush(20) == 0


def test_a_consumer_behind_the_proxy_hears_nothing_during_a_cut_and_goes_on_after_it(ways: Ways) -> None:
    consumer = Consumer(
        {"bootstrap.servers": ways.through, "group.id": "behind", "auto.offset.reset": "earliest", "log_level": 0}
    )
    beside = producer(ways.direct)
    consumer.subscribe([TOPIC])
    assert send(beside, "heard", within_seconds=20)
    wait_until(lambda: _value(consumer) == b"heard", "the consumer hears")
    ways.proxy.cut("black-hole")
    assert send(beside, "late", within_seconds=20)
    assert _value(consumer, within_seconds=2) is None
    ways.proxy.heal()
    wait_until(lambda: _value(consumer) == b"late", "the consumer hears again")
    consumer.close()


def test_a_commit_is_done_though_its_answer_is_cut_off(ways: Ways) -> None:
    client = producer(ways.through, **{"transactional.id": "cut-off"})
    client.init_transactions(20)
    client.begin_transaction()
    client.produce(TOPIC, "committed")
    client.flush(20)
    ways.proxy.cut_after(END_TXN, "reset")
    with pytest.raises(KafkaException, match="imed out"):
        client.commit_transaction(3)
    assert ways.proxy.is_cut
    reader = Consumer(
        {"bootstrap.servers": ways.direct, "group.id": "r", "auto.offset.reset": "earliest", "log_level": 0}
    )
    reader.subscribe([TOPIC])
    wait_until(lambda: _value(reader) == b"committed", "the transaction is visible")
    reader.close()
    ways.proxy.heal()
    client.commit_transaction(20)


def _value(consumer: Consumer, *, within_seconds: float = 0.2) -> bytes | None:
    message = consumer.poll(within_seconds)
    return None if message is None or message.error() else bytes(message.value())
