"""The real processes, as operators run them: subprocesses that are ended by their own pid, whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.local.stack import LocalStack

_LISTENING = "0A"


class Running:
    """One process and its log."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self.log = log
        self.pid = process.pid

    @property
    def is_alive(self) -> bool:
        """Tell whether it has not ended yet."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        self._end(signal.SIGKILL, timeout_seconds=10)

    def terminate(self, *, timeout_seconds: float = 30) -> int:
        """Ask it to end (SIGTERM) and give its exit code; raises subprocess.TimeoutExpired when it does not."""
        return self._end(signal.SIGTERM, timeout_seconds=timeout_seconds)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens when it has ended."""
        self._process.send_signal(number)

    def wait(self, *, timeout_seconds: float) -> int:
        """Give the exit code when it has ended by itself; raises subprocess.TimeoutExpired."""
        return self._process.wait(timeout_seconds)

    def _end(self, number: signal.Signals, *, timeout_seconds: float) -> int:
        if self.is_alive:
            self._process.send_signal(number)
        return self._process.wait(timeout_seconds)


FEW_TEXTS = Path(__file__).with_name("few_texts.toml")


def environment_of(stack: LocalStack, home: Path) -> dict[str, str]:
    """Give the settings that point a process at the stack, with a data folder of its own and a shop of few texts."""
    return {
        "KAFKA_BOOTSTRAP": stack.bootstrap,
        "SCHEMA_REGISTRY_URL": stack.registry_url,
        "SHELFTALK_HOME": str(home),
        "SHELFTALK_SHOP": str(FEW_TEXTS),
    }


def _open_files(pid: int) -> set[str]:
    """Give what a process has open, as `/proc` names it; files that it closes while we look are left out."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(str(entry.readlink()))
    return found


def listening(pid: int | None) -> set[str]:
    """Give the addresses on which a process accepts connections, as the kernel writes them: ADDRESS:PORT in hex."""
    process = Path(f"/proc/{pid}")
    sockets = _open_files(pid) if pid else set()
    tables = [(process / "net" / kind).read_text().splitlines()[1:] for kind in ("tcp", "tcp6")]
    rows = [row.split() for table in tables for row in table]
    return {row[1] for row in rows if row[3] == _LISTENING and f"socket:[{row[9]}]" in sockets}


@contextmanager
def running(module: str, *arguments: str, environment: Mapping[str, str], log: Path) -> Iterator[Running]:
    """Give `python -m MODULE ARGUMENTS` as a live process; killed at the end if it still lives.

    Standard output and error are appended to `log`, so that a restart goes on in the same file.
    """
    with _started([sys.executable, "-m", module, *arguments], environment, log) as process:
        yield process


@contextmanager
def _started(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[Running]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    started = Running(process, log)
    try:
        yield started
    finally:
        started.kill()
