"""A worker knows when it does not get on, and whose fault it is."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from schemas.releases import ModelRevision
from schemas.telemetry.health import Sample
from tests import factories
from tests.deadline import until
from workers import vitals as module
from workers.engines.engine import ModelIdentity, Prompt, PromptRejected, Sampling
from workers.engines.fake import FakeEngine, FakeSettings
from workers.metrics import LaneStanding, WorkerMeter
from workers.releases import Releases
from workers.revisions import Revisions
from workers.runners import Runners
from workers.schedule import Limits
from workers.vitals import Bounds, Organs, Vitals
from workers.watched import StepCount, WatchedEngine

SAMPLING = Sampling(max_tokens=1)


@pytest.fixture(autouse=True)
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give why this process would have ended: it must not, on a busy machine."""
    told: list[str] = []
    monkeypatch.setattr(module, "end_process", told.append)
    return told


async def nothing(_: object) -> None:
    """Serve nobody."""


async def released(one: ModelRevision) -> FakeEngine:
    """Give the engine of a released model, which hangs as the other does."""
    return FakeEngine(FakeSettings(hang_marker="HANG", model=ModelIdentity(one.name, one.revision)))


class Body:
    def __init__(self, *, stall_seconds: float = 0.5, commit_age_seconds: float = 0.0) -> None:
        self.revisions = Revisions(FakeEngine(FakeSettings(hang_marker="HANG")), released, failed=lambda _: None)
        self.engine = self.revisions.main
        self.told: list[str] = []
        lane = LaneStanding("t", 0, 0, 0, 0.0, None, commit_age_seconds, 0.0)
        runners = Runners(Limits(), serve=nothing, failed=lambda _: None)
        self.is_leaving = False
        organs = Organs(self.revisions, runners, WorkerMeter(), lambda: (lane,), lambda: self.is_leaving)
        self.vitals = Vitals(organs, Bounds(stall_seconds, 300, 120), hung=self.told.append)


def failed_checks(vitals: Vitals) -> list[str]:
    health = vitals.health()
    return [check.name for check in (*health.live, *health.late) if not check.holds]


async def test_an_engine_that_does_nothing_for_its_prompts_is_told_of() -> None:
    body = Body()
    async with body.engine:
        body.vitals.start()
        hanging = asyncio.create_task(body.engine.generate(Prompt("", "HANG"), SAMPLING))
        await until(lambda: bool(body.told))
        await until(lambda: failed_checks(body.vitals) == ["engine-still"])
        hanging.cancel()
        body.vitals.stop()
    assert body.told == ["the engine stands still for more than 0 s"]
    assert not body.vitals.health().is_live


async def test_of_several_engines_each_is_watched_for_itself() -> None:
    body = Body()
    async with body.revisions:
        body.revisions.follow(Releases({"t": factories.release("t", live=factories.revision())}))
        await body.revisions.settled()
        body.vitals.start()
        with body.revisions.serving("t", "P1") as engine:
            hanging = asyncio.create_task(engine.generate(Prompt("", "HANG"), SAMPLING))
            await until(lambda: bool(body.told))  # though the other one takes its steps
            hanging.cancel()
        assert body.vitals.suspects_engine()
        body.vitals.stop()


async def test_steps_are_counted_over_all_engines_and_never_become_fewer() -> None:
    first, second = WatchedEngine(FakeEngine()), WatchedEngine(FakeEngine())
    count = StepCount()
    await until(lambda: (count.of([first, second]) or (0, 0.0))[0] > 2)
    both = count.of([first, second])
    alone = count.of([first])
    assert both
    assert alone
    assert alone >= both


async def test_an_engine_without_prompts_may_stand_still() -> None:
    engine = WatchedEngine(FakeEngine(FakeSettings(hang_marker="HANG", median_seconds=60)))
    async with engine:
        assert not engine.sample().is_busy
        slow = asyncio.create_task(engine.generate(Prompt("", "slow"), SAMPLING))
        await until(lambda: engine.sample().is_busy)
        before = engine.sample().progress
        await until(lambda: engine.sample().progress > before)  # slow, not hung
        slow.cancel()


async def test_an_engine_that_tells_of_no_steps_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(FakeEngine, "steps")
    engine = WatchedEngine(FakeEngine(FakeSettings(hang_marker="HANG")))
    async with engine:
        hanging = asyncio.create_task(engine.generate(Prompt("", "HANG"), SAMPLING))
        await until(lambda: engine.in_flight == 1)
        assert engine.sample() == Sample(is_busy=False, progress=0)
        hanging.cancel()


async def test_an_event_loop_that_stands_still_ends_the_process(ended: list[str]) -> None:
    body = Body()
    body.vitals.start()
    wait_on_the_loop(lambda: bool(ended))
    body.vitals.stop()
    assert ended == ["the event loop stands still for more than 0 s"]


def wait_on_the_loop(condition: Callable[[], bool]) -> None:
    """Hold the event loop up, on purpose."""
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        threading.Event().wait(0.01)


async def test_a_worker_is_ready_while_it_works_in_time_and_not_before_or_after() -> None:
    body, late = Body(stall_seconds=0), Body(commit_age_seconds=301)
    assert (body.vitals.health().is_live, body.vitals.health().is_ready) == (True, False)
    body.vitals.start()
    late.vitals.start()
    assert body.vitals.health().is_ready
    assert (failed_checks(late.vitals), late.vitals.health().is_live) == (["commit-age"], True)
    body.is_leaving = True
    assert (body.vitals.health().is_live, body.vitals.health().is_ready) == (True, False)
    body.vitals.stop()
    late.vitals.stop()


async def test_a_page_of_numbers_is_given_before_the_worker_has_started() -> None:
    assert "shelftalk_worker_ready 0" in Body().vitals.page()


async def test_nothing_is_given_to_an_engine_that_is_suspected_and_a_request_alone_is_the_most_careful() -> None:
    body = Body(stall_seconds=30)
    async with body.engine:
        body.vitals.start()
        hanging = asyncio.create_task(body.engine.generate(Prompt("", "HANG"), SAMPLING))
        await until(lambda: body.vitals.suspects_engine(alone=True))
        assert not body.vitals.suspects_engine()
        hanging.cancel()
        await asyncio.wait([hanging])
        assert not body.engine.sample().is_busy
        waiting = asyncio.create_task(body.vitals.engine_moves(alone=True))
        await until(lambda: body.engine.sample().is_busy)  # it hangs still, and is found to
        waiting.cancel()
        body.vitals.stop()


async def test_an_answer_of_any_kind_is_progress_and_work_that_was_taken_away_is_none() -> None:
    engine = WatchedEngine(FakeEngine(FakeSettings(reject_marker="NO", hang_after=0)))
    async with engine:
        with pytest.raises(PromptRejected):
            await engine.generate(Prompt("", "NO"), SAMPLING)
        hanging = asyncio.create_task(engine.generate(Prompt("", "any"), SAMPLING))
        await until(lambda: engine.in_flight == 1)
        before = engine.sample().progress
        hanging.cancel()
        await asyncio.wait([hanging])
        assert (engine.sample().progress, before) == (before, 1)
