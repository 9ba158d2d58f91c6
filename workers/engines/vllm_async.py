"""vLLM with an engine process of its own (AsyncLLM): the form for GPUs."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from workers.engines.engine import (
    EngineDied,
    EngineUnavailable,
    Generation,
    ModelIdentity,
    Prompt,
    PromptRejected,
    RevisionUnusable,
    Sampling,
)
from workers.engines.vllm_request import (
    ServedModel,
    VllmSettings,
    engine_args,
    generation,
    sampling_params,
    served_model,
    set_environment,
)

if TYPE_CHECKING:
    from vllm.lora.request import LoRARequest
    from vllm.v1.engine import EngineCoreOutputs
    from vllm.v1.engine.async_llm import AsyncLLM
    from vllm.v1.engine.core_client import AsyncMPClient


class VllmAsyncEngine:
    """Serves a model in a child process, so that tokenising and Kafka never hold the GPU up.

    A prompt that kills the engine kills the child alone: what is in flight and every later call raise
    EngineUnavailable, and it is for the worker to leave and be started anew.
    """

    def __init__(self, settings: VllmSettings) -> None:
        self._settings = settings
        self._ids = itertools.count()
        self._adapter_numbers = itertools.count(1)
        self._adapters: set[int] = set()
        self._served: ServedModel | None = None
        self._llm: AsyncLLM | None = None
        self._in_flight, self._busy_since = 0, 0.0
        self._steps, self._step_seconds = 0, 0.0

    @property
    def steps(self) -> tuple[int, float]:
        """Give how often the child told of new tokens, and the time between that happening."""
        return self._steps, self._step_seconds

    @property
    def model(self) -> ModelIdentity:
        """Name the weights that serve; valid once entered."""
        return self._started()[0].identity

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Give the model's text for one prompt."""
        return await self.generate_adapted(prompt, sampling, None)

    async def generate_adapted(self, prompt: Prompt, sampling: Sampling, adapter: LoRARequest | None) -> Generation:
        """Give the text of the model with an adapter that was loaded, or without one."""
        submitted = time.monotonic()
        if not self._in_flight:
            self._busy_since = submitted
        self._in_flight += 1
        try:
            return await self._generated(prompt, sampling, adapter, submitted)
        finally:
            self._in_flight -= 1

    def adapted(self, folder: Path, adapter: str) -> VllmAdapter:
        """Give the model with a LoRA adapter, which is loaded while it runs. Raises RevisionUnusable."""
        if not self._settings.max_adapters:
            raise RevisionUnusable("unfit", "this worker keeps no memory for adapters: set SHELFTALK_MAX_ADAPTERS")
        return VllmAdapter(self, folder, adapter, number=next(self._adapter_numbers))

    async def load_adapter(self, request: LoRARequest) -> None:
        """Load an adapter. Raises RevisionUnusable when it does not fit the model."""
        from vllm.exceptions import VLLMError  # noqa: PLC0415 - loaded with the engine

        llm = self._started()[1]
        if len(self._adapters) >= self._settings.max_adapters:
            raise RevisionUnusable("unfit", f"all {self._settings.max_adapters} places for adapters are taken")
        self._adapters.add(request.lora_int_id)
        try:
            await llm.add_lora(request)
        except VLLMError as error:
            raise EngineDied(f"the engine's process has failed: {type(error).__name__}") from error
        except Exception as error:  # what goes wrong in the child comes as nothing more special
            self._adapters.discard(request.lora_int_id)
            raise RevisionUnusable("unfit", f"the engine does not take the adapter: {error}"[:500]) from error

    async def drop_adapter(self, number: int) -> None:
        """Let an adapter go, if the engine still runs."""
        self._adapters.discard(number)
        if self._llm is not None:
            await self._llm.remove_lora(number)

    async def _generated(
        self, prompt: Prompt, sampling: Sampling, adapter: LoRARequest | None, submitted: float
    ) -> Generation:
        served, llm = self._started()
        from vllm.exceptions import VLLMClientError, VLLMError  # noqa: PLC0415 - loaded with the engine
        from vllm.inputs import tokens_input  # noqa: PLC0415

        tokens, params = tokens_input(served.chat_tokens.of(prompt)), sampling_params(sampling)
        try:
            # Closing the stream early, as cancelling does, aborts the request inside the engine.
            name = str(next(self._ids))
            async for output in llm.generate(tokens, params, request_id=name, lora_request=adapter):
                last = output
        except (VLLMClientError, ValueError) as error:
            raise PromptRejected(str(error)) from error
        except VLLMError as error:
            raise EngineDied(f"the engine's process has failed: {type(error).__name__}") from error
        return generation(last, constrained=sampling.json_schema is not None, seconds=time.monotonic() - submitted)

    async def __aenter__(self) -> Self:
        set_environment(self._settings, own_process=True)
        self._served = served_model(self._settings)
        from vllm.engine.arg_utils import AsyncEngineArgs  # noqa: PLC0415 - must follow set_environment
        from vllm.v1.engine.async_llm import AsyncLLM  # noqa: PLC0415

        arguments = engine_args(self._settings, self._served.folder, of=AsyncEngineArgs)
        # On this loop, which stands still until the child answers: its sockets belong to the loop they are made on.
        self._llm = AsyncLLM.from_engine_args(arguments)
        self._listen(self._llm.engine_core)
        return self

    def _listen(self, core: AsyncMPClient) -> None:
        """Count what the child says: we ask it for whole texts only, so that nobody else would see it work."""
        hear = core.get_output_async

        async def heard() -> EngineCoreOutputs:
            asked = time.monotonic()
            outputs = await hear()
            if outputs.outputs:
                self._steps += 1
                self._step_seconds += time.monotonic() - max(asked, self._busy_since)
            return outputs

        core.get_output_async = heard

    async def __aexit__(self, *exc_info: object) -> None:
        if self._llm is not None:
            self._llm.shutdown()
            # vLLM closes its sockets and leaves their context, with its threads, to the garbage collector.
            self._llm.engine_core.resources.ctx.destroy(linger=0)
            self._llm = None

    def _started(self) -> tuple[ServedModel, AsyncLLM]:
        if self._served is None or self._llm is None:
            raise EngineUnavailable("the engine has not been started, or has stopped")
        return self._served, self._llm


class VllmAdapter:
    """The model of an engine that runs, with one LoRA adapter: entering loads it, leaving lets it go."""

    def __init__(self, engine: VllmAsyncEngine, folder: Path, adapter: str, *, number: int) -> None:
        self._engine = engine
        self._folder = folder
        self._adapter = adapter
        self._number = number
        self._request: LoRARequest | None = None

    @property
    def model(self) -> ModelIdentity:
        """Name the model and the adapter."""
        return replace(self._engine.model, adapter=self._adapter)

    @property
    def steps(self) -> tuple[int, float]:
        """Give the steps of the engine, which takes them for all of its adapters together."""
        return self._engine.steps

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Give the adapted model's text for one prompt."""
        if self._request is None:
            raise EngineUnavailable("the adapter has not been loaded, or was let go")
        return await self._engine.generate_adapted(prompt, sampling, self._request)

    async def __aenter__(self) -> Self:
        from vllm.lora.request import LoRARequest  # noqa: PLC0415 - loaded with the engine

        request = LoRARequest(self._adapter, self._number, str(self._folder.resolve()))
        await self._engine.load_adapter(request)
        self._request = request
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._request = None
        await self._engine.drop_adapter(self._number)
