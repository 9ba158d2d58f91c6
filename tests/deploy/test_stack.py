"""A home's ports and addresses, without starting anything."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from deploy.endpoints import Endpoints, find_endpoints
from deploy.local.errors import StackNotRunning
from deploy.local.ports import free_ports, is_free
from deploy.local.stack import STATE_FILE, LocalStack
from deploy.settings import Settings


@pytest.fixture
def stack(tmp_path: Path) -> LocalStack:
    """Give a home in which nothing was ever started."""
    return LocalStack(tmp_path, tmp_path / "cache")


def settle(stack: LocalStack) -> tuple[str, str]:
    """Go through a start's choice of ports, starting neither service, and give the addresses."""
    stack.up(with_broker=False, with_registry=False)
    return stack.bootstrap, stack.registry_url


def test_ports_stay_the_same_from_one_start_to_the_next(stack: LocalStack) -> None:
    assert settle(stack) == settle(stack)


def test_a_port_that_somebody_else_took_is_replaced(stack: LocalStack) -> None:
    before = settle(stack)
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(before[0].partition(":")[2])))
        other.listen()
        assert settle(stack)[0] != before[0]


@pytest.mark.parametrize("damage", ["", "{", '{"broker": "here"}', "[]"])
def test_a_damaged_state_file_is_made_anew(stack: LocalStack, tmp_path: Path, damage: str) -> None:
    (tmp_path / STATE_FILE).write_text(damage)
    assert settle(stack) == settle(LocalStack(tmp_path, tmp_path / "cache"))


def test_nothing_is_ended_where_nothing_runs(stack: LocalStack) -> None:
    assert not stack.down()


def test_free_ports_are_free_and_distinct() -> None:
    ports = free_ports(4)
    assert len(set(ports)) == 4
    assert all(is_free(port) for port in ports)


def test_services_that_the_environment_names_are_used_as_they_are(tmp_path: Path) -> None:
    settings = Settings(kafka_bootstrap="localhost:1", schema_registry_url="http://localhost", SHELFTALK_HOME=tmp_path)
    assert find_endpoints(settings) == Endpoints("localhost:1", "http://localhost")


def test_a_service_that_is_neither_named_nor_running_is_asked_for(tmp_path: Path) -> None:
    settings = Settings(kafka_bootstrap="localhost:1", SHELFTALK_HOME=tmp_path)
    with pytest.raises(StackNotRunning, match="SCHEMA_REGISTRY_URL"):
        find_endpoints(settings)
