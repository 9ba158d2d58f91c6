"""The requests of a run: distinct prompts, a few for shoppers who wait, some repeated, some replaced by newer ones."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from schemas.request import Facts, GenerationRequest
from schemas.tasks import LOCALISATION
from tests.factories import facts_of, product, question_facts, request

WITHHELD = "WITHHOLDTHIS"
"""In a title: the test worker withholds the text."""
SLOW = "SLOWPROMPT"
"""In a title: the engine takes long for it."""
KILLER = "KILLERPROMPT"
"""In a title: the engine ends the worker's process."""
HANGS = "HANGSPROMPT"
"""In a title: the engine does nothing any more, for any request, and a step of the streams never ends where told to."""
FAILS_ONCE = "FAILSONCE"
"""In a title: an error at the first try in a process, of a step of the streams or of a baseline's engine."""
FAILS_ALWAYS = "FAILSALWAYS"
"""In a title: an error in a step of the streams at every try."""

_WITHHELD = 0.01
_RECENT = 60


@dataclass(frozen=True, slots=True)
class Mix:
    """Which shares of the requests are no plain first ones."""

    repeated: float = 0.02
    """The same request id again, a little later."""
    newer: float = 0.03
    """A newer version of a subject that was asked for shortly before."""
    older: float = 0.01
    """An older version of it, arriving late."""
    interactive: float = 0.05
    """For shoppers who wait."""
    withdrawn: float = 0.02
    """A withdrawal of what was asked for shortly before, at its own version or at a newer one."""
    localised: float = 0.0
    """Of the first ones, what was asked for shortly before in another language: a text of its own in the same topic."""


PLAIN = Mix(repeated=0.0, newer=0.0, older=0.0, withdrawn=0.0)


def orders(mark: str, count: int, random: Random, mix: Mix = Mix()) -> list[GenerationRequest]:
    """Give so many requests; the same mark, count and chance give the same ones."""
    made: list[GenerationRequest] = []
    renewed: list[GenerationRequest] = []
    while len(made) < count:
        chance = random.random()
        if made and chance < mix.repeated:
            made.append(random.choice(made[-_RECENT:]))
        elif made and chance < mix.repeated + mix.newer:
            last = random.choice(made[-_RECENT:])
            renewed.append(order(mark, last.subject, task=last.task, version=len(made) + 2))
            made.append(renewed[-1])
        elif renewed and chance < mix.repeated + mix.newer + mix.older:
            newer = random.choice(renewed[-_RECENT // 10 :])
            made.append(order(mark, newer.subject, task=newer.task, version=random.randrange(2, newer.source_version)))
        elif made and chance > 1 - mix.withdrawn:
            last = random.choice(made[-_RECENT:])
            made.append(withdrawal(last, version=random.choice((last.source_version, len(made) + 2))))
        else:
            made.append(_first(mark, made, random, mix))
    return made


def _first(mark: str, made: list[GenerationRequest], random: Random, mix: Mix) -> GenerationRequest:
    if made and mix.localised and random.random() < mix.localised:
        return order(mark, random.choice(made[-_RECENT:]).subject, task=LOCALISATION.name, version=len(made) + 2)
    task = "support-reply" if random.random() < mix.interactive else "product-description"
    title = f"Jacket {WITHHELD}" if random.random() < _WITHHELD else "Jacket"
    return order(mark, f"{mark}-S{len(made)}", task=task, title=title)


def withdrawal(of: GenerationRequest, *, version: int) -> GenerationRequest:
    """Give a request that takes back what another asks for."""
    changes = {"action": "withdraw", "facts": None, "source_version": version}
    return of.model_copy(update=changes | {"request_id": f"{_named(of.subject, version, of.task)}-withdrawn"})


def order(
    mark: str,
    subject: str,
    *,
    task: str = "product-description",
    version: int = 1,
    title: str = "Jacket",
) -> GenerationRequest:
    """Give one request; subject, version and, for another language, the task name it."""
    one = product(subject, version=version, title=title)
    facts = question_facts(one=one) if task == "support-reply" else Facts(product=facts_of(one, "brand", "description"))
    locale = "de" if task == LOCALISATION.name else "en"
    name = _named(subject, version, task)
    return request(name, task=task, subject=subject, version=version, facts=facts, locale=locale)


def _named(subject: str, version: int, task: str) -> str:
    return f"{subject}-v{version}" + ("-localised" if task == LOCALISATION.name else "")
