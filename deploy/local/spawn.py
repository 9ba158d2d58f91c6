"""Starts programs that outlive us, and loses none of them to an interruption."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

INTERRUPTIONS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a polite kill, and the terminal's window closed."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold interruptions back until the end: what was started by then is also written down, and so can be ended.

    By handlers and not by a signal mask: a mask holds for one thread, and any other one would take the signal. Python
    runs handlers in the main thread alone, so other threads are never interrupted.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    ours = [number for number in INTERRUPTIONS if signal.getsignal(number) is not None]
    before = {number: signal.signal(number, lambda number, _: held.append(number)) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for noted in dict.fromkeys(held):
            signal.raise_signal(noted)


def spawn(command: tuple[str, ...], *, environment: Mapping[str, str], log: Path) -> int:
    """Start a program in a session of its own, what it prints added to the log, and give its pid.

    It blocks and ignores none of the signals by which it is ended, whatever we do.
    """
    return os.posix_spawn(
        command[0],
        command,
        dict(environment),
        setsid=True,
        setsigmask=(),
        setsigdef=(*INTERRUPTIONS, signal.SIGPIPE),
        file_actions=(
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ),
    )
