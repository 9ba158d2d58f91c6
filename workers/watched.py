"""An engine with somebody watching: how many prompts it has, since when, and whether it does anything for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self

from schemas.telemetry.health import Sample
from schemas.telemetry.trace import span
from workers.engines.engine import (
    Engine,
    EngineDied,
    EngineError,
    Generation,
    ModelIdentity,
    Prompt,
    Sampling,
    Stepping,
)


class EngineHung(EngineDied):
    """The engine has prompts and does nothing for them: one of them may be to blame (retryable in a fresh process)."""


class WatchedEngine:
    """Serves what its engine serves, and knows what is in it.

    What an answer or a step brings is progress. An engine that tells of no steps (a server's) is not judged: a long
    answer looks like none, and its time-outs are its own.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._answers = 0
        self.in_flight = self._wanted = 0

    @property
    def model(self) -> ModelIdentity:
        """Name the weights that serve."""
        return self._engine.model

    @property
    def steps(self) -> tuple[int, float] | None:
        """Give how many steps the engine took and the seconds they took; None where it does not tell."""
        return self._engine.steps if isinstance(self._engine, Stepping) else None

    def sample(self) -> Sample:
        """Say whether the engine has prompts that it should do something for, and how much it has done."""
        steps = self.steps
        if steps is None:
            return Sample(is_busy=False, progress=0)
        return Sample(is_busy=self.in_flight + self._wanted > 0, progress=steps[0] + self._answers)

    @contextmanager
    def wanted(self) -> Iterator[None]:
        """Have something for the engine meanwhile that it is not given yet."""
        self._wanted += 1
        try:
            yield
        finally:
            self._wanted -= 1

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Give the model's text for one prompt."""
        self.in_flight += 1
        try:
            with span("generate") as noting:
                generation = await self._engine.generate(prompt, sampling)
                noting.note(prompt_tokens=generation.prompt_tokens, cached_tokens=generation.cached_tokens)
                noting.note(output_tokens=generation.output_tokens, finish=generation.finish)
        except EngineError:
            self._answers += 1
            raise
        else:
            self._answers += 1
            return generation
        finally:
            self.in_flight -= 1

    async def __aenter__(self) -> Self:
        await self._engine.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._engine.__aexit__(*exc_info)


class StepCount:
    """The steps of all engines together, of those that have gone too: they never become fewer."""

    def __init__(self) -> None:
        self._last: dict[WatchedEngine, tuple[int, float]] = {}
        self._steps, self._seconds = 0, 0.0

    def of(self, engines: Iterable[WatchedEngine]) -> tuple[int, float] | None:
        """Give the steps so far and the seconds that they took; None where no engine tells.

        An adapter tells of the steps of the engine that it is in: what two tell alike is counted once.
        """
        told = {engine: steps for engine in engines if (steps := engine.steps) is not None}
        for steps, engine in {steps: engine for engine, steps in reversed(told.items())}.items():
            before = self._last.get(engine, (0, 0.0))
            self._steps += steps[0] - before[0]
            self._seconds += steps[1] - before[1]
        self._last = told
        return (self._steps, self._seconds) if told or self._steps else None
