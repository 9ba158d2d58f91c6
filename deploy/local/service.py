"""A program that runs beside us: started detached, found again by its command line, ended by its own pid.

A service's command carries an argument that names it and its data folder. It is looked for in `/proc`, not in a file of
pids: such a file is stale after a crash, and a pid in it may by then be somebody else's.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.errors import ServiceFailed
from deploy.local.spawn import spawn, uninterrupted

_PROC = Path("/proc")
_POLL_SECONDS = 0.1
_LOG_TAIL_LINES = 12
_EXEC_SECONDS = 2.0
"""For a moment in `exec`, longer on a busy machine, a process has no arguments and is not found."""


@dataclass(frozen=True, slots=True)
class Service:
    """How to start one program and to tell that it is ready.

    `marker` is one of the command's arguments and belongs to this service alone.
    """

    name: str
    marker: str
    command: tuple[str, ...]
    log: Path
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)


def find(marker: str) -> int | None:
    """Give the pid of the live process with this argument, if there is one."""
    return next((pid for pid in _pids() if marker in _arguments(pid)), None)


def start(service: Service) -> None:
    """Start the service in a session of its own, so that it outlives us; does nothing when it runs already.

    An interruption meanwhile is felt only when `find` and `stop` see the process.
    """
    if find(service.marker):
        return
    service.log.parent.mkdir(parents=True, exist_ok=True)
    with uninterrupted():
        pid = spawn(service.command, environment=service.environment, log=service.log)
        _wait_seen(pid, service.marker)


def wait_until_ready(service: Service, *, timeout_seconds: float = 120) -> None:
    """Return when the service answers; raises ServiceFailed with the end of its log when it ended or never does."""
    deadline = time.monotonic() + timeout_seconds
    last_seen = time.monotonic()
    while True:
        if find(service.marker):
            if service.is_ready():  # asked only while it lives: else somebody else may answer on its port
                return
            last_seen = time.monotonic()  # after the question, which on a busy machine takes seconds
        if time.monotonic() > last_seen + _EXEC_SECONDS:
            raise ServiceFailed(_explained(service, "ended while starting"))
        if time.monotonic() > deadline:
            raise ServiceFailed(_explained(service, f"did not answer within {timeout_seconds:.0f} s"))
        time.sleep(_POLL_SECONDS)


def stop(marker: str, *, grace_seconds: float = 30) -> bool:
    """Ask the process to end, wait, and kill it after the grace period; False when none was running."""
    pid = find(marker)
    if pid is None:
        return False
    _send(pid, signal.SIGTERM)
    if not _wait_gone(pid, marker, grace_seconds):
        kill(marker)
    return True


def kill(marker: str) -> None:
    """End the process at once, as a crash would (SIGKILL), and return when it is gone."""
    if (pid := find(marker)) is not None:
        _send(pid, signal.SIGKILL)
        _wait_gone(pid, marker, 10)


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())


def _arguments(pid: int) -> list[str]:
    # Empty for a zombie, which is as good as gone, and for kernel threads.
    with suppress(OSError):
        return (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    return []


def _wait_seen(pid: int, marker: str) -> None:
    """Return when a child of ours shows its arguments, has ended, or is in `exec` for longer than can be."""
    deadline = time.monotonic() + _EXEC_SECONDS
    while marker not in _arguments(pid) and os.waitpid(pid, os.WNOHANG)[0] == 0 and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS / 10)


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _wait_gone(pid: int, marker: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while marker in _arguments(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS / 2)
    with suppress(ChildProcessError):  # collected when it is our own child, as in tests
        os.waitpid(pid, 0)
    return True


def _explained(service: Service, what: str) -> str:
    with suppress(OSError):
        tail = service.log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:]
        return "\n".join((f"the {service.name} {what}; the end of {service.log}:", *(f"  {line}" for line in tail)))
    return f"the {service.name} {what} and wrote no log to {service.log}"
