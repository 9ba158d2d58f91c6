"""A SIGTERM that arrives while something is being started."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def noting_at_sigterm(look: Callable[[], bool]) -> Iterator[list[bool]]:
    """Give a list to which each SIGTERM, instead of ending us, adds what is the case at that moment."""
    noted: list[bool] = []
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: noted.append(look()))
    try:
        yield noted
    finally:
        signal.signal(signal.SIGTERM, before)


def sigterm_to_us() -> None:
    """Send it, as somebody else would."""
    os.kill(os.getpid(), signal.SIGTERM)
