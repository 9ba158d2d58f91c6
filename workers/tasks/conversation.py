"""A question within its conversation: what it asks after what was asked before, and how the shopper feels."""

from __future__ import annotations

import re
from typing import Final

from schemas.request import Question
from workers.guard.text import normalise
from workers.locale.formats import language_of
from workers.reviews.sentiment import sentiment
from workers.tasks.prose import telling

_BAD: Final = -0.5
"""What a clause says that most people would call a strong complaint, by the reviews' own model."""

_CLAUSE_END: Final = re.compile(r"(?<=[.!?,;])\s+")
_LEAST_LETTERS: Final = 12


def asked(question: Question) -> str:
    """Give what is asked: a question that names nothing of its own ("And inside?") goes on from the one before."""
    before = question.earlier[-1].question if question.earlier else ""
    own = telling(question.text)
    return f"{before} {question.text}".strip() if before and not own - telling(before) else question.text


def is_asked_again(question: Question) -> bool:
    """Say whether the shopper asks the same once more: no answer was one, and a person should look."""
    own = telling(question.text)
    return bool(own) and any(telling(turn.question) == own for turn in question.earlier)


def is_unhappy(question: Question, locale: str) -> bool:
    """Say whether the shopper complains of something, be it of another product."""
    return bool(_complaints(question, locale))


def is_very_angry(question: Question, locale: str) -> bool:
    """Say whether a shopper complains twice in one question, or once and loudly (an exclamation mark, capitals)."""
    complaints = _complaints(question, locale)
    letters = [letter for letter in question.text if letter.isalpha()]
    shouts = len(letters) >= _LEAST_LETTERS and sum(map(str.isupper, letters)) > len(letters) / 2
    return len(complaints) > 1 or (bool(complaints) and ("!" in complaints[0] or shouts))


def _complaints(question: Question, locale: str) -> list[str]:
    language = language_of(locale)
    clauses = _CLAUSE_END.split(normalise(question.text))
    return [clause for clause in clauses if sentiment(clause, language).value <= _BAD]
