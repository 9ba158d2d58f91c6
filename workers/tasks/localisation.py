"""Localisation: a published description said again in another language, with the same claims and no new one."""

from __future__ import annotations

import re
from typing import Final

from schemas.ledger import RuleHit
from schemas.request import Facts, GenerationRequest, PublishedText
from schemas.tasks import LOCALISATION, TaskContract
from workers.engines.engine import Prompt
from workers.guard.text import neutralise, normalise
from workers.tasks.language import language_name
from workers.tasks.product_description import ProductDescriptionTask
from workers.tasks.product_text import product_of
from workers.tasks.task import Candidate, prompt_about

CLAIM_MISSING = "claim-missing"
"""The rule that refuses a translation which lost a number of the original."""

_PLACES: Final = ("Headline", "Body")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_SYSTEM: Final = (
    "You translate a product's description from {source} into {language}. Say the same, add nothing and leave nothing "
    "out. Keep names, numbers and units. Answer as JSON: the body, then the headline, both in {language}."
)


class LocalisationTask(ProductDescriptionTask):
    """Says a description in another language; the record decides about every claim, and fills bullets and template."""

    contract: TaskContract = LOCALISATION

    def missing(self, request: GenerationRequest) -> str | None:
        """Say that the product or the published text are missing."""
        facts = request.facts
        return None if facts and facts.product and facts.published else "a localisation needs a product and its text"

    def ask(self, request: GenerationRequest, refused: tuple[RuleHit, ...] = ()) -> Prompt:
        """Give the prompt for the published text in the request's language."""
        return prompt_about(_asked(request), system=_system(request), refused=refused)

    def lacks(self, candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
        """Miss each number of the original body, and more than the product's name."""
        said = _numbers(candidate.text("body"))
        lost = tuple(
            RuleHit(rule=CLAIM_MISSING, detail=f"the text must say {written}")
            for digits, written in _numbers(_text(request, "body")).items()
            if digits not in said
        )
        return lost or super().lacks(candidate, request)


def _published(request: GenerationRequest) -> PublishedText:
    published = (request.facts or Facts()).published
    if published is None:
        raise ValueError("no published text: `missing` was not asked")
    return published


def _text(request: GenerationRequest, place: str) -> str:
    return next((one.text for one in _published(request).passages if one.place == place), "")


def _system(request: GenerationRequest) -> str:
    source = language_name(_published(request).locale)
    return _SYSTEM.format(source=source, language=language_name(request.locale))


def _asked(request: GenerationRequest) -> str:
    lines = (("Product", product_of(request).title), *((name, _text(request, name.lower())) for name in _PLACES))
    return "\n".join(f"{name}: {neutralise(text)}" for name, text in lines)


def _numbers(text: str) -> dict[str, str]:
    """Give the numbers of a text as written, by their figures alone: 1,200 and 1.200 are one."""
    return {re.sub(r"\D", "", found[0]): found[0] for found in _NUMBER.finditer(normalise(text))}
