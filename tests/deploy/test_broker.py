"""The broker's settings, without starting it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local.broker import Door, broker


def settings(home: Path, *doors: Door) -> dict[str, str]:
    """Give what is written for a broker whose storage was formatted before."""
    (home / "kafka" / "data").mkdir(parents=True)
    (home / "kafka" / "data" / "meta.properties").touch()
    broker(home, "jars", port=1000, controller_port=2000, doors=doors)
    lines = (home / "kafka" / "server.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_a_broker_listens_for_clients_and_for_its_controller_alone(tmp_path: Path) -> None:
    written = settings(tmp_path)
    assert written["listeners"] == "PLAINTEXT://127.0.0.1:1000,CONTROLLER://127.0.0.1:2000"
    assert written["advertised.listeners"] == "PLAINTEXT://127.0.0.1:1000"
    assert written["listener.security.protocol.map"] == "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"


@pytest.mark.parametrize("name", ["listeners", "advertised.listeners"])
def test_every_door_is_a_listener_of_its_own(tmp_path: Path, name: str) -> None:
    written = settings(tmp_path, Door(3000, advertised_port=3001), Door(4000, advertised_port=4001))
    ports = {"listeners": (3000, 4000), "advertised.listeners": (3001, 4001)}[name]
    for number, port in enumerate(ports, start=1):
        assert f"DOOR{number}://127.0.0.1:{port}" in written[name].split(",")
        assert f"DOOR{number}:PLAINTEXT" in written["listener.security.protocol.map"].split(",")
