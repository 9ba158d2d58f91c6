"""A client call that never returns is found, and one that returns is not blamed."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.deadline import until
from workers.blocking import Blocking


async def test_a_call_that_does_not_return_is_reported_by_its_name() -> None:
    reported: list[str] = []
    release = threading.Event()
    blocking = Blocking(threads=1, limit_seconds=0.3, expired=reported.append)
    stuck = asyncio.create_task(blocking.run("publish requests/0", release.wait))

    await until(lambda: bool(reported))
    release.set()
    await stuck
    blocking.close()

    assert set(reported) == {"publish requests/0"}


async def test_what_one_thread_does_is_watched_from_its_beginning_to_its_end() -> None:
    reported: list[str] = []
    blocking = Blocking(threads=1, limit_seconds=0.3, expired=reported.append)
    for _ in range(200):  # together longer than the limit, one by one not
        with blocking.watching("poll"):
            await asyncio.sleep(0.003)
    assert reported == []

    with blocking.watching("poll"):
        await until(lambda: bool(reported))
    blocking.close()


async def test_an_error_of_the_call_is_the_callers() -> None:
    def fail() -> None:
        raise ValueError("no")

    blocking = Blocking(threads=1)
    with pytest.raises(ValueError, match="no"):
        await blocking.run("anything", fail)
    blocking.close()
