"""The images, built once, and a shop in containers for each module of tests."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from deploy.local.docker import engine_version
from deploy.local.ports import free_ports
from tests.containers.compose import Compose
from tests.integration.shopbooks import ShopBooks


@pytest.fixture(scope="session")
def images() -> None:
    """Build the images, or skip where there is no engine to build them with; in CI that is a failure."""
    if engine_version() is None:
        told = "no Docker engine answers"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    Compose("shelftalk-build", {}).build()


@pytest.fixture(scope="module")
def compose(images: None) -> Iterator[Compose]:
    """Give a project of its own, with nothing up yet."""
    kafka, registry = free_ports(2)
    project = Compose(
        f"shelftalk-test-{uuid.uuid4().hex[:8]}",
        {"SHELFTALK_KAFKA_PORT": str(kafka), "SHELFTALK_REGISTRY_PORT": str(registry)},
    )
    yield project
    project.down()


@pytest.fixture(scope="module")
def shop(compose: Compose) -> ShopBooks:
    """Give what goes into the project's broker and what comes out, from outside."""
    ports = compose.variables
    registry_url = f"http://127.0.0.1:{ports['SHELFTALK_REGISTRY_PORT']}/apis/ccompat/v7"
    return ShopBooks(f"127.0.0.1:{ports['SHELFTALK_KAFKA_PORT']}", registry_url)
