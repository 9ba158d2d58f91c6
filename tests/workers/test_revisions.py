"""No text is of two models, and a model that cannot be served changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from schemas.releases import ModelRelease, ModelRevision
from tests.deadline import until
from tests.factories import release, revision
from workers import revisions as module
from workers.engines.engine import (
    Engine,
    EngineDied,
    EngineUnavailable,
    Generation,
    ModelIdentity,
    Prompt,
    RevisionUnusable,
    Sampling,
)
from workers.engines.fake import FakeEngine, FakeSettings
from workers.releases import Releases
from workers.revisions import Revisions

TASK = "ad-copy"
A, B = revision("a"), revision("b")
MAIN = ModelIdentity("main", "m" * 16)


class Beside(FakeEngine):
    """An engine of a revision that dies when it is told to, and says when it was left."""

    def __init__(self, one: ModelRevision) -> None:
        super().__init__(FakeSettings(model=ModelIdentity(one.name, one.revision)))
        self.error: EngineUnavailable | None = None
        self.is_left = False

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        if self.error:
            raise self.error
        return await super().generate(prompt, sampling)

    async def __aexit__(self, *exc_info: object) -> None:
        self.is_left = True
        await super().__aexit__(*exc_info)


class House:
    """Revisions whose loading the test holds up and lets go."""

    def __init__(self) -> None:
        self.opened: list[Beside] = []
        self.gates: dict[ModelRevision, asyncio.Event] = {}
        self.unusable: dict[ModelRevision, Exception] = {}
        self.failures: list[str] = []
        self.revisions = Revisions(FakeEngine(FakeSettings(model=MAIN)), self._open, failed=self.failures.append)

    async def _open(self, one: ModelRevision) -> Engine:
        if one in self.gates:
            await self.gates[one].wait()
        if one in self.unusable:
            raise self.unusable[one]
        self.opened.append(Beside(one))
        return self.opened[-1]

    async def release(self, **changes: object) -> None:
        """Tell of a release, and come back when it serves or has failed."""
        self.tell(release(TASK, **changes))
        await self.revisions.settled()

    def tell(self, *some: ModelRelease) -> None:
        self.revisions.follow(Releases({one.task: one for one in some}))

    def writer(self, subject: str = "P1") -> str:
        with self.revisions.serving(TASK, subject) as engine:
            return engine.model.revision


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 0.01)
    house = House()
    async with house.revisions:
        yield house


async def test_without_a_release_the_engine_of_the_settings_writes(house: House) -> None:
    assert house.writer() == MAIN.revision


async def test_what_is_released_writes_as_soon_as_it_is_loaded_and_not_before(house: House) -> None:
    house.gates[A] = asyncio.Event()
    house.tell(release(TASK, live=A))
    assert (house.writer(), house.revisions.counts) == (MAIN.revision, (0, 1))
    house.gates[A].set()
    await house.revisions.settled()
    assert (house.writer(), house.revisions.counts) == (A.revision, (1, 0))


async def test_what_was_live_goes_on_while_the_next_one_loads(house: House) -> None:
    await house.release(live=A)
    house.gates[B] = asyncio.Event()
    house.tell(release(TASK, live=B))
    await asyncio.sleep(0)
    assert house.writer() == A.revision
    house.gates[B].set()
    await house.revisions.settled()
    assert house.writer() == B.revision


async def test_a_request_ends_with_the_engine_that_it_began_with_which_is_then_put_away(house: House) -> None:
    await house.release(live=A)
    with house.revisions.serving(TASK, "P1") as engine:
        await house.release(live=B)
        assert (house.writer(), engine.model.revision) == (B.revision, A.revision)
        assert (await engine.generate(Prompt("", "still there"), Sampling(max_tokens=3))).text
        assert not house.opened[0].is_left
    await until(lambda: house.opened[0].is_left)
    assert [one.model.revision for one in house.revisions.engines] == [MAIN.revision, B.revision]


async def test_a_rollback_goes_back_to_the_engine_of_the_settings_at_once(house: House) -> None:
    await house.release(live=A)
    house.tell(release(TASK))
    assert house.writer() == MAIN.revision
    await until(lambda: house.opened[0].is_left)


async def test_the_model_of_the_settings_is_not_loaded_a_second_time(house: House) -> None:
    house.revisions.main._engine._settings = FakeSettings(model=ModelIdentity("main", A.revision))  # type: ignore[attr-defined]
    await house.release(live=A)
    assert (house.writer(), house.opened) == (A.revision, [])


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RevisionUnusable("missing", "not there"), "missing"),
        (RevisionUnusable("changed", "another"), "changed"),
        (OSError("no memory"), "not-loaded"),
    ],
)
async def test_a_model_that_does_not_load_leaves_what_is_live_and_is_told_of(
    house: House, error: Exception, reason: str
) -> None:
    await house.release(live=A)
    house.unusable[B] = error
    with capture_logs() as logs:
        await house.release(live=B)
    assert (house.writer(), house.failures[0]) == (A.revision, reason)
    assert (logs[0]["log_level"], logs[0]["revision"], logs[0]["reason"]) == ("error", B.revision, reason)


async def test_a_model_that_comes_later_is_loaded_then(house: House) -> None:
    house.unusable[A] = RevisionUnusable("missing", "not there")
    await house.release(live=A)
    del house.unusable[A]
    await until(lambda: house.writer() == A.revision)


async def test_a_candidate_that_does_not_load_leaves_the_canary_out(house: House) -> None:
    house.unusable[B] = RevisionUnusable("missing", "not there")
    await house.release(live=A, candidate=B, stage="canary", canary_percent=99)
    assert {house.writer(f"P{number}") for number in range(20)} == {MAIN.revision}
    assert house.failures[0] == "missing"


@pytest.mark.parametrize("error", [EngineUnavailable("gone"), EngineDied("crashed")])
async def test_a_released_model_that_stops_serving_is_set_aside_and_another_try_gets_what_serves(
    house: House, error: EngineUnavailable
) -> None:
    await house.release(live=A)
    house.opened[0].error = error
    with pytest.raises(EngineUnavailable) as raised, house.revisions.serving(TASK, "P1") as engine:
        await engine.generate(Prompt("", ""), Sampling(max_tokens=1))
    assert not isinstance(raised.value, EngineDied)
    assert (house.writer(), house.failures) == (MAIN.revision, ["stopped"])
    await until(lambda: house.writer() == A.revision)  # loaded anew
    assert (len(house.opened), house.opened[0].is_left) == (2, True)


async def test_the_engine_of_the_settings_is_never_set_aside(house: House) -> None:
    with pytest.raises(EngineDied), house.revisions.serving(TASK, "P1"):
        raise EngineDied("crashed")
    assert (house.writer(), house.failures) == (MAIN.revision, [])


async def test_a_model_that_is_no_longer_wanted_is_not_loaded_any_more(house: House) -> None:
    house.gates[A] = asyncio.Event()
    house.tell(release(TASK, live=A))
    house.tell(release(TASK))
    await house.revisions.settled()
    house.gates[A].set()
    await asyncio.sleep(0)
    assert (house.opened, house.revisions.counts) == ([], (0, 0))


async def test_models_are_loaded_one_after_another(house: House) -> None:
    house.gates = {A: asyncio.Event(), B: asyncio.Event()}
    house.tell(release(TASK, live=A), release("social-post", live=B))
    house.gates[B].set()
    await asyncio.sleep(0)
    assert house.opened == []
    house.gates[A].set()
    await house.revisions.settled()
    assert len(house.opened) == 2


async def test_leaving_puts_everything_away() -> None:
    house = House()
    house.gates[B] = asyncio.Event()
    async with house.revisions:
        await house.release(live=A)
        house.tell(release(TASK, live=A, candidate=B, stage="canary", canary_percent=1))
        await asyncio.sleep(0)
    assert [one.is_left for one in house.opened] == [True]
    assert house.revisions.counts == (0, 0)
