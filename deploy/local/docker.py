"""The same stack in Docker, for those who prefer containers: the images' own Kafka and Apicurio, on loopback only.

A home's containers are made once, stopped by `down` and started again by the next `up`: their data is in them.
"""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.local.broker import has_broker, shared_settings
from deploy.local.errors import EngineMissing, ServiceFailed
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.registry import has_registry, registry_url

KAFKA_IMAGE = "apache/kafka:4.1.1"
REGISTRY_IMAGE = "apicurio/apicurio-registry:3.3.3"
STATE_FILE = "docker.json"

_CONTROLLER_PORT = 19093
_REGISTRY_PORT = 8080
_READY_SECONDS = 180


class DockerState(BaseModel):
    """The containers of a home and the ports on loopback by which they are reached."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    broker: str
    broker_port: int
    registry: str
    registry_port: int

    @property
    def bootstrap(self) -> str:
        """Give the broker's address."""
        return f"{LOOPBACK}:{self.broker_port}"

    @property
    def registry_url(self) -> str:
        """Give the registry's address."""
        return registry_url(self.registry_port)


def engine_version() -> str | None:
    """Give the Docker engine's version; None where none answers."""
    done = _docker("version", "--format", "{{.Server.Version}}", timeout_seconds=15)
    return done.stdout.strip() if done.returncode == 0 else None


def read_state(home: Path) -> DockerState | None:
    """Give the home's containers; None when it has none."""
    try:
        return DockerState.model_validate_json((home / STATE_FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def running(home: Path) -> DockerState | None:
    """Give the home's containers when both run."""
    state = read_state(home)
    return state if state and all(_is_running(name) for name in (state.broker, state.registry)) else None


def up(home: Path, *, say: Callable[[str], None]) -> DockerState:
    """Start the home's containers, making them first where needed; raises EngineMissing or ServiceFailed."""
    if engine_version() is None:
        raise EngineMissing("the Docker engine does not answer: start it, or run `shelftalk up` without --docker")
    state = read_state(home) or _new_state(home, *_new_names(home))
    _start(state.broker, say, _broker_arguments(state))
    _start(state.registry, say, _registry_arguments(state))
    _wait(state.broker, lambda: has_broker(state.bootstrap))
    _wait(state.registry, lambda: has_registry(state.registry_url))
    return state


def down(home: Path) -> bool:
    """Stop the home's containers; False when none ran. They keep their data."""
    if not (home / STATE_FILE).exists():
        return False
    names = [name for name in reversed(_names(home)) if _is_running(name)]
    for name in names:
        _docker("stop", name)
    return bool(names)


def _names(home: Path) -> tuple[str, str]:
    """Give what the home's containers are called, whatever is written down about them: broker, registry."""
    own = hashlib.sha256(str(home).encode()).hexdigest()[:8]
    return f"shelftalk-kafka-{own}", f"shelftalk-registry-{own}"


def _new_names(home: Path) -> tuple[str, str]:
    """Give the names of new containers; raises ServiceFailed where there are such, and nobody knows their ports."""
    names = _names(home)
    if any(_docker("container", "inspect", name).returncode == 0 for name in names):
        raise ServiceFailed(
            f"{home / STATE_FILE}, which says where the home's containers are reached, is lost, damaged or of another "
            f"release: `docker rm --force {' '.join(names)}` gives them up with their data; then start again"
        )
    return names


def _new_state(home: Path, broker: str, registry: str) -> DockerState:
    broker_port, registry_port = free_ports(2)
    state = DockerState(broker=broker, broker_port=broker_port, registry=registry, registry_port=registry_port)
    home.mkdir(parents=True, exist_ok=True)
    (home / STATE_FILE).write_text(state.model_dump_json(indent=2) + "\n")
    return state


def _broker_arguments(state: DockerState) -> tuple[str, ...]:
    # With any variable set, the image drops its whole default: the set must be complete.
    port = state.broker_port
    settings = shared_settings() | {
        "node.id": "1",
        "process.roles": "broker,controller",
        "controller.quorum.voters": f"1@localhost:{_CONTROLLER_PORT}",
        "listeners": f"PLAINTEXT://:{port},CONTROLLER://localhost:{_CONTROLLER_PORT}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "log.dirs": "/var/lib/kafka/data",
    }
    variables = [f"--env=KAFKA_{name.upper().replace('.', '_')}={value}" for name, value in settings.items()]
    return (f"--publish={LOOPBACK}:{port}:{port}", *variables, KAFKA_IMAGE)


def _registry_arguments(state: DockerState) -> tuple[str, ...]:
    variables = {
        "APICURIO_STORAGE_KIND": "sql",
        "APICURIO_STORAGE_SQL_KIND": "h2",
        "APICURIO_DATASOURCE_URL": "jdbc:h2:file:/tmp/registry/registry;WRITE_DELAY=0",
    }
    published = f"--publish={LOOPBACK}:{state.registry_port}:{_REGISTRY_PORT}"
    return (published, *(f"--env={name}={value}" for name, value in variables.items()), REGISTRY_IMAGE)


def _start(name: str, say: Callable[[str], None], arguments: tuple[str, ...]) -> None:
    if _is_running(name):
        return
    if _docker("container", "inspect", name).returncode == 0:
        done = _docker("start", name)
    else:
        say(f"making the container {name} from {arguments[-1]}")
        done = _docker("run", "--detach", "--name", name, *arguments)
    if done.returncode != 0:
        raise ServiceFailed(f"the container {name} did not start: {done.stderr.strip()}")


def _wait(name: str, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not is_ready():
        if not _is_running(name) or time.monotonic() > deadline:
            tail = _docker("logs", "--tail", "12", name)
            raise ServiceFailed(f"the container {name} did not get ready; its log ends:\n{tail.stdout}{tail.stderr}")
        time.sleep(0.5)


def _is_running(name: str) -> bool:
    done = _docker("container", "inspect", "--format", "{{.State.Running}}", name)
    return done.returncode == 0 and done.stdout.strip() == "true"


def _docker(*arguments: str, timeout_seconds: float = 600) -> subprocess.CompletedProcess[str]:
    command = ["docker", *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout_seconds, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:  # not installed, or an engine that hangs
        return subprocess.CompletedProcess(command, returncode=127, stdout="", stderr=str(error))
