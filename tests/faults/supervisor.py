"""Keeps named processes running, as an operator's supervisor does, and breaks them when told to."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.integration.processes import Running, running

_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Exit:
    """The end of one life of a process: its exit code, negative for a signal, and when (monotonic seconds)."""

    name: str
    code: int
    at: float


@dataclass(frozen=True, slots=True)
class Life:
    """The beginning of one life: in monotonic seconds and, for comparing with what it writes, by the wall clock."""

    name: str
    began: float
    began_unix_ms: int


@dataclass(slots=True)
class _Kept:
    """A process that is kept running; `process` is its present life."""

    module: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    process: Running
    restarted: bool = True
    over: bool = False


class Supervisor:
    """Restarts at once whatever ends, until it is told to stop it; ends everything when left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, _Kept] = {}
        self._exits = ExitStack()
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()
        self.exits: list[Exit] = []
        self.lives: list[Life] = []
        self.kills = 0

    def pid(self, name: str) -> int:
        """Give the process id of the present life."""
        with self._lock:
            return self._kept[name].process.pid

    def is_running(self, name: str) -> bool:
        """Tell whether it lives now."""
        with self._lock:
            return self._kept[name].process.is_alive

    def life_after(self, name: str, at: float) -> Life | None:
        """Give the first life that began after a time, if it has."""
        return next((life for life in self.lives if life.name == name and life.began > at), None)

    def log(self, name: str) -> Path:
        """Give the log of all lives."""
        return self._folder / f"{name}.log"

    def start(
        self,
        name: str,
        module: str,
        environment: Mapping[str, str],
        *,
        arguments: Sequence[str] = (),
        first: Mapping[str, str] | None = None,
        restarted: bool = True,
    ) -> None:
        """Start `python -m MODULE`, with the settings of `first` on top in its first life only."""
        with self._lock:
            process = self._begin(name, module, arguments, dict(environment) | dict(first or {}))
            self._kept[name] = _Kept(module, arguments, environment, process, restarted)

    def kill(self, name: str) -> float:
        """End it as a crash would (SIGKILL); it is restarted. Gives when (monotonic seconds).

        What had ended by itself a moment before is restarted first, so that each kill ends a life.
        """
        with self._lock:
            kept = self._kept[name]
            if not kept.over and not kept.process.is_alive:
                self._ended(name, kept)
            self.kills += 1
            at = time.monotonic()
            kept.process.kill()
        return at

    def kill_for_good(self, name: str) -> float:
        """End it as a crash would, and never restart it. Gives when (monotonic seconds)."""
        with self._lock:
            at = self.kill(name)
            self._kept[name].restarted = False
        return at

    def terminate(self, name: str) -> None:
        """Ask it to end (SIGTERM); it is restarted when it has ended."""
        self._signal(name, signal.SIGTERM)

    def freeze(self, name: str) -> None:
        """Stop it from running (SIGSTOP): it neither knows nor does anything until `thaw`."""
        self._signal(name, signal.SIGSTOP)

    def freeze_in_transaction(self, name: str) -> None:
        """Tell a worker with the failpoint for it to stop itself in its next transaction (SIGUSR2)."""
        self._signal(name, signal.SIGUSR2)

    def is_frozen(self, name: str) -> bool:
        """Tell whether it stands still now (proc(5): the state after the name in parentheses)."""
        return Path(f"/proc/{self.pid(name)}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def thaw(self, name: str) -> None:
        """Let it run on (SIGCONT)."""
        self._signal(name, signal.SIGCONT)

    def show_stacks(self, names: Iterable[str]) -> None:
        """Have each of these write where it stands to its log (SIGUSR1), if it listens for that: others would end."""
        with self._lock:
            for name in names:
                process = self._kept[name].process
                if process.is_alive and _listens(process.pid, signal.SIGUSR1):
                    process.send(signal.SIGUSR1)

    def stop(self, name: str, *, timeout_seconds: float = 60) -> int:
        """Ask it to end, for good, and give its exit code; raises subprocess.TimeoutExpired."""
        with self._lock:
            kept = self._kept.pop(name)
        kept.process.send(signal.SIGCONT)
        code = kept.process.terminate(timeout_seconds=timeout_seconds)
        self.exits.append(Exit(name, code, time.monotonic()))
        return code

    def until_all_listen(self, *, timeout_seconds: float = 60) -> None:
        """Wait for processes that have just begun: asked to end before they listen, they would end as if killed."""
        deadline = time.monotonic() + timeout_seconds
        with self._lock:
            living = [each.process for each in self._kept.values() if not each.over]
        while time.monotonic() < deadline:
            if all(_listens(each.pid, signal.SIGTERM) for each in living if each.is_alive):
                break
            time.sleep(_POLL_SECONDS)

    def stop_all(self, *, timeout_seconds: float = 60) -> list[Exit]:
        """Ask all that still run to end, for good, at the same time; gives how they ended."""
        with self._lock:
            kept, self._kept = self._kept, {}
        living = {name: each.process for name, each in kept.items() if not each.over}
        for process in living.values():
            process.send(signal.SIGCONT)
            process.send(signal.SIGTERM)
        ended = [
            Exit(name, process.wait(timeout_seconds=timeout_seconds), time.monotonic())
            for name, process in living.items()
        ]
        self.exits += ended
        return ended

    def close(self) -> None:
        """Kill whatever still lives."""
        self._stopping.set()
        self._thread.join(10)
        self._exits.close()

    def _watch(self) -> None:
        while not self._stopping.wait(_POLL_SECONDS):
            with self._lock:
                for name, kept in self._kept.items():
                    if not kept.over and not kept.process.is_alive:
                        self._ended(name, kept)

    def _ended(self, name: str, kept: _Kept) -> None:
        self.exits.append(Exit(name, kept.process.wait(timeout_seconds=1), time.monotonic()))
        kept.over = not kept.restarted
        if kept.restarted:
            kept.process = self._begin(name, kept.module, kept.arguments, kept.environment)

    def _begin(self, name: str, module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Running:
        self.lives.append(Life(name, time.monotonic(), time.time_ns() // 1_000_000))
        return self._exits.enter_context(running(module, *arguments, environment=environment, log=self.log(name)))

    def _signal(self, name: str, number: signal.Signals) -> None:
        with self._lock:
            self._kept[name].process.send(number)


def _listens(pid: int, number: signal.Signals) -> bool:
    """Tell whether a process has a handler for a signal (proc(5): SigCgt, a mask in hexadecimal), or has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has ended
        return True
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (number - 1) & 1)
