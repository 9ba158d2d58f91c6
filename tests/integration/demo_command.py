"""`shelftalk demo` as a process of its own, in a home of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.demo.processes import Started
from deploy.demo.summary import Summary
from deploy.local.stack import LocalStack, Pids
from tests.integration.conftest import CACHE


@contextmanager
def demo_command(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Give the command as a live process; what it prints goes to `demo.log`, what it writes to `out`."""
    command = [str(Path(sys.executable).with_name("shelftalk")), "demo", "--out", str(folder / "out"), *arguments]
    environment = os.environ | {"SHELFTALK_HOME": str(folder / "home"), "SHELFTALK_CACHE": str(CACHE)}
    for named in ("KAFKA_BOOTSTRAP", "SCHEMA_REGISTRY_URL"):
        environment.pop(named, None)
    with (folder / "demo.log").open("wb") as log, _closing_windows_noticed():
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


@contextmanager
def _closing_windows_noticed() -> Iterator[None]:
    """Let what is started here notice a closed window, also under nohup, which has SIGHUP ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def summary_of(folder: Path) -> Summary:
    """Give the numbers that a demo has written."""
    return Summary.model_validate_json((folder / "out" / "summary.json").read_bytes())


def log_of(folder: Path) -> str:
    """Give what a demo has printed."""
    return (folder / "demo.log").read_text()


def started_by(folder: Path, module: str) -> Path:
    """Give the file in which a demo writes down that it has started a process."""
    return folder / "home" / "demo" / f"{module}.json"


def nothing_runs(folder: Path) -> bool:
    """Tell whether everything that a demo has started has ended."""
    written = [path for name in ("streams", "workers") if (path := started_by(folder, name)).is_file()]
    records = [Started.model_validate_json(path.read_bytes()) for path in written]
    stack = LocalStack(folder / "home" / "demo", CACHE)
    return not any(each.is_alive for each in records) and stack.pids() == Pids(None, None)
