"""Warnings turned round: `not for children under 3 years` in the record, `for children under 3 years` in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from schemas.ledger import RuleHit
from workers.guard.text import normalise, sentences
from workers.guard.verdict import Source
from workers.tasks.task import Candidate

# ruff: noqa: SIM905  (a word list reads best as lines)

TURNED_WARNING = "turned-warning"
"""The rule that refuses what the record says only with a denial before it."""

_DENYING = r"\b(?:not|never|no|nor|don't|mustn't|shouldn't|cannot|can't|unsuitable|avoid|without|keep away)\b"
_DENIAL = re.compile(_DENYING, re.IGNORECASE)
_DENIED_LIST = re.compile(rf"{_DENYING}[^.;:!?(]*\bor\b", re.IGNORECASE)
"""`Do not bleach, iron or tumble dry`: one denial up to the last of the list."""

_CLAUSE_END = re.compile(r"[.;:!?,(]")
_WORD = re.compile(r"[^\W_]+")
_WINDOW = 3
_SHORTEST = 3
_SMALL = frozenset(
    "a an the for in on at to of by with from be is are it its this that any all only just more most very too "
    "have has do does use used yet so as if when than under over".split()
)
"""Words that alone are no warning."""


def turned_warnings(candidate: Candidate, sources: tuple[Source, ...]) -> tuple[RuleHit, ...]:
    """Give a hit for the first run of three words, or denied word, that the record only denies and the text affirms.

    Bullets are the record's own words.
    """
    warned = _only_denied(sources)
    if not warned:
        return ()
    told = [passage.text for passage in candidate.passages if not passage.place.startswith("bullets")]
    turned = sorted(warned & {run for text in told for run in _affirmed(text)})
    return tuple(RuleHit(rule=TURNED_WARNING, detail=f"'{' '.join(run)}' is denied in the facts") for run in turned[:1])


@lru_cache(maxsize=256)
def _only_denied(sources: tuple[Source, ...]) -> frozenset[tuple[str, ...]]:
    """Give the runs of words that the record denies and nowhere affirms."""
    denied = frozenset(run for source in sources for run in _denied(source.text))
    return denied - {run for source in sources for run in _affirmed(source.text)} if denied else denied


def turned_round(candidate: Candidate, sources: tuple[Source, ...]) -> tuple[RuleHit, ...]:
    """Give a hit for what the sources only deny and the text affirms, and for what they only affirm and it denies."""
    denied = {word for source in sources for word in _denied_words(source.text)}
    affirmed = {_verb(word) for source in sources for word in _words(source.text)} - denied
    told = {word for passage in candidate.passages for word in _denied_words(passage.text)}
    new = tuple(RuleHit(rule=TURNED_WARNING, detail=f"'{word}' is not denied") for word in sorted(told & affirmed)[:1])
    return (*turned_warnings(candidate, sources), *new)


def _denied_words(text: str) -> Iterator[str]:
    """Give the words that a denial is about: the first few after it that are more than small."""
    for clause in _clauses(text):
        if found := _DENIAL.search(clause):
            after = re.split(r"\bbut\b", clause[found.end() :], flags=re.IGNORECASE)[0]
            yield from [_verb(word) for word in _words(after) if word not in _SMALL][:_WINDOW]


def _clauses(text: str) -> Iterator[str]:
    for sentence in sentences(normalise(text)):
        whole = _DENIED_LIST.sub(lambda found: found[0].replace(",", " or"), sentence)
        yield from _CLAUSE_END.split(whole)


def _denied(text: str) -> Iterator[tuple[str, ...]]:
    for clause in _clauses(text):
        if found := _DENIAL.search(clause):
            denied = clause[found.end() :]
            yield from _runs(denied)
            yield from _told_first(denied)


def _affirmed(text: str) -> Iterator[tuple[str, ...]]:
    for clause in _clauses(text):
        found = _DENIAL.search(clause)
        affirmed = clause[: found.start()] if found else clause
        yield from _runs(affirmed)
        yield from ((_verb(word),) for word in _words(affirmed))


def _told_first(denied: str) -> Iterator[tuple[str, ...]]:
    """Give what stands right after a denial, and after each `or` behind it: up to two words, if the first tells.

    `not bleach`, `never leave unattended`; in `not for children under 3` the runs of three words decide.
    """
    for part in re.split(r"\b(?:or|and|nor)\b", denied, flags=re.IGNORECASE):
        words = _words(part)[:2]
        if words and words[0] not in _SMALL:
            yield from ((_verb(word),) for word in words if word not in _SMALL)


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _words(text)
    for start in range(len(words) - _WINDOW + 1):
        yield tuple(words[start : start + _WINDOW])


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _verb(word: str) -> str:
    """Give a word without the ending of a verb: bleach, bleached, bleaching; iron, ironed; immerse, immersing.

    Unlike `schemas.wording.stem` it joins `washable` with `wash`, and some irregular verbs: warnings are about doing.
    """
    word = {"left": "leave", "kept": "keep", "worn": "wear"}.get(word, word)
    shorter = re.sub(r"(?:ing|ed|es|s|e|able)$", "", word)
    return shorter if len(shorter) >= _SHORTEST else word
