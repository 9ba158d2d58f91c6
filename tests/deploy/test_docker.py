"""The stack in containers, as far as it can be told without an engine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy.local import docker
from deploy.local.errors import EngineMissing, ServiceFailed


class Engine:
    """A Docker engine that remembers which containers were made and which run."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.made: set[str] = set()
        self.alive: set[str] = set()

    def __call__(self, *arguments: str, timeout_seconds: float = 600) -> subprocess.CompletedProcess[str]:
        """Answer as the program `docker` does."""
        self.calls.append(arguments)
        code, output = 0, "28.0"
        match arguments:
            case ("container", "inspect", *_, name):
                code, output = int(name not in self.made), str(name in self.alive).lower()
            case ("run", "--detach", "--name", name, *_) | ("start", name):
                self.made.add(name)
                self.alive.add(name)
            case ("stop", name):
                self.alive.discard(name)
        return subprocess.CompletedProcess(arguments, code, stdout=output, stderr="")

    def count(self, command: str) -> int:
        """Give how often a command was given."""
        return sum(call[0] == command for call in self.calls)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Give an engine whose containers are ready at once."""
    fake = Engine()
    monkeypatch.setattr(docker, "_docker", fake)
    monkeypatch.setattr(docker, "has_broker", lambda _: True)
    monkeypatch.setattr(docker, "has_registry", lambda _: True)
    return fake


def test_containers_are_made_once_and_started_again_with_their_data(engine: Engine, tmp_path: Path) -> None:
    first = docker.up(tmp_path, say=lambda _: None)
    assert docker.down(tmp_path)
    assert docker.up(tmp_path, say=lambda _: None) == first == docker.running(tmp_path)
    assert (engine.count("run"), engine.count("start"), engine.count("stop")) == (2, 2, 2)


def test_every_published_port_is_on_loopback(engine: Engine, tmp_path: Path) -> None:
    docker.up(tmp_path, say=lambda _: None)
    published = [one for call in engine.calls for one in call if one.startswith(("--publish", "-p", "--network"))]
    assert len(published) == 2
    assert all(one.startswith("--publish=127.0.0.1:") for one in published)


def test_stopping_twice_stops_once(engine: Engine, tmp_path: Path) -> None:
    docker.up(tmp_path, say=lambda _: None)
    assert [docker.down(tmp_path), docker.down(tmp_path)] == [True, False]


@pytest.mark.parametrize("unknown", ["", "{", '{"version": 9}'])
def test_containers_whose_ports_nobody_knows_are_ended_and_not_taken_for_new_ones(
    engine: Engine, tmp_path: Path, unknown: str
) -> None:
    docker.up(tmp_path, say=lambda _: None)
    (tmp_path / docker.STATE_FILE).write_text(unknown)
    with pytest.raises(ServiceFailed, match=r"docker rm --force shelftalk-kafka-\w+ shelftalk-registry-\w+"):
        docker.up(tmp_path, say=lambda _: None)
    assert docker.down(tmp_path)
    assert not engine.alive


def test_an_engine_is_not_asked_where_it_was_never_used(engine: Engine, tmp_path: Path) -> None:
    assert not docker.down(tmp_path)
    assert not engine.calls


def test_an_engine_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert docker.engine_version() is None
    with pytest.raises(EngineMissing, match="without --docker"):
        docker.up(tmp_path, say=lambda _: None)
