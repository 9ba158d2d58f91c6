"""The requests of a run: distinct prompts, a few for shoppers who wait, some repeated, some replaced by newer ones."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from schemas.request import Facts, GenerationRequest
from tests.factories import facts_of, product, question_facts, request

WITHHELD = "WITHHOLDTHIS"
"""In a title: the test worker withholds the text."""
SLOW = "SLOWPROMPT"
"""In a title: the engine takes long for it."""
KILLER = "KILLERPROMPT"
"""In a title: the engine ends the worker's process."""

_INTERACTIVE = 0.05
_WITHHELD = 0.01


@dataclass(frozen=True, slots=True)
class Mix:
    """Which shares of the requests are no plain first ones."""

    repeated: float = 0.02
    """The same request id again, a little later."""
    newer: float = 0.03
    """A newer version of a subject that was asked for shortly before."""
    older: float = 0.01
    """An older version of it, arriving late."""


PLAIN = Mix(0.0, 0.0, 0.0)


def orders(mark: str, count: int, random: Random, mix: Mix = Mix()) -> list[GenerationRequest]:
    """Give so many requests; the same mark, count and chance give the same ones."""
    made: list[GenerationRequest] = []
    versions: dict[str, int] = {}
    while len(made) < count:
        chance = random.random()
        recent = made[random.randrange(max(0, len(made) - 60), len(made))] if made else None
        if recent and chance < mix.repeated:
            made.append(recent)
        elif recent and chance < mix.repeated + mix.newer:
            version = versions[recent.subject] = versions[recent.subject] + 1
            made.append(order(mark, recent.subject, task=recent.task, version=version))
        elif recent and chance < mix.repeated + mix.newer + mix.older and versions[recent.subject] > 1:
            late = order(mark, recent.subject, task=recent.task, version=random.randrange(1, versions[recent.subject]))
            made.append(late.model_copy(update={"request_id": f"{late.request_id}-late{len(made)}"}))
        else:
            task = "support-reply" if random.random() < _INTERACTIVE else "product-description"
            subject = f"{mark}-S{len(made)}"
            versions[subject] = 1
            title = f"Jacket {WITHHELD}" if random.random() < _WITHHELD else "Jacket"
            made.append(order(mark, subject, task=task, title=title))
    return made


def order(
    mark: str,
    subject: str,
    *,
    task: str = "product-description",
    version: int = 1,
    title: str = "Jacket",
    text: str = "A soft fleece jacket with two zip pockets.",
) -> GenerationRequest:
    """Give one request; subject and version name it."""
    one = product(subject, version=version, title=title, description=text)
    facts = question_facts(one=one) if task == "support-reply" else Facts(product=facts_of(one, "brand", "description"))
    return request(f"{subject}-v{version}", task=task, subject=subject, version=version, facts=facts)
