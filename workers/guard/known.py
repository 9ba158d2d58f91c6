"""Whether a word is one of its language, so that what is none stands out as a name (word forms: simplemma)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import simplemma

_DICTIONARIES: Final = frozenset(("de", "en", "es", "fr", "it", "nl", "pt"))
_COMPOUNDING: Final = frozenset(("de",))
_SHORTEST_PART: Final = 4
_LINKS: Final = ("", "s", "n", "en", "es", "-")


@lru_cache(maxsize=65_536)
def is_known(word: str, language: str) -> bool:
    """Say whether a dictionary of the language has the word in lower case, or both halves of a German compound.

    A language without spaces has no dictionary here: a word in Latin letters is none of its words.
    """
    plain = word.lower()
    if language not in _DICTIONARIES:
        return False
    if simplemma.is_known(plain, lang=language):
        return True
    return language in _COMPOUNDING and any(_halves(plain, at, language) for at in range(_SHORTEST_PART, len(plain)))


def _halves(word: str, at: int, language: str) -> bool:
    first, second = word[:at], word[at:]
    if len(second) < _SHORTEST_PART or not simplemma.is_known(second, lang=language):
        return False
    heads = (first.removesuffix(link) for link in _LINKS)
    return any(len(head) >= _SHORTEST_PART and simplemma.is_known(head, lang=language) for head in heads)
