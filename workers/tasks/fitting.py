"""Texts made to fit a place: by whole sentences, by whole clauses, by whole words."""

from __future__ import annotations

import re

from workers.guard.text import joined, normalise, sentences
from workers.tasks.answer import whole_sentences

# ruff: noqa: SIM905  (a word list reads best as lines)

_CLAUSE_ENDS = re.compile(r"[,;:]\s|\s(?:and|with|while|which|so)\s")
_TIED = re.compile(
    r"\b(?:between|both|either|neither|from|not|no|only|except|excluding|but|unless|if|when|without)\b", re.IGNORECASE
)
"""Words for which what comes after the comma or the `and` may be what matters."""

_DANGLING = frozenset("a an the and or of in on for with by to from at as is its & - , x".split())
_SHORTEST_CLAUSE_WORDS = 4


def told(text: str, max_characters: int) -> str:
    """Give the whole sentences of a model's text, each once; where none is whole, the first clauses that fit."""
    return each_once(whole_sentences(text)) or _first_clauses(normalise(text), max_characters)


def each_once(text: str) -> str:
    """Give the text without the sentences that it has said before."""
    kept: dict[str, str] = {}
    for sentence in sentences(text):
        kept.setdefault(sentence.lower(), sentence)
    return joined(kept.values())


def leading(text: str, max_characters: int) -> str:
    """Give as many of the first sentences as fit."""
    kept = ""
    for sentence in sentences(text):
        longer = joined((kept, sentence)) if kept else sentence
        if len(longer) > max_characters:
            break
        kept = longer
    return kept


def fitting(text: str, max_characters: int) -> str:
    """Give the first sentences that fit, those too long left out; where none fits, a sentence's first clauses."""
    short = joined(one for one in sentences(text) if len(one) <= max_characters)
    return leading(short, max_characters) or next(
        (part for one in sentences(text) if (part := _first_clauses(one, max_characters))), ""
    )


def at_word(text: str, max_characters: int) -> str:
    """Give as many of the first words as fit, and no word at the end that calls for another one."""
    text = normalise(text)
    if len(text) <= max_characters:
        return text
    words = text[: max_characters + 1].split(" ")[:-1]
    while words and (words[-1].lower().strip(",") in _DANGLING or not words[-1].strip(",-")):
        words.pop()
    return " ".join(words).rstrip(",;:-")


def headline_of(text: str) -> str:
    """Give the first sentence without its full stop: a headline is one."""
    return next(iter(sentences(normalise(text))), "").rstrip(".\u3002")


def _first_clauses(sentence: str, max_characters: int) -> str:
    """Give the longest beginning of a sentence that ends with a clause and fits, with a full stop; else nothing."""
    if _TIED.search(sentence):
        return ""
    ends = [found.start() for found in _CLAUSE_ENDS.finditer(sentence) if found.start() < max_characters]
    clauses = (sentence[:end] for end in reversed(ends))
    whole = next((clause for clause in clauses if len(clause.split()) >= _SHORTEST_CLAUSE_WORDS), "")
    return f"{whole}." if whole else ""
