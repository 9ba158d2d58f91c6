"""Warnings turned round: `not for children under 3 years` in the record, `for children under 3 years` in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.ledger import RuleHit
from workers.guard.text import normalise, sentences
from workers.guard.verdict import Source
from workers.tasks.task import Candidate

TURNED_WARNING = "turned-warning"
"""The rule that refuses what the record says only with a denial before it."""

_DENIAL = re.compile(r"\b(?:not|never|no|don't|cannot|can't|unsuitable|avoid|without|keep away)\b", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[.;:!?,(]")
_WORD = re.compile(r"[^\W_]+")
_WINDOW = 3


def turned_warnings(candidate: Candidate, sources: tuple[Source, ...]) -> tuple[RuleHit, ...]:
    """Give a hit for each run of three words that the record only denies and the text affirms."""
    denied = {run for source in sources for run in _denied_runs(source.text)}
    affirmed = {run for passage in candidate.passages for run in _affirmed_runs(passage.text)}
    own = {run for source in sources for run in _affirmed_runs(source.text)}
    turned = sorted((denied & affirmed) - own)
    return tuple(RuleHit(rule=TURNED_WARNING, detail=f"'{' '.join(run)}' is denied in the facts") for run in turned[:1])


def _denied_runs(text: str) -> Iterator[tuple[str, ...]]:
    for clause in _CLAUSE_END.split(normalise(text)):
        if found := _DENIAL.search(clause):
            yield from _runs(clause[found.end() :])


def _affirmed_runs(text: str) -> Iterator[tuple[str, ...]]:
    for sentence in sentences(normalise(text)):
        for clause in _CLAUSE_END.split(sentence):
            found = _DENIAL.search(clause)
            yield from _runs(clause[: found.start()] if found else clause)


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = [word.lower() for word in _WORD.findall(text)]
    for start in range(len(words) - _WINDOW + 1):
        yield tuple(words[start : start + _WINDOW])
