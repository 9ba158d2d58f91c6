"""What both vLLM engines share: settings, environment, and the translation of requests and results."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workers.engines.chat_tokens import ChatTokens
from workers.engines.engine import EngineUnavailable, Generation, ModelIdentity, PromptRejected, Sampling
from workers.model import DEFAULT_CACHE, DEFAULT_MODEL, model_revision, prepare_model

if TYPE_CHECKING:
    from vllm import RequestOutput, SamplingParams
    from vllm.engine.arg_utils import EngineArgs


@dataclass(frozen=True, slots=True, kw_only=True)
class VllmSettings:
    """Which model vLLM serves, and with how much memory."""

    model: str = DEFAULT_MODEL
    """The default model, a folder, or OWNER/MODEL@COMMIT on Hugging Face."""
    name: str | None = None
    """What the model is called in provenance, where it is not its place."""
    cache: Path = DEFAULT_CACHE
    device: Literal["cpu", "gpu"] = "cpu"
    max_model_tokens: int | None = None
    """Prompt and answer together; None is the model's own limit."""
    max_running: int = 64
    """Prompts that are decoded together; more wait inside the engine."""
    cpu_kv_cache_gib: int = 2
    gpu_memory_share: float = 0.9
    tensor_parallel_gpus: int = 1
    max_adapters: int = 0
    """LoRA adapters that are served at once beside the model; 0 keeps no memory for any."""
    max_adapter_rank: int = 32
    grammar_backend: Literal["guidance", "xgrammar"] = "guidance"
    """What constrains decoding. guidance is ready for a new schema in 2 ms, xgrammar in 1 to 5 s when its strings are
    bounded. One for all: vLLM keeps the first that it chose, so its `auto` could mix them up."""
    log_level: str = "WARNING"


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model on disk, with what turns prompts into its tokens."""

    folder: Path
    identity: ModelIdentity
    chat_tokens: ChatTokens


def set_environment(settings: VllmSettings, *, own_process: bool) -> None:
    """Set what vLLM reads from the environment; must run before vllm is imported for the first time."""
    os.environ.update(
        VLLM_ENABLE_V1_MULTIPROCESSING="1" if own_process else "0",
        VLLM_HOST_IP="127.0.0.1",  # its rendezvous sockets are nobody else's business
        VLLM_NO_USAGE_STATS="1",
        VLLM_DO_NOT_TRACK="1",
        HF_HUB_OFFLINE="1",  # whatever there was to fetch has been fetched by prepare_model
        TOKENIZERS_PARALLELISM="false",
    )
    os.environ.setdefault("VLLM_LOGGING_LEVEL", settings.log_level)
    # Threads that wait for each other asleep: spinning, they eat the cores that a busy machine's others need, and
    # with as many computing threads as cores one that has lost its core holds all of them up.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def served_model(settings: VllmSettings) -> ServedModel:
    """Make the model ready on disk and load its tokenizer. Raises ModelNotFound."""
    folder = prepare_model(settings.model, settings.cache)
    from transformers import AutoTokenizer  # noqa: PLC0415 - seconds to import, and not needed by other engines

    identity = ModelIdentity(name=settings.name or settings.model, revision=model_revision(folder))
    return ServedModel(folder, identity, ChatTokens(AutoTokenizer.from_pretrained(folder, trust_remote_code=False)))


def engine_args(settings: VllmSettings, folder: Path, *, of: type[EngineArgs]) -> EngineArgs:
    """Give vLLM's arguments for the settings."""
    on_cpu = settings.device == "cpu"
    return of(
        model=str(folder),
        served_model_name=settings.model,
        max_model_len=settings.max_model_tokens,
        max_num_seqs=settings.max_running,
        dtype=cpu_dtype(Path("/proc/cpuinfo")) if on_cpu else "auto",
        enforce_eager=on_cpu,  # compiling costs a minute on a CPU and gains nothing there
        # vLLM caches whole blocks only; its 128 tokens on a CPU would be longer than most shared prefixes.
        block_size=32 if on_cpu else None,
        kv_cache_memory_bytes=settings.cpu_kv_cache_gib << 30 if on_cpu else None,
        gpu_memory_utilization=settings.gpu_memory_share,
        tensor_parallel_size=settings.tensor_parallel_gpus,
        enable_lora=settings.max_adapters > 0,
        # On a CPU vLLM takes "no adapter" (-1) for the last place, in a batch with some: that one stays empty.
        max_loras=max(1, settings.max_adapters + on_cpu),
        max_lora_rank=settings.max_adapter_rank,
        enable_prefix_caching=True,
        trust_remote_code=False,
        load_format="safetensors",
        # A model's own advice about sampling would silently change what Sampling says.
        generation_config="vllm",
        structured_outputs_config={"backend": settings.grammar_backend, "disable_any_whitespace": True},
        disable_log_stats=True,
    )


def cpu_dtype(cpuinfo: Path) -> Literal["bfloat16", "float32"]:
    """Say in what a CPU computes fastest: bfloat16 where it has instructions for it, else float32.

    Without them bfloat16 is emulated, and a batch of 64 costs five times the time of float32 (measured with AVX2).
    """
    try:
        flags = set(cpuinfo.read_text().split())
    except OSError:
        return "float32"
    return "bfloat16" if flags & {"amx_bf16", "avx512_bf16", "bf16"} else "float32"


def sampling_params(sampling: Sampling) -> SamplingParams:
    """Say a Sampling in vLLM's words: one final output, no stream. Raises PromptRejected."""
    from vllm import SamplingParams  # noqa: PLC0415 - only where vLLM serves
    from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams  # noqa: PLC0415

    schema = sampling.json_schema
    try:
        return SamplingParams(
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            seed=sampling.seed,
            frequency_penalty=sampling.frequency_penalty,
            output_kind=RequestOutputKind.FINAL_ONLY,
            structured_outputs=None if schema is None else StructuredOutputsParams(json=schema),
        )
    except Exception as error:
        # vLLM's validation error is no ValueError in every release: whatever it is, the request is to blame.
        raise PromptRejected(f"vLLM refuses the sampling: {type(error).__name__}") from error


def generation(output: RequestOutput, *, constrained: bool, seconds: float = 0.0) -> Generation:
    """Read vLLM's final output. Raises PromptRejected and EngineUnavailable for one without an answer."""
    answer = output.outputs[0]
    if answer.finish_reason not in ("stop", "length"):
        if constrained and answer.finish_reason == "error":
            raise PromptRejected("the schema does not compile to a grammar")
        raise EngineUnavailable(f"the engine gave the prompt up ({answer.finish_reason})")
    return Generation(
        text=answer.text,
        finish=answer.finish_reason,
        prompt_tokens=len(output.prompt_token_ids or ()),
        cached_tokens=output.num_cached_tokens or 0,
        output_tokens=len(answer.token_ids),
        seconds=seconds,
    )
