"""Whether a word is one of its language, so that what is none stands out as a name (word forms: simplemma)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import simplemma

from workers.guard.glossary import Glossary, fold, glossary

_DICTIONARIES: Final = frozenset(("de", "en", "es", "fr", "it", "nl", "pt"))
_SHORTEST_PART: Final = 4


@lru_cache(maxsize=65_536)
def is_known(word: str, language: str) -> bool:
    """Say whether a dictionary of the language has the word in lower case, or its parts.

    Those are the halves of a compound (`Lieblingsbegleiter`), and a verb with pronouns after it (`disfrútela`). A
    language without spaces has no dictionary here: a word in Latin letters is none of its words.
    """
    plain = word.lower()
    if language not in _DICTIONARIES:
        return False
    if simplemma.is_known(plain, lang=language):
        return True
    words = glossary(language)
    return words is not None and (_is_compound(plain, words) or _has_pronouns(plain, words))


def _is_compound(word: str, words: Glossary) -> bool:
    """Say whether a language that writes compounds knows both halves of this one."""
    if not words.links:
        return False
    halves = ((word[:at], word[at:]) for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1))
    return any(
        simplemma.is_known(second, lang=words.language) and any(_is_head(head, words) for head in _heads(first, words))
        for first, second in halves
    )


def _heads(first: str, words: Glossary) -> tuple[str, ...]:
    return (first, *(first.removesuffix(link) for link in words.links if first.endswith(link)))


def _is_head(word: str, words: Glossary) -> bool:
    return len(word) >= _SHORTEST_PART and simplemma.is_known(word, lang=words.language)


def _has_pronouns(word: str, words: Glossary) -> bool:
    """Say whether a verb is left without the pronouns at its end, and without the accent that they bring."""
    verbs = (fold(word.removesuffix(one)) for one in words.clitics if word.endswith(one))
    return any(len(verb) >= _SHORTEST_PART and simplemma.is_known(verb, lang=words.language) for verb in verbs)
