"""A home's ports and addresses, without starting anything."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.endpoints import Endpoints, find_endpoints
from deploy.local import service
from deploy.local.broker import broker_marker
from deploy.local.errors import StackNotRunning
from deploy.local.ports import free_ports, is_free
from deploy.local.service import Service
from deploy.local.stack import LocalStack, Pids
from deploy.local.state import STATE_FILE, read_ports
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


@pytest.fixture
def running(tmp_path: Path) -> Iterator[None]:
    """Give a process that is this home's broker by its command line."""
    marker, ready = broker_marker(tmp_path), tmp_path / "ready"
    command = (sys.executable, "-c", "import pathlib, signal, sys; signal.pause()", marker)
    service.start(Service("broker", marker, command, log=tmp_path / "log", is_ready=ready.exists))
    yield
    service.kill(marker)


def test_the_ports_of_the_first_layout_stay_what_they_were(stack: LocalStack, tmp_path: Path) -> None:
    before = free_ports(4)
    names = ("broker", "controller", "registry", "registry_management")
    (tmp_path / STATE_FILE).write_text(json.dumps(dict(zip(names, before, strict=True))))

    assert settle(stack) == (f"127.0.0.1:{before[0]}", f"http://127.0.0.1:{before[2]}/apis/ccompat/v7")
    assert read_ports(tmp_path) == read_ports(tmp_path)  # the port that was added is kept as well


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("unknown", ["", '{"version": 9, "broker": 1}'])
def test_what_runs_by_a_file_of_another_release_is_named_and_ended(
    stack: LocalStack, tmp_path: Path, unknown: str
) -> None:
    (tmp_path / STATE_FILE).write_text(unknown)

    with pytest.raises(StackNotRunning, match=r"stack\.json.*another release.*shelftalk up.*shelftalk down"):
        find_endpoints(Settings(schema_registry_url="http://localhost", SHELFTALK_HOME=tmp_path))
    assert stack.down()
    assert stack.pids() == Pids(None, None)


@pytest.mark.usefixtures("running")
def test_a_start_says_that_it_starts_anew_what_it_cannot_find(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / STATE_FILE).write_text('{"version": 9}')
    stack = LocalStack(tmp_path, tmp_path / "cache", say=said.append)

    settle(stack)

    assert [("another release" in line, "other ports" in line) for line in said] == [(True, True)]
    assert stack.pids() == Pids(None, None)


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
