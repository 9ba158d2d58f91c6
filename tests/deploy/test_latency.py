"""Latencies of two models in one run: in turn, nothing beside a text, the first one not counted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from deploy.evaluation.examples import Asked, Example, task_named
from deploy.evaluation.latency import percentile, timed
from deploy.evaluation.report import report
from schemas.request import Facts
from tests.factories import facts_of, product
from training.release import BESIDE, LATENCIES, Evaluation
from workers.engines.engine import Generation, ModelIdentity, Prompt, PromptRejected, Sampling


@dataclass
class Slow:
    """A model that refuses every prompt, and takes its time on a clock that it turns itself."""

    model: ModelIdentity
    seconds: float
    clock: list[float]
    asked: list[str] = field(default_factory=list)

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        self.clock[0] += self.seconds
        self.asked.append(self.model.revision)
        raise PromptRejected("no")

    async def __aenter__(self) -> Slow:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        return None


def examples(count: int) -> list[Example]:
    asked = Asked(task_named("product-description"))
    return [asked.example(f"P{number}", Facts(product=facts_of(product(f"P{number}")))) for number in range(count)]


def test_both_models_are_timed_in_turn_and_the_first_text_does_not_count() -> None:
    clock, turns = [0.0], list[str]()
    quick, slow = (Slow(ModelIdentity(name, name), seconds, clock, turns) for name, seconds in (("a", 1.0), ("b", 3.0)))
    found = asyncio.run(timed(examples(3), quick, slow, now=lambda: clock[0]))
    assert turns == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert (found.candidate, found.other, found.beside) == ((1.0,) * 3, (3.0,) * 3, "b")
    told = report("product-description", "a", [], revision="a", latencies=found).json()
    figures = Evaluation.model_validate_json(told).figures
    assert [figures[f"{name}{side}"].value for side in ("", BESIDE) for name in LATENCIES] == [1e3, 1e3, 3e3, 3e3]
    assert Evaluation.model_validate_json(told).beside == "b"


def test_a_percentile_comes_with_its_interval() -> None:
    found = percentile([0.1 * number for number in range(1, 101)], 95.0)
    assert found.value == pytest.approx(9_505.0)
    assert 8_500 < found.low < found.value < found.high <= 10_000
