"""The contract, over vLLM in a process of its own; and the end of that process."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.workers.engines.contract import PROMPT, SteppingContract
from workers.engines.engine import Engine, EngineUnavailable, Sampling
from workers.engines.vllm_async import VllmAsyncEngine
from workers.engines.vllm_request import VllmSettings

pytestmark = [
    pytest.mark.model,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="module"),  # its sockets belong to the loop that they were made on
    # Importing torch and vllm warns about their own use of each other, which is not ours to mend.
    pytest.mark.filterwarnings("default"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    """Start one engine for all tests: it takes a minute and more."""
    async with VllmAsyncEngine(VllmSettings(max_running=16, cpu_kv_cache_gib=1)) as engine:
        yield engine


class TestVllmAsyncEngine(SteppingContract):
    def in_flight(self, engine: Engine) -> int:
        assert isinstance(engine, VllmAsyncEngine)
        assert engine._llm is not None
        return int(engine._llm.get_num_unfinished_requests())

    async def test_when_the_engines_process_dies_every_call_hears_of_it(self, engine: Engine) -> None:
        os.kill(_engine_process(), signal.SIGKILL)
        for _ in range(2):
            with pytest.raises(EngineUnavailable):
                await engine.generate(PROMPT, Sampling(max_tokens=2000))


def _engine_process() -> int:
    """Find the child that runs the engine's core, by the name that it gives itself."""
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        for child in (task / "children").read_text().split():
            if "EngineCore" in Path(f"/proc/{child}/cmdline").read_text():
                return int(child)
    raise AssertionError("the engine has no process of its own")
