"""The thread that drives vLLM, over a stand-in for it: what holds whatever the model does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.deadline import until
from tests.workers.engines.test_chat_tokens import CharacterTokenizer
from workers.engines.chat_tokens import ChatTokens
from workers.engines.engine import (
    EngineDied,
    EngineError,
    EngineUnavailable,
    Generation,
    ModelIdentity,
    Prompt,
    PromptRejected,
    Sampling,
    Stepping,
)
from workers.engines.vllm_request import ServedModel, VllmSettings
from workers.engines.vllm_thread import VllmThreadEngine

PROMPT = Prompt(system="s", user="u")
IDENTITY = ModelIdentity(name="m", revision="1")


@dataclass
class ScriptedStepper:
    """Finishes a prompt after `max_tokens` steps; a temperature of 2 makes the step crash, a seed of 9 is refused."""

    running: dict[str, tuple[int, Sampling]] = field(default_factory=dict)
    aborted: list[str] = field(default_factory=list)
    steps: int = 0
    closed: bool = False

    @property
    def busy(self) -> bool:
        return bool(self.running)

    def add(self, request_id: str, tokens: list[int], sampling: Sampling) -> None:
        if sampling.seed == 9:
            raise PromptRejected("as asked")
        self.running[request_id] = (sampling.max_tokens, sampling)

    def abort(self, request_id: str) -> None:
        del self.running[request_id]
        self.aborted.append(request_id)

    def step(self) -> list[tuple[str, Generation | EngineError]]:
        self.steps += 1
        finished: list[tuple[str, Generation | EngineError]] = []
        for request_id, (left, sampling) in list(self.running.items()):
            if sampling.temperature == 2:
                raise RuntimeError("the model has crashed")
            self.running[request_id] = (left - 1, sampling)
            if left == 1:
                del self.running[request_id]
                finished.append((request_id, Generation("done", "stop", 1, 0, sampling.max_tokens, 0.0)))
        return finished

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def stepper() -> ScriptedStepper:
    return ScriptedStepper()


@pytest.fixture
def engine(stepper: ScriptedStepper) -> Iterator[VllmThreadEngine]:
    before = set(threading.enumerate())
    served = ServedModel(Path(), IDENTITY, ChatTokens(CharacterTokenizer()))
    yield VllmThreadEngine(VllmSettings(), load=lambda _: (served, stepper))
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "vllm"]


async def test_before_it_is_entered_nothing_is_served(engine: VllmThreadEngine) -> None:
    with pytest.raises(EngineUnavailable):
        await engine.generate(PROMPT, Sampling(max_tokens=1))


async def test_an_idle_engine_takes_no_steps(engine: VllmThreadEngine, stepper: ScriptedStepper) -> None:
    async with engine:
        for _ in range(20):
            await engine.generate(PROMPT, Sampling(max_tokens=2))
    assert stepper.steps == 40


async def test_a_cancelled_prompt_is_aborted_and_its_neighbour_finishes(
    engine: VllmThreadEngine, stepper: ScriptedStepper
) -> None:
    async with engine:
        doomed = asyncio.create_task(engine.generate(PROMPT, Sampling(max_tokens=10**9)))
        await until(lambda: stepper.busy)
        doomed.cancel()
        assert (await engine.generate(PROMPT, Sampling(max_tokens=5))).text == "done"
        await until(lambda: not stepper.busy)
    assert stepper.aborted == ["0"]


async def test_a_refused_prompt_leaves_its_neighbour_alone(engine: VllmThreadEngine) -> None:
    async with engine:
        neighbour = asyncio.create_task(engine.generate(PROMPT, Sampling(max_tokens=5)))
        with pytest.raises(PromptRejected):
            await engine.generate(PROMPT, Sampling(max_tokens=5, seed=9))
        assert (await neighbour).finish == "stop"


async def test_a_crash_fails_everything_in_flight_and_every_later_call(
    engine: VllmThreadEngine, stepper: ScriptedStepper
) -> None:
    async with engine:
        in_flight = asyncio.create_task(engine.generate(PROMPT, Sampling(max_tokens=10**9)))
        await until(lambda: stepper.busy)
        for call in (engine.generate(PROMPT, Sampling(max_tokens=1, temperature=2.0)), in_flight):
            with pytest.raises(EngineDied):
                await call
        with pytest.raises(EngineUnavailable):
            await engine.generate(PROMPT, Sampling(max_tokens=1))
    assert stepper.closed


async def test_leaving_fails_what_is_in_flight(engine: VllmThreadEngine, stepper: ScriptedStepper) -> None:
    async with engine:
        in_flight = asyncio.create_task(engine.generate(PROMPT, Sampling(max_tokens=10**9)))
        await until(lambda: stepper.busy)
    with pytest.raises(EngineUnavailable):
        await in_flight
    assert stepper.closed


async def test_an_engine_can_be_entered_again(engine: VllmThreadEngine) -> None:
    for _ in range(2):
        async with engine:
            assert (await engine.generate(PROMPT, Sampling(max_tokens=1))).text == "done"


async def test_a_load_that_fails_is_heard_by_who_enters() -> None:
    def fail(settings: VllmSettings) -> tuple[ServedModel, ScriptedStepper]:
        raise ValueError("no such model")

    with pytest.raises(ValueError, match="no such model"):
        await VllmThreadEngine(VllmSettings(), load=fail).__aenter__()


def test_callers_on_other_event_loops_are_served(engine: VllmThreadEngine) -> None:
    async def ask() -> str:
        return (await engine.generate(PROMPT, Sampling(max_tokens=1))).text

    asyncio.run(engine.__aenter__())
    assert [asyncio.run(ask()), asyncio.run(ask())] == ["done", "done"]
    asyncio.run(engine.__aexit__())


async def test_steps_are_counted_and_an_idle_engine_takes_none(engine: VllmThreadEngine) -> None:
    async with engine:
        await engine.generate(PROMPT, Sampling(max_tokens=5))
        await until(lambda: engine.steps[0] > 0)  # the answer is there before the step that gave it is counted
        before = engine.steps
        assert before[1] > 0
        assert isinstance(engine, Stepping)
        assert engine.steps == before


async def test_an_engine_that_hangs_in_a_step_is_left_behind(
    engine: VllmThreadEngine, stepper: ScriptedStepper, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    monkeypatch.setattr("workers.engines.vllm_thread._LEAVE_SECONDS", 0.05)
    monkeypatch.setattr(stepper, "step", lambda: [let_go.wait(30)][:0])
    async with engine:
        in_flight = asyncio.create_task(engine.generate(PROMPT, Sampling(max_tokens=1)))
        await until(lambda: stepper.busy)
    assert not in_flight.done()
    let_go.set()
    with pytest.raises(EngineUnavailable):
        await in_flight
    await until(lambda: stepper.closed)
