"""Which aspects of a thing a review speaks of, by a vocabulary, and how it judges each, clause by clause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from workers.reviews.lexicon import VOCABULARY, words_of
from workers.reviews.sentiment import sentiment

_CLAUSE: Final = re.compile(
    r"\s*(?:[,;:.!?()\u3001\u3002\uff0c\uff1b\uff1a]|\s-+\s)+\s*"
    r"|\s+(?=(?:but|and|although|though|while|because|however|except|aber|und|obwohl|mais|et|pero|y|aunque)\s)",
    re.IGNORECASE,
)
_FROM_THE_SENTENCE: Final = 0.6
"""What a clause without an opinion of its own takes of its sentence's: the battery, I must say, is bad."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One clause that speaks of an aspect, and how it judges it from -1 to 1; `own`: the clause does so itself."""

    aspect: str
    value: float
    own: bool


@dataclass(frozen=True, slots=True, eq=False)
class AspectWords:
    """The aspects of a language by their words, and by the beginnings of words."""

    words: dict[str, tuple[str, ...]]
    stems: dict[str, tuple[str, ...]]

    def of(self, word: str) -> tuple[str, ...]:
        """Give the aspects that a word speaks of."""
        starts = (word[:length] for length in range(len(word), 2, -1))
        return self.words.get(word) or next((self.stems[start] for start in starts if start in self.stems), ())


def clauses(sentence: str) -> tuple[str, ...]:
    """Cut a sentence at its punctuation and conjunctions."""
    return tuple(one for one in _CLAUSE.split(sentence) if one)


def mentions(sentence: str, language: str) -> Iterator[Mention]:
    """Give each aspect that a sentence speaks of, once a clause."""
    known = aspect_words(language)
    if known is None:
        return
    whole = sentiment(sentence, language)
    for clause in clauses(sentence):
        found = dict.fromkeys(aspect for word in words_of(clause) for aspect in known.of(word))
        if not found:
            continue
        own = sentiment(clause, language)
        value = own.value if own.opinions else _FROM_THE_SENTENCE * whole.value
        yield from (Mention(aspect, value, bool(own.opinions)) for aspect in found)


@cache
def aspect_words(language: str) -> AspectWords | None:
    """Give the aspects' words in a language, or None where we have none."""
    file = VOCABULARY / language / "aspects.txt"
    if not language.isalpha() or not file.is_file():
        return None
    words: dict[str, tuple[str, ...]] = {}
    stems: dict[str, tuple[str, ...]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        aspect, _, some = line.partition(": ")
        for word in some.split() if not line.startswith("#") else ():
            into = stems if word.endswith("*") else words
            name = word.removesuffix("*")
            into[name] = (*into.get(name, ()), aspect)
    return AspectWords(words, stems)
