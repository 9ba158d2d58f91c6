"""The examples through a worker's own ladder: engine, guard, repair, template."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from deploy.evaluation.examples import Example
from deploy.evaluation.texts import text_of
from schemas.provenance import Copy
from workers.engines.build import EngineChoice, build_engine
from workers.engines.engine import Engine, Generation, ModelIdentity, Prompt, PromptRejected, Sampling
from workers.engines.vllm_request import VllmSettings
from workers.generate import Effort, generate_and_check
from workers.outcome import Outcome, Undeliverable, Withheld, Written

AT_ONCE = 64
NO_MODEL = "none"
_PATIENT = Effort(guard_seconds=120.0)
"""A busy machine is no fault of a text: the guard may take long, and its vocabularies are read during the first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one example: its text, who wrote it (`model`, `repaired`, `template`, `withheld`), and the rules
    that refused what was tried before."""

    example: Example
    text: str
    origin: str
    reasons: tuple[str, ...]
    tokens: int
    copy: Copy | None = None


class NoModel:
    """An engine without a model: every text is its task's template."""

    model = ModelIdentity("none", "0")

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Refuse, whatever is asked."""
        raise PromptRejected("there is no model")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Leave nothing behind."""


def engine_of(model: str) -> Engine:
    """Give the engine that serves a model of this name, not yet started; `none` is the templates alone."""
    return NoModel() if model == NO_MODEL else build_engine(EngineChoice(vllm=VllmSettings(model=model)))


async def answers(
    examples: Sequence[Example], engine: Engine, *, on_done: Callable[[], None] = lambda: None
) -> tuple[Answer, ...]:
    """Give what becomes of each example, in order; so many are under way at once that the engine is full."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(example: Example) -> Answer:
        async with free:
            found = await answered(example, engine)
        on_done()
        return found

    async with engine:
        return tuple(await asyncio.gather(*(one(example) for example in examples)))


async def answered(example: Example, engine: Engine) -> Answer:
    """Give what becomes of one example with an engine that runs."""
    outcome = await generate_and_check(example.request, engine=engine, now_ms=lambda: 0, effort=_PATIENT)
    return _answer(example, outcome)


def _answer(example: Example, outcome: Outcome) -> Answer:
    match outcome:
        case Written(copy=copy, cost=cost):
            made = copy.provenance
            return Answer(example, text_of(copy), made.origin, made.reasons, cost.output_tokens, copy)
        case Withheld(record=record, cost=cost):
            rules = tuple(dict.fromkeys(hit.rule for hit in record.hits))
            return Answer(example, "", "withheld", rules, cost.output_tokens)
        case Undeliverable(error_class=error):
            return Answer(example, "", "undeliverable", (str(error),), 0)


def lines(found: Sequence[Answer]) -> str:
    """Give each text with what it can be read beside, one JSON object a line."""
    return "".join(f"{json.dumps(_told(one), ensure_ascii=False)}\n" for one in found)


def _told(one: Answer) -> dict[str, str | tuple[str, ...]]:
    subject, references = one.example.request.subject, one.example.references
    read = {"subject": subject, "text": one.text, "origin": one.origin}
    return {**read, "reasons": one.reasons, "references": references}
