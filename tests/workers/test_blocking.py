"""A client call that never returns is found, and one that returns is not blamed."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.deadline import until
from workers import blocking as module
from workers.blocking import Blocking, CallAbandoned


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


async def test_a_call_that_takes_too_long_is_abandoned_and_too_many_of_those_end_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_ABANDONED", 2)
    reported: list[str] = []
    release = threading.Event()
    blocking = Blocking(threads=20, expired=reported.append)
    for number in range(3):
        assert reported == []
        with pytest.raises(CallAbandoned):
            await blocking.run_or_abandon(f"publish {number}", release.wait, seconds=0.01)

    release.set()
    blocking.close()

    assert reported == ["publish 2"]


async def test_a_call_is_not_waited_for_as_long_once_there_is_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_HURRY_SECONDS", 0.01)
    release, hurry = threading.Event(), asyncio.Event()
    blocking = Blocking(threads=2)
    hanging = asyncio.create_task(blocking.run_or_abandon("open", release.wait, seconds=60, hurry=hurry))
    await asyncio.sleep(0)
    hurry.set()

    with pytest.raises(CallAbandoned):
        await hanging
    release.set()
    blocking.close()


async def test_a_call_that_returns_in_the_hurry_gives_its_answer() -> None:
    release, hurry = threading.Event(), asyncio.Event()
    blocking = Blocking(threads=2)
    asked = asyncio.create_task(blocking.run_or_abandon("open", release.wait, seconds=60, hurry=hurry))
    await asyncio.sleep(0)
    hurry.set()
    await asyncio.sleep(0)
    release.set()

    assert await asked
    blocking.close()


async def test_a_call_in_time_gives_its_answer_or_its_error() -> None:
    blocking = Blocking(threads=1)

    assert await blocking.run_or_abandon("ask", lambda: 42, seconds=5) == 42
    with pytest.raises(ZeroDivisionError):
        await blocking.run_or_abandon("ask", lambda: 1 // 0, seconds=5)
    blocking.close()
