"""What the compose file and the images promise without being run."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.broker import shared_settings
from deploy.local.ports import free_ports
from schemas.telemetry.door import Address, Answers, Door
from schemas.telemetry.health import Check, Health
from tests.test_house import pins

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
DOCKERFILES = sorted((ROOT / "deploy" / "containers").glob("*.Dockerfile"))
READY = Health(is_started=True)
LATE = Health(is_started=True, late=(Check("commit-age", 400, 300),))
HUNG = Health(is_started=True, live=(Check("engine-still", 50, 45),))
OWN_LISTENERS = {"listener.security.protocol.map", "controller.listener.names", "inter.broker.listener.name"}


def test_the_broker_has_the_settings_of_the_one_that_needs_no_docker() -> None:
    environment = COMPOSE["services"]["kafka"]["environment"]
    wanted = {name: value for name, value in shared_settings().items() if name not in OWN_LISTENERS}
    assert {name: environment.get(f"KAFKA_{name.upper().replace('.', '_')}") for name in wanted} == wanted


@pytest.mark.parametrize("name", SERVICES)
def test_only_this_machine_reaches_a_port(name: str) -> None:
    ports = SERVICES[name].get("ports", [])
    assert isinstance(ports, list)
    assert [port for port in ports if not str(port).startswith("127.0.0.1:")] == []
    assert "network_mode" not in SERVICES[name]


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_may_become_more_than_it_is(name: str) -> None:
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in SERVICES[name]


@pytest.mark.parametrize("name", OURS)
def test_our_services_write_to_their_volumes_alone(name: str) -> None:
    assert SERVICES[name]["read_only"] is True


@pytest.mark.parametrize("name", ["streams", "worker", "worker-gpu"])
@pytest.mark.parametrize(("health", "code"), [(READY, 0), (LATE, 1), (HUNG, 1), (Health(is_started=False), 1)])
def test_a_container_is_as_healthy_as_its_process_says(name: str, health: Health, code: int, tmp_path: Path) -> None:
    check = SERVICES[name]["healthcheck"]
    port = SERVICES[name]["environment"]["SHELFTALK_METRICS_PORT"]
    with closing(Door(Address("127.0.0.1", 0), Answers(lambda: health, str), process="p", folder=tmp_path)) as door:
        command = [word.replace(port, str(door.port)) for word in check["test"]]
        assert command[:3] == ["CMD", "python", "-c"]
        done = subprocess.run([sys.executable, *command[2:]], env={"http_proxy": "http://127.0.0.1:1"}, check=False)
    assert done.returncode == code


def test_a_container_whose_process_does_not_listen_is_not_healthy() -> None:
    (script,) = {SERVICES[name]["healthcheck"]["test"][3] for name in ("streams", "worker", "worker-gpu")}
    script = script.replace("9464", str(free_ports(1)[0]))
    assert subprocess.run([sys.executable, "-c", script], stderr=subprocess.DEVNULL, check=False).returncode == 1


@pytest.mark.parametrize("name", OURS)
def test_a_processs_port_is_for_its_own_container_alone(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert "SHELFTALK_METRICS_HOST" not in environment
    assert not any(environment["SHELFTALK_METRICS_PORT"] in str(port) for port in SERVICES[name].get("ports", []))


def test_images_that_are_not_ours_have_an_exact_tag() -> None:
    theirs = [str(service["image"]) for service in SERVICES.values() if "build" not in service]
    theirs += [image for path in DOCKERFILES for image in re.findall(r"^FROM (\S+)", path.read_text(), re.MULTILINE)]
    assert [image for image in theirs if not re.search(r":\d+\.\d+", image)] == []


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_an_image_runs_as_nobody_in_particular(path: Path) -> None:
    assert re.findall(r"^USER (.*)", path.read_text(), re.MULTILINE) == ["10001"]


@pytest.mark.parametrize("image", ["streams", "worker-cpu", "worker-gpu"])
def test_an_image_has_what_the_tests_have_run_with(image: str) -> None:
    packages = pins((ROOT / "requirements" / f"{image}.txt").read_text())
    assert [name for name, hashes in packages.items() if hashes == 0] == []
    assert ("torch" in packages) == (image != "streams")
    if image != "worker-gpu":  # which has another build of the engine
        assert set(packages) <= set(pins((ROOT / "requirements" / "all.txt").read_text()))
