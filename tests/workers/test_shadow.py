"""A candidate is tried in time that nobody else needs, and leaves nothing but numbers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from schemas.request import GenerationRequest
from tests.deadline import until
from tests.factories import request
from workers import shadow as module
from workers.engines.engine import EngineUnavailable
from workers.shadow import Shadow


class Trial:
    """A shadow whose tries last until the test lets them go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None
        self.counts: Counter[str] = Counter()
        self.shadow = Shadow(self._try, noted=self._note)

    async def _try(self, one: GenerationRequest) -> str:
        self.begun.append(one.request_id)
        await self.gate.wait()
        if self.error:
            raise self.error
        return "model"

    def _note(self, task: str, became: str) -> None:
        assert task == "product-description"
        self.counts[became] += 1

    def offer(self, *names: str) -> None:
        for name in names:
            self.shadow.offer(request(name))


@pytest.fixture
async def trial() -> AsyncIterator[Trial]:
    trial = Trial()
    yield trial
    await trial.shadow.stop()


async def test_requests_are_tried_one_after_another_while_nothing_else_is_to_be_done(trial: Trial) -> None:
    trial.offer("Q1", "Q2")
    await until(lambda: bool(trial.begun))
    assert trial.begun == ["Q1"]
    trial.gate.set()
    await until(lambda: trial.counts == {"model": 2})
    assert trial.begun == ["Q1", "Q2"]


async def test_nothing_is_tried_while_there_is_real_work(trial: Trial) -> None:
    with trial.shadow:
        trial.offer("Q1")
        await asyncio.sleep(0)
        assert trial.begun == []
    await until(lambda: trial.begun == ["Q1"])


async def test_real_work_breaks_off_what_is_tried(trial: Trial) -> None:
    trial.offer("Q1")
    await until(lambda: trial.begun == ["Q1"])
    with trial.shadow:
        await until(lambda: trial.counts == {"interrupted": 1})
        trial.offer("Q2")
        await asyncio.sleep(0)
        assert trial.begun == ["Q1"]
    trial.gate.set()
    await until(lambda: trial.counts == {"interrupted": 1, "model": 1})


async def test_only_a_few_requests_wait_and_the_newest_stay(trial: Trial) -> None:
    with trial.shadow:
        trial.offer(*(f"Q{number}" for number in range(module._KEPT + 3)))
    trial.gate.set()
    await until(lambda: trial.counts == {"skipped": 3, "model": module._KEPT})
    assert trial.begun[0] == "Q3"


@pytest.mark.parametrize("error", [EngineUnavailable("gone"), ValueError("a defect")])
async def test_a_candidate_that_fails_is_counted_and_harms_nothing(trial: Trial, error: Exception) -> None:
    trial.error = error
    trial.gate.set()
    trial.offer("Q1", "Q2")
    await until(lambda: trial.counts == {"failed": 2})


async def test_nothing_is_tried_after_the_end(trial: Trial) -> None:
    trial.offer("Q1", "Q2")
    await until(lambda: bool(trial.begun))
    await trial.shadow.stop()
    trial.gate.set()
    trial.offer("Q3")
    await asyncio.sleep(0)
    assert (trial.begun, trial.counts) == (["Q1"], {"interrupted": 1})
