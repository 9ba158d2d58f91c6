"""How long a reader waits for a text: two models in turn, in one run, so that a busy machine is busy for both.

Each example goes through the worker's ladder with one model and then with the other, nothing beside it, and the next
one the other way round.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import numpy as np

from deploy.evaluation.examples import Example
from deploy.evaluation.run import answered
from training.bootstrap import Estimate
from training.release import BESIDE, LATENCIES
from workers.engines.engine import Engine

_RESAMPLES = 1_000
_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Timed:
    """The seconds of each text by the candidate and by what it is compared with, whose revision is `beside`."""

    candidate: tuple[float, ...]
    other: tuple[float, ...]
    beside: str

    def figures(self) -> dict[str, Estimate]:
        """Give the percentiles of both, in milliseconds, by name."""
        sides = (("", self.candidate), (BESIDE, self.other))
        return {f"{name}{side}": percentile(some, at) for side, some in sides for name, at in LATENCIES.items()}


async def timed(
    examples: Sequence[Example], candidate: Engine, other: Engine, *, now: Callable[[], float] = time.perf_counter
) -> Timed:
    """Time the examples with both models in turn; the first one is said twice, and its first time does not count."""
    engines = (candidate, other)
    seconds: tuple[list[float], list[float]] = ([], [])

    async def one(example: Example, side: int) -> float:
        began = now()
        await answered(example, engines[side])
        return now() - began

    async with AsyncExitStack() as running:
        for engine in engines:
            await running.enter_async_context(engine)
        for side in (0, 1):
            await one(examples[0], side)
        for number, example in enumerate(examples):
            for side in (0, 1) if number % 2 else (1, 0):
                seconds[side].append(await one(example, side))
        beside = other.model.revision
    return Timed(tuple(seconds[0]), tuple(seconds[1]), beside)


def percentile(seconds: Sequence[float], at: float) -> Estimate:
    """Give a percentile in milliseconds with its interval of 95 % (bootstrap, seeded)."""
    values = 1_000 * np.asarray(seconds, dtype=float)
    drawn = np.random.default_rng(1).choice(values, (_RESAMPLES, len(values)))
    low, high = np.percentile(np.percentile(drawn, at, axis=1), _PERCENTILES)
    return Estimate(float(np.percentile(values, at)), float(low), float(high))
