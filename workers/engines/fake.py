"""An engine without a model: set latencies, set failures, text by a function. For tests, faults and dry runs."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from math import exp
from pathlib import Path
from typing import Self

from workers.engines.engine import EngineUnavailable, Generation, ModelIdentity, Prompt, PromptRejected, Sampling
from workers.engines.sample_json import sample_json

_START, _FINISH = "start ", "finish "

_TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])")


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeSettings:
    """How long a fake generation takes, and how it goes wrong."""

    median_seconds: float = 0.0
    spread: float = 0.0
    """Sigma of the log-normal latency around the median; 0 makes it constant."""
    seed: int = 0
    slots: int | None = None
    """Generations at once, the others wait; None sets no limit."""
    unavailable_seconds: float = 0.0
    """From entering on, every call raises EngineUnavailable for so long."""
    max_prompt_tokens: int = 8192
    reject_marker: str | None = None
    """A prompt that contains it is rejected for good."""
    kill_marker: str | None = None
    """A prompt that contains it ends this process, as native code would that crashes."""
    kill_after_seconds: float = 0.0
    """How long after its start such a prompt does so."""
    hang_marker: str | None = None
    """From a prompt that contains it on, nothing in this engine ends, and it takes no more steps."""
    hang_after: int | None = None
    """The same from so many generations on, whatever they contain."""
    slow_marker: str | None = None
    slow_seconds: float = 60.0
    """How long a prompt that contains the slow marker takes, whatever the median."""
    ledger: Path | None = None
    """A file that gets a line `start HASH` or `finish HASH` (`prompt_hash`) for each, from any number of processes.

    A line is in the file before the generation goes on, so a process that is killed has written what it did.
    """
    model: ModelIdentity = field(default_factory=lambda: ModelIdentity(name="fake", revision="1"))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many generations this engine has started, finished and aborted."""

    started: int = 0
    finished: int = 0
    aborted: int = 0


@dataclass(frozen=True, slots=True)
class LedgerCounts:
    """How often each prompt, by its hash, was started and finished by all engines that wrote to one ledger."""

    starts: Counter[str]
    finishes: Counter[str]


def read_ledger(path: Path) -> LedgerCounts:
    """Count the lines of a ledger; a file that is not there yet has none."""
    lines = path.read_text().splitlines() if path.exists() else []
    starts = Counter(line.removeprefix(_START) for line in lines if line.startswith(_START))
    finishes = Counter(line.removeprefix(_FINISH) for line in lines if line.startswith(_FINISH))
    return LedgerCounts(starts, finishes)


def prompt_hash(prompt: Prompt) -> str:
    """Name a prompt in the ledger: the same prompt, the same name (sha256, first 16 hex digits)."""
    return hashlib.sha256(f"{prompt.system}\0{prompt.user}".encode()).hexdigest()[:16]


def latency_seconds(prompt: Prompt, settings: FakeSettings) -> float:
    """Draw how long a prompt takes: always the same for the same prompt and seed, whatever runs beside it."""
    if settings.slow_marker and settings.slow_marker in prompt.system + prompt.user:
        return settings.slow_seconds
    # A pseudo-random number is what is wanted here.
    deviate = random.Random(f"{settings.seed}:{prompt_hash(prompt)}").gauss(0.0, settings.spread)  # noqa: S311
    return settings.median_seconds * exp(deviate)


def write_sample(prompt: Prompt, sampling: Sampling) -> str:
    """Give the smallest JSON that the schema allows, or the user's text back where there is no schema."""
    return prompt.user if sampling.json_schema is None else sample_json(sampling.json_schema)


