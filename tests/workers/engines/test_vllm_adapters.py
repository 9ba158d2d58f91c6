"""The contract of what is beside, over vLLM in a process of its own and a LoRA adapter that comes while it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.workers.engines.contract import PROMPT, BesideContract
from workers.engines.engine import Engine, RevisionUnusable, Sampling
from workers.engines.vllm_async import VllmAsyncEngine
from workers.engines.vllm_request import VllmSettings
from workers.model import DEFAULT_MODEL, prepare_model

ADAPTER = "a" * 16

pytestmark = [
    pytest.mark.model,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="module"),  # its sockets belong to the loop that they were made on
    # Importing torch, peft and vllm warns about their own use of each other, which is not ours to mend.
    pytest.mark.filterwarnings("default"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    """Start one engine with room for an adapter for all tests: it takes a minute and more."""
    settings = VllmSettings(max_running=16, cpu_kv_cache_gib=1, max_adapters=1, max_adapter_rank=8)
    async with VllmAsyncEngine(settings) as engine:
        yield engine


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an adapter of the default model whose weights were drawn, so that it writes other texts."""
    import torch  # noqa: PLC0415 - heavy
    from peft import LoraConfig, get_peft_model  # noqa: PLC0415
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(prepare_model(DEFAULT_MODEL))
    config = LoraConfig(r=8, target_modules=["q_proj", "v_proj", "down_proj"], init_lora_weights=False)
    folder = tmp_path_factory.mktemp("adapter") / ADAPTER
    get_peft_model(model, config).save_pretrained(folder)
    return folder


@pytest_asyncio.fixture(scope="class", loop_scope="module")
async def beside(engine: Engine, adapter: Path) -> AsyncIterator[Engine]:
    assert isinstance(engine, VllmAsyncEngine)
    async with engine.adapted(adapter, ADAPTER) as adapted:
        yield adapted


class TestVllmAdapter(BesideContract):
    writes_differently = True


async def test_an_adapter_is_named_beside_its_model(engine: Engine, adapter: Path) -> None:
    assert isinstance(engine, VllmAsyncEngine)
    named = engine.adapted(adapter, ADAPTER).model
    assert (named.name, named.revision, named.adapter) == (engine.model.name, engine.model.revision, ADAPTER)


async def test_no_more_adapters_are_loaded_than_there_are_places(engine: Engine, adapter: Path) -> None:
    assert isinstance(engine, VllmAsyncEngine)
    async with engine.adapted(adapter, ADAPTER):
        with pytest.raises(RevisionUnusable, match="places"):
            await engine.adapted(adapter, "b" * 16).__aenter__()
    async with engine.adapted(adapter, "b" * 16) as next_one:
        assert (await next_one.generate(PROMPT, Sampling(max_tokens=3))).output_tokens == 3


async def test_an_adapter_that_does_not_fit_is_refused_and_the_engine_goes_on(engine: Engine, tmp_path: Path) -> None:
    assert isinstance(engine, VllmAsyncEngine)
    (tmp_path / "adapter_config.json").write_text(
        '{"peft_type": "LORA", "r": 8, "lora_alpha": 8, "target_modules": []}'
    )
    with pytest.raises(RevisionUnusable):
        await engine.adapted(tmp_path, "b" * 16).__aenter__()
    assert (await engine.generate(PROMPT, Sampling(max_tokens=3))).output_tokens == 3
