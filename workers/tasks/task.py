"""What a task is: the one interface between a request and the text that answers it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from schemas.ledger import RuleHit
from schemas.provenance import Copy, Provenance
from schemas.request import GenerationRequest
from schemas.tasks import TaskContract
from workers.engines.engine import Prompt, Sampling
from workers.guard.verdict import Grounds, Passage

MAX_REASONS = 4

AGAINST_LOOPS = 0.3
"""The frequency penalty of running text: without one a small model says `100% polyester` until it is stopped."""

ECHO = "prompt-echo"
"""The rule that refuses a text which speaks of its own refusal."""

_ECHO = re.compile(r"\bavoid (?:this|that)\b|\b(?:was|is|were|been) refused\b|\bin the facts\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that may be published if the guard allows it, in pieces with their places.

    `cut_off` says that the model's unfinished last words were left out of it.
    """

    passages: tuple[Passage, ...]
    cut_off: bool = False

    def text(self, place: str) -> str:
        """Give what stands at a place, or nothing."""
        return next((passage.text for passage in self.passages if passage.place == place), "")

    def texts(self, prefix: str) -> tuple[str, ...]:
        """Give what stands at `prefix.0`, `prefix.1` and so on, in order."""
        return tuple(passage.text for passage in self.passages if passage.place.startswith(f"{prefix}."))


class Task(Protocol):
    """Turns a request into a prompt, the model's text into a candidate, and a candidate into a record.

    All of it is pure: the same request gives the same prompt, the same text the same candidate. Facts are untrusted.
    """

    @property
    def contract(self) -> TaskContract:
        """Give what streams and workers agree on about this task."""
        ...

    @property
    def sampling(self) -> Sampling:
        """Give how the model's text is drawn; its schema is the one that `read` understands."""
        ...

    def missing(self, request: GenerationRequest) -> str | None:
        """Say what the request lacks without which nothing can be written, not even a template."""
        ...

    def prompt(self, request: GenerationRequest) -> Prompt | None:
        """Give what the model is asked; None where the template alone is the right answer."""
        ...

    def repair(self, request: GenerationRequest, refused: Candidate | None, hits: tuple[RuleHit, ...]) -> Prompt:
        """Give what the model is asked after its first text was refused, with the reasons."""
        ...

    def read(self, text: str, request: GenerationRequest) -> Candidate | RuleHit:
        """Parse the model's text and complete it with what is computed; a hit says why it is not an answer."""
        ...

    def grounds(self, request: GenerationRequest) -> Grounds:
        """Give everything that the text may claim."""
        ...

    def check(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Give what must not stand in the model's text by this task's own rules, in the whole or in a part of it."""
        ...

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Give what the model's text as a whole must say and does not."""
        ...

    def complete(self, candidate: Candidate, request: GenerationRequest) -> Candidate | None:
        """Make a whole candidate of one that lost sentences; None where too little is left."""
        ...

    def template(self, request: GenerationRequest) -> Candidate | None:
        """Give a text made of facts alone; None where the facts do not suffice or the language has no template."""
        ...

    def compose(self, candidate: Candidate, request: GenerationRequest, provenance: Provenance) -> Copy:
        """Give the record to publish."""
        ...


@runtime_checkable
class HandsOver(Protocol):
    """A task that would rather say that a person takes over than say nothing."""

    def handover(self, request: GenerationRequest) -> Candidate | None:
        """Give the line to publish when everything else was refused."""
        ...


def prompt_about(asked: str, *, system: str, refused: tuple[RuleHit, ...] = ()) -> Prompt:
    """Give the prompt for what is asked; after a refusal, with the reasons.

    These stand before the facts: what stands last a small model takes for what to write about.
    """
    told = (_reasons_in_words(refused), asked) if refused else (asked,)
    return Prompt(system, "\n\n".join((*told, "Answer:")))


def echoes(candidate: Candidate) -> tuple[RuleHit, ...]:
    """Give a hit where the text repeats what the model was told of its first one instead of writing another."""
    said = next((found[0] for one in candidate.passages if (found := _ECHO.search(one.text))), "")
    return (RuleHit(rule=ECHO, detail=f"'{said}' is not about the product"),) if said else ()


def _reasons_in_words(hits: tuple[RuleHit, ...]) -> str:
    """Give what a model is told about the text that was refused."""
    reasons = "; ".join(dict.fromkeys(hit.detail for hit in hits[:MAX_REASONS] if hit.rule != "length"))
    return f"Avoid this: {reasons or 'a text that is too long'}."
