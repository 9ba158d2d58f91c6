"""The local stack on real parts: idempotent, durable, private to this machine."""

from __future__ import annotations

import json
from urllib.request import urlopen

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from deploy.local.stack import LocalStack
from deploy.provision import ensure_provisioned
from schemas import avsc, topics
from schemas.registry import HttpRegistry, SchemaIncompatible
from tests.integration.processes import listening
from tests.integration.reading import read_all

pytestmark = pytest.mark.integration


def test_starting_again_changes_nothing(stack: LocalStack) -> None:
    before = stack.state()
    assert stack.up() == before


def test_provisioning_again_changes_nothing(stack: LocalStack, admin: AdminClient) -> None:
    done = ensure_provisioned(admin, HttpRegistry(stack.registry_url))
    assert (done.changes, done.problems) == ((), ())


def test_a_setting_that_was_changed_by_hand_is_repaired(stack: LocalStack, admin: AdminClient) -> None:
    by_hand = [ConfigEntry("retention.ms", "60000", incremental_operation=AlterConfigOpType.SET)]
    resource = ConfigResource(ResourceType.TOPIC, topics.CONTENT_WITHHELD.name, incremental_configs=by_hand)
    admin.incremental_alter_configs([resource])[resource].result()
    done = ensure_provisioned(admin, HttpRegistry(stack.registry_url))
    wanted = topics.CONTENT_WITHHELD.retention_ms
    assert [(one.name, one.detail) for one in done.changes] == [("content-withheld", f"retention.ms 60000 -> {wanted}")]
    assert ensure_provisioned(admin, HttpRegistry(stack.registry_url)).changes == ()


def test_another_number_of_partitions_is_a_problem_for_a_person(stack: LocalStack, admin: AdminClient) -> None:
    done = ensure_provisioned(admin, HttpRegistry(stack.registry_url), partitions=5)
    assert len(done.problems) == len((*topics.ALL, *topics.CHANGELOGS))
    assert done.changes == ()


def test_an_incompatible_schema_is_refused(stack: LocalStack) -> None:
    narrower = (
        '{"type": "record", "name": "Product", "namespace": "shelftalk", "fields": [{"name": "n", "type": "int"}]}'
    )
    with pytest.raises(SchemaIncompatible):
        HttpRegistry(stack.registry_url).register(topics.PRODUCT_CREATED.subject, narrower)


def test_every_subject_is_guarded_before_its_first_schema(stack: LocalStack, unique: str) -> None:
    HttpRegistry(stack.registry_url).register(f"{unique}-value", avsc.text_of(topics.PRODUCT_CREATED.record))
    with urlopen(f"{stack.registry_url}/config/{unique}-value") as answer:  # noqa: S310 - ours
        assert json.load(answer)["compatibilityLevel"] == "BACKWARD"


def test_a_killed_registry_comes_back_with_the_same_ids(stack: LocalStack, unique: str) -> None:
    schema = f'{{"type": "fixed", "name": "F{unique}", "size": 3}}'
    before = _ids(stack) | {unique: HttpRegistry(stack.registry_url).register(f"{unique}-value", schema)}
    stack.kill_registry()
    stack.start_registry()
    assert _ids(stack) | {unique: HttpRegistry(stack.registry_url).id_of(f"{unique}-value", schema)} == before


def test_a_killed_broker_comes_back_with_every_confirmed_message(
    stack: LocalStack, producer: Producer, new_topic: str
) -> None:
    for number in range(100):
        producer.produce(new_topic, key=str(number), value=b"x")
    assert producer.flush(30) == 0
    stack.kill_broker()
    stack.start_broker()
    assert sorted(int(message.key()) for message in read_all(stack.bootstrap, new_topic)) == list(range(100))


def test_nothing_listens_beyond_this_machine(stack: LocalStack) -> None:
    state = stack.state()
    addresses = listening(state.broker_pid) | listening(state.registry_pid)
    assert len(addresses) >= 4, "broker, controller, registry and its management"
    assert {address for address in addresses if not _is_loopback(address)} == set()


def _ids(stack: LocalStack) -> dict[str, int]:
    registry = HttpRegistry(stack.registry_url)
    return {topic.subject: registry.id_of(topic.subject, avsc.text_of(topic.record)) for topic in topics.ALL}


def _is_loopback(address: str) -> bool:
    # 127.0.0.1, the same as an IPv4-mapped IPv6 address, and ::1, in the kernel's byte order.
    mapped, own = "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"
    return address.rpartition(":")[0] in {"0100007F", mapped, own}
