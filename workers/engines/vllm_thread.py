"""vLLM in this process, on a thread of its own: one import instead of three, and the fastest form on a CPU."""

from __future__ import annotations

import asyncio
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol, Self, TypeVar

from workers.engines.engine import (
    EngineDied,
    EngineError,
    EngineUnavailable,
    Generation,
    ModelIdentity,
    Prompt,
    PromptRejected,
    Sampling,
)
from workers.engines.vllm_request import ServedModel, VllmSettings
from workers.engines.vllm_stepper import load_stepper

log = logging.getLogger(__name__)

T = TypeVar("T")

# A step this short computed nothing: everything in the engine waits for a grammar that is being compiled.
_IDLE_STEP_SECONDS = 0.0002
_GRAMMAR_WAIT_SECONDS = 0.001

# A step takes a tenth of a second: a thread that stands in one for longer is hung, and goes with the process.
_LEAVE_SECONDS = 5.0


class Stepper(Protocol):
    """What the thread drives: VllmStepper, or a test's stand-in."""

    @property
    def busy(self) -> bool:
        """Say whether a step has anything to do."""
        ...

    def add(self, request_id: str, tokens: list[int], sampling: Sampling) -> None:
        """Take a prompt in. Raises PromptRejected."""
        ...

    def abort(self, request_id: str) -> None:
        """Stop working on a prompt."""
        ...

    def step(self) -> list[tuple[str, Generation | EngineError]]:
        """Give every running prompt one more token; give those that are finished, without their wall time."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """One prompt on its way through the engine."""

    request_id: str
    tokens: list[int]
    sampling: Sampling
    answer: asyncio.Future[Generation]
    submitted: float


@dataclass(frozen=True, slots=True)
class _Abort:
    """The word that nobody waits for this prompt any more."""

    request_id: str


class _Stop:
    """The word to leave."""


class VllmThreadEngine:
    """Serves a model with vLLM's own loop on one thread of this process.

    A crash inside the loop fails everything in flight and every later call with EngineUnavailable; a crash of the
    native code ends the process, which the worker's offsets survive. Callers may live on any event loop.
    """

    def __init__(
        self,
        settings: VllmSettings,
        load: Callable[[VllmSettings], tuple[ServedModel, Stepper]] = load_stepper,
    ) -> None:
        self._settings = settings
        self._load = load
        self._inbox: queue.SimpleQueue[_Job | _Abort | _Stop] = queue.SimpleQueue()
        self._ids = itertools.count()
        self._jobs: dict[str, _Job] = {}  # the engine thread's alone
        self._gate = threading.Lock()  # between "is it open" and "put it in" nothing may close
        self._open = False
        self._served: ServedModel | None = None
        self._thread: threading.Thread | None = None
        self._steps, self._step_seconds = 0, 0.0

    @property
    def steps(self) -> tuple[int, float]:
        """Give the number of steps that computed something, and their seconds."""
        return self._steps, self._step_seconds

    @property
    def model(self) -> ModelIdentity:
        """Name the weights that serve; valid once entered."""
        return self._ready().identity

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Give the model's text for one prompt."""
        job = _Job(
            request_id=str(next(self._ids)),
            tokens=self._ready().chat_tokens.of(prompt),
            sampling=sampling,
            answer=asyncio.get_running_loop().create_future(),
            submitted=time.monotonic(),
        )
        self._put(job)
        try:
            return await job.answer
        except asyncio.CancelledError:
            self._inbox.put(_Abort(job.request_id))
            raise

    async def __aenter__(self) -> Self:
        started: asyncio.Future[ServedModel] = asyncio.get_running_loop().create_future()
        self._inbox = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, args=(started,), name="vllm", daemon=True)
        self._thread.start()
        try:
            self._served = await started
        except asyncio.CancelledError:
            self._inbox.put(_Stop())
            raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._inbox.put(_Stop())
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, _LEAVE_SECONDS)
            if self._thread.is_alive():
                log.error("the engine does not come out of its step: it is left behind")
            self._thread = None

    def _ready(self) -> ServedModel:
        if self._served is None:
            raise EngineUnavailable("the engine has not been started")
        return self._served

    def _put(self, job: _Job) -> None:
        with self._gate:
            if not self._open:
                raise EngineUnavailable("the engine has stopped")
            self._inbox.put(job)

    # From here on: the engine's thread.

    def _serve(self, started: asyncio.Future[ServedModel]) -> None:
        try:
            served, stepper = self._load(self._settings)
        except Exception as error:  # whatever it is, it is the starter's to hear
            _tell(started, error)
            return
        self._open = True
        _tell(started, served)
        reason = EngineUnavailable("the engine has stopped")
        try:
            self._run(stepper)
        except Exception:
            log.exception("the engine's loop has crashed")
            reason = EngineDied("the engine's loop has crashed")
        finally:
            self._close(reason)
            _put_away(stepper)

    def _run(self, stepper: Stepper) -> None:
        """Take in, step, hand out, until told to stop; blocks while there is nothing to do."""
        while self._take_in(stepper):
            begun = time.monotonic()
            finished = stepper.step()
            took = time.monotonic() - begun
            for request_id, answer in finished:
                self._hand_out(request_id, answer)
            if not finished and took < _IDLE_STEP_SECONDS:
                time.sleep(_GRAMMAR_WAIT_SECONDS)
            else:
                self._steps, self._step_seconds = self._steps + 1, self._step_seconds + took

    def _take_in(self, stepper: Stepper) -> bool:
        """Take what has come in, waiting for it when the engine is idle; False is the word to leave."""
        while True:
            try:
                message = self._inbox.get(block=not stepper.busy)
            except queue.Empty:
                return True
            match message:
                case _Job():
                    self._add(stepper, message)
                case _Abort(request_id):
                    if self._jobs.pop(request_id, None):
                        stepper.abort(request_id)
                case _Stop():
                    return False

    def _add(self, stepper: Stepper, job: _Job) -> None:
        try:
            stepper.add(job.request_id, job.tokens, job.sampling)
        except PromptRejected as error:
            _tell(job.answer, error)
        else:
            self._jobs[job.request_id] = job

    def _hand_out(self, request_id: str, answer: Generation | EngineError) -> None:
        job = self._jobs.pop(request_id, None)
        if job is None:
            return  # aborted in the same step
        if isinstance(answer, Generation):
            answer = replace(answer, seconds=time.monotonic() - job.submitted)
        _tell(job.answer, answer)

    def _close(self, reason: EngineUnavailable) -> None:
        """Let nobody in any more, and tell everybody who waits."""
        with self._gate:
            self._open = False
        waiting = list(self._jobs.values())
        self._jobs.clear()
        while not self._inbox.empty():
            message = self._inbox.get()
            waiting += [message] if isinstance(message, _Job) else []
        for job in waiting:
            _tell(job.answer, reason)


def _put_away(stepper: Stepper) -> None:
    try:
        stepper.close()
    except Exception:
        log.exception("what is left of the engine could not be put away")


def _tell(future: asyncio.Future[T], outcome: T | Exception) -> None:
    """Resolve a future of another thread's loop, unless it is done or its loop is gone."""

    def resolve() -> None:
        if future.done():
            return
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)

    with suppress(RuntimeError):  # the loop is closed: nobody is left to be told
        future.get_loop().call_soon_threadsafe(resolve)
