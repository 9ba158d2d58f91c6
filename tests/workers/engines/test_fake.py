"""What the fake promises beyond the contract: set latencies and failures, and a ledger."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.deadline import until
from workers.engines.engine import EngineUnavailable, Prompt, PromptRejected, Sampling
from workers.engines.fake import (
    Counts,
    FakeEngine,
    FakeSettings,
    LedgerCounts,
    latency_seconds,
    prompt_hash,
    read_ledger,
)

PROMPT = Prompt(system="S", user="one two three")
FREE = Sampling(max_tokens=50)


async def test_without_a_schema_the_users_text_comes_back() -> None:
    async with FakeEngine() as engine:
        assert (await engine.generate(PROMPT, FREE)).text == "one two three"


async def test_text_is_written_by_the_given_function() -> None:
    async with FakeEngine(write=lambda prompt, _: prompt.system * 3) as engine:
        assert (await engine.generate(PROMPT, FREE)).text == "SSS"


def test_a_prompts_latency_depends_on_the_seed_and_the_prompt_alone() -> None:
    settings = FakeSettings(median_seconds=2.0, spread=0.5, seed=1)
    other_prompt = Prompt(system="S", user="four")
    assert latency_seconds(PROMPT, settings) == latency_seconds(PROMPT, settings)
    assert latency_seconds(PROMPT, settings) != latency_seconds(other_prompt, settings)
    assert latency_seconds(PROMPT, settings) != latency_seconds(PROMPT, replace(settings, seed=2))


def test_without_spread_every_latency_is_the_median() -> None:
    assert latency_seconds(PROMPT, FakeSettings(median_seconds=2.0)) == 2.0


async def test_an_engine_that_has_gone_away_comes_back() -> None:
    async with FakeEngine() as engine:
        engine.go_away(seconds=60)
        with pytest.raises(EngineUnavailable):
            await engine.generate(PROMPT, FREE)
        engine.go_away(seconds=0)
        assert (await engine.generate(PROMPT, FREE)).finish == "stop"


async def test_a_prompt_with_the_reject_marker_is_rejected() -> None:
    async with FakeEngine(FakeSettings(reject_marker="two")) as engine:
        with pytest.raises(PromptRejected):
            await engine.generate(PROMPT, FREE)


def test_a_prompt_with_the_kill_marker_ends_the_process() -> None:
    program = (
        "import asyncio\n"
        "from workers.engines.engine import Prompt, Sampling\n"
        "from workers.engines.fake import FakeEngine, FakeSettings\n"
        "async def main():\n"
        "    async with FakeEngine(FakeSettings(kill_marker='POISON', kill_after_seconds=0.01)) as engine:\n"
        "        await engine.generate(Prompt('', 'a POISON'), Sampling(max_tokens=1))\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert ended.returncode == 137


async def test_with_one_slot_generations_take_their_turns() -> None:
    begun = time.monotonic()
    async with FakeEngine(FakeSettings(slots=1, median_seconds=0.02)) as engine:
        await asyncio.gather(*(engine.generate(PROMPT, FREE) for _ in range(5)))
    assert time.monotonic() - begun >= 5 * 0.02


def test_a_prompt_with_the_slow_marker_takes_its_own_time() -> None:
    settings = FakeSettings(median_seconds=0.1, slow_marker="two", slow_seconds=60)
    assert latency_seconds(PROMPT, settings) == 60
    assert latency_seconds(Prompt(system="S", user="four"), settings) == 0.1


async def test_each_start_and_each_finish_is_counted_in_the_ledger_of_all_engines(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    assert read_ledger(ledger) == LedgerCounts(Counter(), Counter())
    async with FakeEngine(FakeSettings(ledger=ledger)) as engine, FakeEngine(FakeSettings(ledger=ledger)) as other:
        await engine.generate(PROMPT, FREE)
        await other.generate(PROMPT, FREE)
    assert read_ledger(ledger) == LedgerCounts(Counter({prompt_hash(PROMPT): 2}), Counter({prompt_hash(PROMPT): 2}))


async def test_a_generation_that_was_stopped_has_a_start_and_no_finish_in_the_ledger(tmp_path: Path) -> None:
    settings = FakeSettings(median_seconds=30, ledger=tmp_path / "ledger")
    async with FakeEngine(settings) as engine:
        task = asyncio.create_task(engine.generate(PROMPT, FREE))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert read_ledger(tmp_path / "ledger") == LedgerCounts(Counter({prompt_hash(PROMPT): 1}), Counter())


async def test_generations_are_counted_as_started_finished_or_aborted() -> None:
    async with FakeEngine(FakeSettings(median_seconds=30)) as engine:
        task = asyncio.create_task(engine.generate(PROMPT, FREE))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert engine.counts == Counts(started=1, finished=0, aborted=1)


async def test_a_system_text_seen_before_is_cached() -> None:
    async with FakeEngine() as engine:
        cached = [(await engine.generate(PROMPT, FREE)).cached_tokens for _ in range(2)]
    assert cached == [0, 1]


async def test_a_schema_that_it_cannot_write_for_is_rejected() -> None:
    schema = json.dumps({"type": "string", "pattern": "^a+$"})
    async with FakeEngine() as engine:
        with pytest.raises(PromptRejected):
            await engine.generate(PROMPT, Sampling(max_tokens=9, json_schema=schema))


@pytest.mark.parametrize("settings", [FakeSettings(hang_marker="three"), FakeSettings(hang_after=1)])
async def test_an_engine_that_hangs_ends_nothing_and_takes_no_more_steps(settings: FakeSettings) -> None:
    async with FakeEngine(settings) as engine:
        await engine.generate(Prompt("S", "before"), FREE)
        hanging = [asyncio.create_task(engine.generate(prompt, FREE)) for prompt in (PROMPT, Prompt("S", "after"))]
        await until(lambda: engine.counts.started == 3)
        steps = engine.steps
        done, _ = await asyncio.wait(hanging, timeout=0.15)
        assert not done
        assert engine.steps == steps
        for one in hanging:
            one.cancel()
        assert engine.counts.finished == 1
