"""A request and a text for it as one training example: the worker's own prompt, and only what its guard would publish.

The worker's whole ladder is climbed once with an engine that answers with the given text, so that prompt, voice and
verdict are those of production by construction.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import Final, Self

from deploy.evaluation.examples import ABOUT_PRODUCTS
from schemas.request import GenerationRequest
from training.examples import Example, Message, hidden
from workers.engines.engine import Generation, ModelIdentity, Prompt, Sampling
from workers.generate import Effort, generate_and_check
from workers.guard.guard import guard
from workers.guard.verdict import Grounds, Passage
from workers.outcome import Undeliverable, Withheld, Written
from workers.tasks.hostile import is_hostile
from workers.tasks.product_facts import attribute_facts

_NOBODY: Final = ModelIdentity("rehearsal", "0")
_ONCE: Final = Effort(repairs=0, guard_seconds=120.0)

_PERSONAL: Final = "personal-data"
_MAYBE_PERSONAL: Final = re.compile(r"@|[\[(]at[\])]|\d(?:\D{0,3}\d){6}")
"""Without one of these the guard's rule, which is dear, finds nothing."""

ASKS_NO_MODEL: Final = "the worker asks no model for it"
SAYS_NOTHING: Final = "its record says nothing"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not learned from, and why."""

    source: str
    reason: str


@dataclass(slots=True)
class Rehearsal:
    """An engine that answers everything with one text and remembers what it was asked first."""

    text: str
    prompts: list[Prompt] = field(default_factory=list)
    model: ModelIdentity = _NOBODY

    async def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:
        """Give the text."""
        self.prompts.append(prompt)
        return Generation(self.text, "stop", 0, 0, 0, 0.0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Leave nothing behind."""


def lesson(request: GenerationRequest, answer: str, *, wanted: bool = True, source: str = "") -> Example | LeftOut:
    """Give the example of an answer as the model writes it (the task's JSON), or why there is none.

    A wanted answer is one that the guard lets pass as it stands; of one that is not wanted only the prompt is judged.
    """
    name = source or request.subject
    if _says_nothing(request):
        return LeftOut(name, SAYS_NOTHING)
    rehearsal = Rehearsal(answer)
    outcome = asyncio.run(generate_and_check(request, engine=rehearsal, now_ms=lambda: 0, effort=_ONCE))
    if isinstance(outcome, Undeliverable):
        return LeftOut(name, str(outcome.error_class))
    if not rehearsal.prompts:
        return LeftOut(name, ASKS_NO_MODEL)
    prompt = rehearsal.prompts[0]
    if reason := unfit(answer, asked=prompt.user):
        return LeftOut(name, reason)
    if wanted and (rule := _refused(outcome)):
        return LeftOut(name, f"refused: {rule}")
    messages = (Message("system", prompt.system), Message("user", prompt.user))
    return Example(request.task, name, tuple(one for one in messages if one.content), answer, wanted)


def _says_nothing(request: GenerationRequest) -> bool:
    """Say whether a product's record has nothing to tell: whatever is learned from it is invention."""
    product = request.facts.product if request.facts else None
    if request.task not in ABOUT_PRODUCTS or product is None:
        return False
    return not attribute_facts(product) and not product.description


def unfit(answer: str, *, asked: str = "") -> str | None:
    """Say what is wrong with texts that nobody should learn from, whoever allowed them."""
    if sign := hidden(f"{asked}\n{answer}"):
        return f"hidden character: {sign}"
    if _is_personal(f"{asked}\n{_spoken(answer)}"):
        return "personal data"
    return "orders to the machine" if is_hostile(_spoken(answer)) else None


def _is_personal(text: str) -> bool:
    if not _MAYBE_PERSONAL.search(text):
        return False
    verdict = guard((Passage("prompt", text, len(text)),), Grounds((), "en"))
    return any(hit.rule == _PERSONAL for hit in verdict.hits)


def _spoken(answer: str) -> str:
    """Give the texts of a task's JSON, without its braces."""
    try:
        told = json.loads(answer)
    except ValueError:
        return answer
    return " ".join(map(str, told.values())) if isinstance(told, dict) else answer


def _refused(outcome: Written | Withheld) -> str | None:
    if isinstance(outcome, Withheld):
        return outcome.record.hits[-1].rule if outcome.record.hits else "withheld"
    made = outcome.copy.provenance
    return None if made.origin == "model" else made.reasons[0] if made.reasons else made.origin
