"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def until(condition: Callable[[], bool], *, timeout_seconds: float = 20.0) -> None:
    """Come back as soon as the condition holds. Raises TimeoutError."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the condition did not come to hold in time")
        await asyncio.sleep(0.005)
