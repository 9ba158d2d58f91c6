"""The demo's own streams and worker: the real processes, each with its log, ended by their own pid.

A process is known by its pid and the moment it started, written down in the demo's folder: Faust rewrites its command
line, and a pid alone may by then be somebody else's.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.demo.errors import HomeNotOurs, ProcessEnded
from deploy.endpoints import Endpoints
from deploy.local.spawn import spawn, uninterrupted
from deploy.local.stack import LocalStack
from streams.review_state import SummaryPolicy

Engine = Literal["vllm", "fake", "openai"]

_MARK: Final = ".shelftalk-demo"
_MODULES: Final = ("workers", "streams")
_GRACE_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.1
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


class Started(BaseModel):
    """A process that a demo has started: `ticks` is when, in clock ticks since the machine came up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    module: str
    pid: int
    ticks: int

    @property
    def is_alive(self) -> bool:
        """Tell whether it still runs; a zombie does not."""
        return _ticks(self.pid) == self.ticks


def start_streams(home: Home, endpoints: Endpoints) -> Started:
    """Start the streams, their data in the demo's folder; what they ask for is what the account expects."""
    settings = {
        "SHELFTALK_HOME": str(home.data),
        "SHELFTALK_STREAMS_DATA": str(home.data / "streams"),
        "SHELFTALK_MIN_REVIEWS": str(SummaryPolicy().min_reviews),
    }
    return _start("streams", home, endpoints, settings)


def start_worker(home: Home, endpoints: Endpoints, choice: ModelChoice) -> Started:
    """Start one worker. It keeps nothing but models, in the user's home, so that they are built once."""
    chosen = {"SHELFTALK_ENGINE": choice.engine, "SHELFTALK_MODEL": choice.model}
    return _start(
        "workers", home, endpoints, chosen | {"SHELFTALK_HOME": str(home.user), "SHELFTALK_WORKER_ID": "demo"}
    )


def require_alive(home: Home, *processes: Started) -> None:
    """Return when all of them run; raises ProcessEnded."""
    for process in processes:
        if not process.is_alive:
            raise ProcessEnded(f"`python -m {process.module}` ended by itself; {log_end(home, process.module)}")


def log_end(home: Home, module: str) -> str:
    """Give the last lines of a process's log, with where it is."""
    log = home.logs / f"{module}.log"
    try:
        lines = log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:]
    except OSError:
        lines = []
    return "\n".join((f"the end of {log}:", *(f"  {line[:500]}" for line in lines or ["(nothing)"])))


def stop_all(home: Home) -> bool:
    """End everything that a demo has started in this home, the worker first; False when nothing ran."""
    if not (home.data / _MARK).is_file():
        return False
    ended = [_stop(process) for module in _MODULES if (process := _known(module, home)) and process.is_alive]
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


def _start(module: str, home: Home, endpoints: Endpoints, settings: Mapping[str, str]) -> Started:
    addresses = {"KAFKA_BOOTSTRAP": endpoints.bootstrap, "SCHEMA_REGISTRY_URL": endpoints.registry_url}
    log = home.logs / f"{module}.log"
    log.unlink(missing_ok=True)
    with uninterrupted():  # a process that is not written down would outlive us unseen
        # Nobody waits for it: with --keep it outlives us. What ends meanwhile is seen as a zombie.
        pid = spawn(
            (sys.executable, "-m", module), environment=os.environ | addresses | dict(settings), log=log.absolute()
        )
        started = Started(module=module, pid=pid, ticks=_ticks(pid) or 0)
        _record(module, home).write_text(started.model_dump_json())
    return started


def _stop(process: Started) -> bool:
    _send(process, signal.SIGTERM)
    if not _wait_ended(process, _GRACE_SECONDS):
        _send(process, signal.SIGKILL)
        _wait_ended(process, _GRACE_SECONDS)
    with suppress(ChildProcessError):  # an earlier demo's process is nobody's child of ours
        os.waitpid(process.pid, os.WNOHANG)
    return True


def _send(process: Started, number: signal.Signals) -> None:
    if process.is_alive:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)


def _wait_ended(process: Started, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while process.is_alive:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _record(module: str, home: Home) -> Path:
    return home.data / f"{module}.json"


def _known(module: str, home: Home) -> Started | None:
    try:
        return Started.model_validate_json(_record(module, home).read_bytes())
    except (OSError, ValidationError):
        return None


def _ticks(pid: int) -> int | None:
    """Give when a process started, None when it has ended (proc_pid_stat(5): field 3 is its state, 22 the start)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])
