"""The protocol every engine fulfils, and the values that cross it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, Self, runtime_checkable


class EngineError(Exception):
    """Base of all engine errors, named by what a caller does about them.

    EngineError
    ├── EngineUnavailable    pause and try again: the engine is away or starting; the prompt is not to blame
    │   └── EngineDied       start this process again: its engine is dead, and one of the prompts in it may be to blame
    └── PromptRejected       never try again: too long for the model, or a schema it cannot compile
    """


class EngineUnavailable(EngineError):
    """The engine cannot serve now; the same prompt may succeed later (retryable)."""


class EngineDied(EngineUnavailable):
    """The engine died with prompts in it and will not come back in this process (retryable in a fresh one)."""


class PromptRejected(EngineError):
    """The engine will never serve this prompt (permanent)."""


class RevisionUnusable(Exception):
    """A released model cannot be served here as things are; `reason` is `missing`, `changed` or `unfit`."""

    def __init__(self, reason: Literal["missing", "changed", "unfit"], detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Prompt:
    """One chat turn: the system text is shared by many prompts (prefix caching), the user text is not.

    `image` is the picture that is asked about, as the shop names it: only for a model that sees images.
    """

    system: str
    user: str
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How text is drawn: at temperature 0 the same prompt gives the same text."""

    max_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    frequency_penalty: float = 0.0
    """How much less likely each token becomes by each time it was written: what keeps small models out of loops."""
    json_schema: str | None = None
    """A JSON schema that the text must follow (constrained decoding); None leaves the text free."""


@dataclass(frozen=True, slots=True)
class Generation:
    """What came back, and what it cost. `seconds` is wall time from submission to the last token."""

    text: str
    finish: Literal["stop", "length"]
    prompt_tokens: int
    cached_tokens: int
    output_tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which weights wrote a text: a name, and a revision that changes when the weights do."""

    name: str
    revision: str
    adapter: str | None = None
    sees_images: bool = False
    """Whether a prompt may have an image."""


class Engine(Protocol):
    """Generates text for many prompts at once.

    `generate` may be awaited by many tasks concurrently; cancelling the awaiting task aborts the work inside the
    engine. Raises EngineUnavailable and PromptRejected, nothing else. Entering starts it, leaving stops it.
    """

    @property
    def model(self) -> ModelIdentity:
        """Name the weights that serve; valid once entered."""
        ...

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Give the model's text for one prompt."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc_info: object) -> None: ...


@runtime_checkable
class Adapting(Protocol):
    """An engine that serves adapters (LoRA) of its model beside it, while it runs."""

    def adapted(self, folder: Path, adapter: str) -> Engine:
        """Give the same model with an adapter: entering loads it, leaving lets it go. Raises RevisionUnusable."""
        ...


@runtime_checkable
class Stepping(Protocol):
    """An engine that tells how often it gave the prompts in it one more token: one that stops doing so is stuck."""

    @property
    def steps(self) -> tuple[int, float]:
        """Give the number of steps so far that did something, and the seconds that they took together."""
        ...
