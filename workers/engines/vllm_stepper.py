"""vLLM's synchronous engine behind the few verbs that a thread needs to drive it."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

from workers.engines.engine import EngineError, Generation, PromptRejected, Sampling
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
    from vllm.v1.engine.core_client import InprocClient
    from vllm.v1.engine.llm_engine import LLMEngine


_turn = threading.Lock()
"""Held by whoever loads, steps or closes: vLLM keeps what it is at (its forward context, its current settings) in
globals of the process, so that of several engines in it only one may be at something.
"""

_PATIENCE_SECONDS = 1.0

_running: set[VllmStepper] = set()


class VllmStepper:
    """Drives one LLMEngine inside this process. Every method belongs to the thread that made it, in its turn."""

    def __init__(self, llm: LLMEngine) -> None:
        self._llm = llm
        self._constrained: dict[str, bool] = {}

    @property
    def busy(self) -> bool:
        """Say whether a step has anything to do."""
        return bool(self._llm.has_unfinished_requests())

    def add(self, request_id: str, tokens: list[int], sampling: Sampling) -> None:
        """Take a prompt in. Raises PromptRejected."""
        from vllm.exceptions import VLLMClientError  # noqa: PLC0415 - loaded with the engine
        from vllm.inputs import tokens_input  # noqa: PLC0415

        try:
            self._llm.add_request(request_id, tokens_input(tokens), sampling_params(sampling))
        except (VLLMClientError, ValueError) as error:
            raise PromptRejected(str(error)) from error
        self._constrained[request_id] = sampling.json_schema is not None

    def abort(self, request_id: str) -> None:
        """Stop working on a prompt."""
        self._constrained.pop(request_id, None)
        self._llm.abort_request([request_id])

    def step(self) -> list[tuple[str, Generation | EngineError]]:
        """Give every running prompt one more token; give those that are finished, without their wall time."""
        finished: list[tuple[str, Generation | EngineError]] = []
        # Another engine may load for long: who waits for its turn does not stand still, and says so by coming back.
        if not _turn.acquire(timeout=_PATIENCE_SECONDS):
            return finished
        try:
            outputs = self._llm.step()
        finally:
            _turn.release()
        for output in outputs:
            constrained = self._constrained.pop(output.request_id, False)
            try:
                finished.append((output.request_id, generation(output, constrained=constrained)))
            except EngineError as error:
                finished.append((output.request_id, error))
        return finished

    def close(self) -> None:
        """Give the memory back, and with the last engine of this process the process groups: one may start again."""
        with _turn:
            _running.discard(self)
            if _running:
                self._close_alone()
            else:
                self._llm.engine_core.shutdown()
            del self._llm
            gc.collect()

    def _close_alone(self) -> None:
        """Do what vLLM does at a shutdown, but for the process groups: the other engines of this process use them."""
        client: InprocClient = self._llm.engine_core
        client._finalizer.detach()  # it would shut down everything, as soon as the client is collected
        core = client.engine_core
        core.structured_output_manager.clear_backend()
        core.model_executor.shutdown()
        core.scheduler.shutdown()


def load_stepper(settings: VllmSettings) -> tuple[ServedModel, VllmStepper]:
    """Import vLLM, load the model and be ready to step. Takes half a minute or more. Raises ModelNotFound."""
    set_environment(settings, own_process=False)
    served = served_model(settings)
    from vllm.engine.arg_utils import EngineArgs  # noqa: PLC0415 - must follow set_environment
    from vllm.v1.engine.llm_engine import LLMEngine  # noqa: PLC0415

    with _turn:
        stepper = VllmStepper(LLMEngine.from_engine_args(engine_args(settings, served.folder, of=EngineArgs)))
        _running.add(stepper)
    return served, stepper
