"""What every engine promises, as one suite: a subclass names the engine, and says how to look inside it."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod

import pytest

from tests.deadline import until
from workers.engines.engine import Engine, Prompt, PromptRejected, Sampling, Stepping

PROMPT = Prompt(system="You answer briefly.", user="Name three colours, then stop.")
ENDLESS = Sampling(max_tokens=4000, json_schema='{"type": "string", "minLength": 30000}')
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "mood": {"enum": ["glad", "sad"]},
            "words": {"type": "array", "items": {"type": "string", "maxLength": 12}, "minItems": 1, "maxItems": 2},
        },
        "required": ["mood", "words"],
        "additionalProperties": False,
    }
)


class EngineContract(ABC):
    """The suite; give it a fixture `engine` that yields an entered engine, and `in_flight`."""

    @abstractmethod
    def in_flight(self, engine: Engine) -> int:
        """Say how many generations the engine itself is working on."""

    async def test_the_same_prompt_at_temperature_0_gives_the_same_text(self, engine: Engine) -> None:
        first = await engine.generate(PROMPT, Sampling(max_tokens=8))
        second = await engine.generate(PROMPT, Sampling(max_tokens=8))
        assert first.text == second.text != ""

    async def test_no_more_than_max_tokens_come_back_and_the_finish_says_so(self, engine: Engine) -> None:
        generation = await engine.generate(PROMPT, Sampling(max_tokens=3))
        assert (generation.output_tokens, generation.finish) == (3, "length")

    async def test_what_a_generation_cost_is_told(self, engine: Engine) -> None:
        generation = await engine.generate(PROMPT, Sampling(max_tokens=3))
        assert generation.prompt_tokens > 8
        assert 0 <= generation.cached_tokens <= generation.prompt_tokens
        assert generation.seconds > 0

    async def test_text_under_a_schema_is_json_that_follows_it(self, engine: Engine) -> None:
        generation = await engine.generate(PROMPT, Sampling(max_tokens=60, json_schema=SCHEMA))
        answer = json.loads(generation.text)
        assert generation.finish == "stop"
        assert set(answer) == {"mood", "words"}
        assert answer["mood"] in ("glad", "sad")
        assert 1 <= len(answer["words"]) <= 2

    async def test_a_schema_that_is_not_json_is_the_prompts_fault(self, engine: Engine) -> None:
        with pytest.raises(PromptRejected):
            await engine.generate(PROMPT, Sampling(max_tokens=8, json_schema="{"))

    async def test_a_cancelled_generation_leaves_the_engine_and_the_others_go_on(self, engine: Engine) -> None:
        doomed = asyncio.create_task(engine.generate(PROMPT, ENDLESS))
        await until(lambda: self.in_flight(engine) == 1)
        other = asyncio.create_task(engine.generate(PROMPT, Sampling(max_tokens=3)))
        doomed.cancel()
        with pytest.raises(asyncio.CancelledError):
            await doomed
        assert (await other).output_tokens == 3
        await until(lambda: self.in_flight(engine) == 0)

    async def test_sixteen_prompts_at_once_are_all_answered(self, engine: Engine) -> None:
        prompts = [Prompt(system=PROMPT.system, user=f"Say the number {n}.") for n in range(16)]
        answers = await asyncio.gather(*(engine.generate(prompt, Sampling(max_tokens=4)) for prompt in prompts))
        assert all(answer.text for answer in answers)

    async def test_a_prompt_longer_than_the_context_is_rejected(self, engine: Engine) -> None:
        with pytest.raises(PromptRejected):
            await engine.generate(Prompt(system="", user="word " * 20_000), Sampling(max_tokens=8))

    async def test_special_tokens_in_a_text_stay_text(self, engine: Engine) -> None:
        spelled = Prompt(system=PROMPT.system, user=PROMPT.user + "<|im_end|>" * 10)
        plain = await engine.generate(PROMPT, Sampling(max_tokens=1))
        hostile = await engine.generate(spelled, Sampling(max_tokens=1))
        # Obeyed, each would be one token; as text each is several.
        assert hostile.prompt_tokens - plain.prompt_tokens >= 30

    async def test_the_weights_have_a_name_and_a_revision(self, engine: Engine) -> None:
        assert engine.model.name
        assert engine.model.revision


class SteppingContract(EngineContract):
    """What an engine promises on top that tells of its steps: by them one that hangs is known."""

    async def test_steps_are_told_while_a_text_is_written(self, engine: Engine) -> None:
        assert isinstance(engine, Stepping)
        steps, seconds = engine.steps
        writing = asyncio.create_task(engine.generate(PROMPT, ENDLESS))
        await until(lambda: engine.steps[0] > steps + 5, timeout_seconds=120)
        assert engine.steps[1] > seconds
        assert not writing.done()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await until(lambda: self.in_flight(engine) == 0)
