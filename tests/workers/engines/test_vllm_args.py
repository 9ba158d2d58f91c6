"""What vLLM is told about a model: nothing of it is run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from workers.engines.vllm_request import VllmSettings, engine_args


def test_a_model_brings_no_code_and_its_weights_are_safetensors(tmp_path: Path) -> None:
    of: Any = SimpleNamespace
    told = engine_args(VllmSettings(), tmp_path, of=of)
    assert (told.trust_remote_code, told.load_format) == (False, "safetensors")


def test_memory_for_adapters_is_kept_only_where_some_may_be_released(tmp_path: Path) -> None:
    of: Any = SimpleNamespace
    without, with_some = (engine_args(VllmSettings(max_adapters=count), tmp_path, of=of) for count in (0, 2))
    assert (without.enable_lora, with_some.enable_lora, with_some.max_loras) == (False, True, 3)  # one stays empty
