"""Examples that a teacher writes: a larger model's texts, where the guard lets them pass, for a small one to learn.

Sequence-level distillation (Kim and Rush 2016); of a text that the guard cut, what was left is learned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path

from deploy.dataset.answers import answer_of, places_of_copy
from deploy.dataset.lesson import LeftOut, lesson
from deploy.evaluation.examples import Asked, read
from deploy.evaluation.run import Answer, answers
from training.examples import Example
from workers.engines.engine import Engine

_OWN = frozenset({"model", "repaired"})


def from_teacher(data: Iterable[Path], asked: Asked, teacher: Engine) -> Iterator[Example | LeftOut]:
    """Let a model answer what files ask, and give what is published in its own words; raises NoExamples."""
    told = [one for path in data for one in read(path, asked)]
    for place, one in enumerate(asyncio.run(answers(told, teacher))):
        yield _example(one, f"{one.example.request.subject}/{place}+taught")


def _example(one: Answer, name: str) -> Example | LeftOut:
    if one.copy is None or one.origin not in _OWN:
        return LeftOut(name, f"the teacher's text: {one.origin}")
    request = one.example.request
    answer = answer_of(request.task, places_of_copy(one.copy))
    return lesson(request, answer, source=name) if answer else LeftOut(name, "no text")
