"""Words that are the negation of another word: who says `unscented` denies `scented`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from workers.guard.known import is_known
from workers.guard.tokens import Token

_PREFIXES: Final = ("un", "non")
_SUFFIX: Final = "less"
_SHORTEST: Final = 4
"""Letters of what is left: `union` is no negation of `ion`."""

_CLASSES: Final = frozenset(["type", "style"])
_IS: Final = frozenset([":", "=", "is", "are"])
_NEAR: Final = 3


def negated_words(row: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Give the words that a row of tokens negates by words of its own, and where: unscented, fragrance free."""
    for place, (_, text, fold, _, _) in enumerate(row):
        if fold == "free" and place:
            yield place, row[place - 1 - (row[place - 1].text == "-")].text.lower()
        elif fold == "non" and len(row) > place + 2:
            yield place, row[place + 1 + (row[place + 1].text == "-")].text.lower()
        elif (fold[:2] == "un" or fold[:3] == "non" or fold[-4:] == "less") and (base := negated(text.lower())):
            yield place, base


@lru_cache(maxsize=16_384)
def negated(word: str) -> str:
    """Give the English word that a word in lower case negates: unscented, sleeveless, nonslip; else nothing."""
    left = (word.removeprefix(one) for one in _PREFIXES if word.startswith(one))
    bases = (*left, word.removesuffix(_SUFFIX) if word.endswith(_SUFFIX) else "")
    return next((base for base in bases if len(base) >= _SHORTEST and is_known(base, "en")), "")


def value_negates(row: Sequence[Token], at: int) -> str:
    """Give what the value of a name that ends before token `at` negates: `the scent is unscented`; else nothing."""
    while at < len(row) and row[at].fold in _CLASSES:
        at += 1
    if at >= len(row) or row[at].text.lower() not in _IS:
        return ""
    return next((base for _, base in negated_words(row[at + 1 : at + 1 + _NEAR])), "")
