"""The demo's own streams and worker: the real processes, each with its log, found again by their command line."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from deploy.demo_errors import HomeNotOurs, ProcessEnded
from deploy.endpoints import Endpoints
from deploy.local import service
from deploy.local.service import Service
from deploy.local.stack import LocalStack

Engine = Literal["vllm", "fake", "openai"]

_MARK: Final = ".shelftalk-demo"
_GRACE_SECONDS: Final = 20
_LOG_TAIL_LINES: Final = 15


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of a demo: its data, emptied at each start, and the user's home, where models are kept."""

    data: Path
    user: Path
    cache: Path
    logs: Path


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which engine writes, with which model."""

    engine: Engine
    model: str


def streams_process(home: Home, endpoints: Endpoints) -> Service:
    """Give the streams as a service whose data is in the demo's folder."""
    return _process(
        "streams", home, endpoints, {"SHELFTALK_HOME": str(home.data), "STREAMS_DATA": str(home.data / "streams")}
    )


def worker_process(home: Home, endpoints: Endpoints, choice: ModelChoice) -> Service:
    """Give one worker as a service. It keeps nothing but models, in the user's home, so that they are built once."""
    chosen = {"SHELFTALK_ENGINE": choice.engine, "SHELFTALK_MODEL": choice.model}
    return _process(
        "workers", home, endpoints, chosen | {"SHELFTALK_HOME": str(home.user), "SHELFTALK_WORKER_ID": "demo"}
    )


def require_alive(*processes: Service) -> None:
    """Return when all of them run; raises ProcessEnded."""
    for process in processes:
        if service.find(process.marker) is None:
            raise ProcessEnded(f"{process.name} ended by itself; the end of {process.log}:\n{log_end(process.log)}")


def stop_all(home: Home) -> bool:
    """End everything that a demo has started in this home, the worker first; False when nothing ran."""
    if not (home.data / _MARK).is_file():
        return False
    ended = [service.stop(_marker(name, home), grace_seconds=_GRACE_SECONDS) for name in ("workers", "streams")]
    return any([*ended, LocalStack(home.data, home.cache).down()])


def make_fresh(home: Home) -> None:
    """End what an earlier demo left running and empty the demo's folder; raises HomeNotOurs when it is somebody's."""
    if home.data.is_dir() and any(home.data.iterdir()):
        if not (home.data / _MARK).is_file():
            raise HomeNotOurs(f"{home.data} is not empty and not a demo's: move it away, or set SHELFTALK_HOME")
        stop_all(home)
        shutil.rmtree(home.data)
    home.data.mkdir(parents=True, exist_ok=True)
    (home.data / _MARK).touch()
    home.logs.mkdir(parents=True, exist_ok=True)
    for name in ("streams", "workers"):
        (home.logs / f"{name}.log").unlink(missing_ok=True)


def _process(name: str, home: Home, endpoints: Endpoints, settings: dict[str, str]) -> Service:
    marker = _marker(name, home)
    addresses = {"KAFKA_BOOTSTRAP": endpoints.bootstrap, "SCHEMA_REGISTRY_URL": endpoints.registry_url}
    return Service(
        name=f"`python -m {name}`",
        marker=marker,
        # Python keeps an -X option that it does not know, so it can carry the name of the process.
        command=(sys.executable, "-X", marker, "-m", name),
        log=home.logs / f"{name}.log",
        is_ready=lambda: service.find(marker) is not None,
        environment=os.environ | addresses | settings,
    )


def _marker(name: str, home: Home) -> str:
    return f"shelftalk.{name}={home.data}"


def log_end(log: Path) -> str:
    """Give the last lines of a log, indented."""
    try:
        lines = log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:]
    except OSError:
        lines = []
    return "\n".join(f"  {line[:500]}" for line in lines) or "  (nothing)"
