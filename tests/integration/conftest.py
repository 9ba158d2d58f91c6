"""One real broker and registry for all integration tests, provisioned as in production.

They fail, never skip, when the stack cannot start. Topic names are the contract's, so tests share them: use ids of your
own (`unique`), or start a stack of your own (`local_stack(tmp_path, CACHE)`) for what breaks things.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.stack import LocalStack, local_stack
from deploy.provision import ensure_provisioned
from deploy.settings import Settings
from schemas.codec import Codec
from schemas.registry import HttpRegistry

CACHE = Settings().cache_folder


def provisioned(stack: LocalStack, *, partitions: int | None = None) -> LocalStack:
    """Give the stack with the contract's topics and schemas on it, and so many partitions, if not the contract's."""
    admin = AdminClient({"bootstrap.servers": stack.bootstrap})
    ensure_provisioned(admin, HttpRegistry(stack.registry_url), partitions=partitions)
    return stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Give the shared stack, provisioned: `bootstrap`, `registry_url`, `kill_broker()`, `start_broker()`, ..."""
    with local_stack(tmp_path_factory.mktemp("stack"), CACHE) as running:
        yield provisioned(running)


@pytest.fixture
def unique() -> str:
    """Give a string that no other test has, for ids and keys."""
    return uuid.uuid4().hex[:12]


@pytest.fixture
def admin(stack: LocalStack) -> AdminClient:
    """Give an admin client; keep it while a future of its is awaited."""
    return AdminClient({"bootstrap.servers": stack.bootstrap})


@pytest.fixture
def new_topic(admin: AdminClient, unique: str) -> str:
    """Give the name of an empty topic that only this test uses."""
    admin.create_topics([NewTopic(unique, 4, 1)])[unique].result()
    return unique


@pytest.fixture
def codec(stack: LocalStack) -> Codec:
    """Give a codec on the shared registry."""
    return Codec(HttpRegistry(stack.registry_url))


@pytest.fixture
def producer(stack: LocalStack) -> Iterator[Producer]:
    """Give a producer as shops should have one: idempotent, and with the partitioner that the streams use."""
    client = Producer(
        {
            "bootstrap.servers": stack.bootstrap,
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "message.max.bytes": 12 * 1024 * 1024,
        }
    )
    yield client
    client.flush(30)