class FakeEngine:
    """Fulfils the Engine protocol without a model; a prompt's latency depends on the seed and the prompt alone."""

    def __init__(
        self, settings: FakeSettings | None = None, write: Callable[[Prompt, Sampling], str] = write_sample
    ) -> None:
        self._settings = settings or FakeSettings()
        self._write = write
        self._slots = asyncio.Semaphore(self._settings.slots) if self._settings.slots else None
        self._systems_seen: set[str] = set()
        self._entered = False
        self._ledger: int | None = None
        self._away_until = 0.0
        self._entered_at = time.monotonic()
        self._hung_at: float | None = None
        self._started = self._finished = self._aborted = 0

    @property
    def model(self) -> ModelIdentity:
        """Name the weights that the settings pretend to serve."""
        return self._settings.model

    @property
    def steps(self) -> tuple[int, float]:
        """Give as many steps as a real engine would have taken, at 0.1 s each, until it hung."""
        seconds = (self._hung_at or time.monotonic()) - self._entered_at
        return int(seconds * 10), seconds

    @property
    def counts(self) -> Counts:
        """Say how many generations have started, finished and been aborted so far."""
        return Counts(self._started, self._finished, self._aborted)

    def go_away(self, *, seconds: float) -> None:
        """Raise EngineUnavailable from every call for so long; what is in flight goes on."""
        self._away_until = time.monotonic() + seconds

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Give the function's text after the set latency."""
        self._check(prompt)
        submitted = time.monotonic()
        self._start(prompt)
        await self._die_of(prompt)
        if self._hangs_at(prompt):
            self._hung_at = self._hung_at or time.monotonic()
        try:
            async with AsyncExitStack() as held:
                if self._slots:
                    await held.enter_async_context(self._slots)
                await asyncio.sleep(latency_seconds(prompt, self._settings))
                if self._hung_at:
                    await asyncio.Event().wait()
        except asyncio.CancelledError:
            self._aborted += 1
            raise
        answer = self._answer(prompt, sampling, submitted)
        self._finish(prompt)
        return answer

    async def __aenter__(self) -> Self:
        if self._settings.ledger:
            self._ledger = os.open(self._settings.ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._entered, self._entered_at = True, time.monotonic()
        self.go_away(seconds=self._settings.unavailable_seconds)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._entered = False
        if self._ledger is not None:
            os.close(self._ledger)
            self._ledger = None

    def _check(self, prompt: Prompt) -> None:
        if not self._entered or time.monotonic() < self._away_until:
            raise EngineUnavailable("the fake engine is away")
        text = prompt.system + prompt.user
        if self._settings.reject_marker and self._settings.reject_marker in text:
            raise PromptRejected("the prompt contains the reject marker")
        if len(_TOKEN.findall(text)) > self._settings.max_prompt_tokens:
            raise PromptRejected(f"the prompt is longer than {self._settings.max_prompt_tokens} tokens")

    def _answer(self, prompt: Prompt, sampling: Sampling, submitted: float) -> Generation:
        tokens = _TOKEN.findall(self._write(prompt, sampling))
        system_tokens = len(_TOKEN.findall(prompt.system))
        cached = system_tokens if prompt.system in self._systems_seen else 0
        self._systems_seen.add(prompt.system)
        return Generation(
            text="".join(tokens[: sampling.max_tokens]),
            finish="stop" if len(tokens) <= sampling.max_tokens else "length",
            prompt_tokens=system_tokens + len(_TOKEN.findall(prompt.user)),
            cached_tokens=cached,
            output_tokens=min(len(tokens), sampling.max_tokens),
            seconds=time.monotonic() - submitted,
        )

    def _start(self, prompt: Prompt) -> None:
        self._started += 1
        self._note(_START, prompt)

    async def _die_of(self, prompt: Prompt) -> None:
        if self._settings.kill_marker and self._settings.kill_marker in prompt.system + prompt.user:
            await asyncio.sleep(self._settings.kill_after_seconds)
            os._exit(137)

    def _hangs_at(self, prompt: Prompt) -> bool:
        marker, after = self._settings.hang_marker, self._settings.hang_after
        return bool(marker and marker in prompt.system + prompt.user) or (after is not None and self._started > after)

    def _finish(self, prompt: Prompt) -> None:
        self._finished += 1
        self._note(_FINISH, prompt)

    def _note(self, what: str, prompt: Prompt) -> None:
        if self._ledger is not None:
            os.write(self._ledger, f"{what}{prompt_hash(prompt)}\n".encode())  # in one write: lines never mix
