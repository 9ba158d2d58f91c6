"""What a question asks, in words that can be compared: small words out, endings folded, in the shops' languages."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from streams.question_words import ASKING, CHINESE, DENYING, spoken

ALIKE: Final = 0.6
"""From this share of common words on (Jaccard) two questions are shown to a person as one."""

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_WORD: Final = re.compile(rf"\d+(?:[.,]\d+)*|[{_HAN}]|[^\W\d_{_HAN}]+(?:'[^\W\d_]+)?")
_ELISION: Final = re.compile(r"\b(?:[cdjlmnst]|qu)'(?=[^\W\d_])")
"""A French word that has lost its vowel: l'eau, qu'il; of n' the denial is pas. An English one ends so: it's."""

_YES_OR_NO: Final = re.compile(r"(.)[不没]\1")
"""Asked by a choice: 能不能, 有没有 deny nothing."""


def asked(text: str) -> tuple[str, ...]:
    """Give the words of a question that make it this question, in their order, endings folded."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    found = _WORD.findall(_ELISION.sub("", _YES_OR_NO.sub(r"\1", plain)))
    language = spoken(found, frozenset(plain))
    filler = language.filler | CHINESE.filler
    return tuple(language.bare(_spoken_out(word)) for word in found if word not in filler)


def telling(words: tuple[str, ...]) -> frozenset[str]:
    """Give those words that name something."""
    return frozenset(words) - ASKING


def is_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Say whether two questions have most words in common, the same numbers, and both or neither deny."""
    left, right = frozenset(one), frozenset(other)
    differing = left ^ right
    if any(word[0].isdigit() for word in differing) or bool(left & DENYING) != bool(right & DENYING):
        return False
    return len(left & right) >= ALIKE * len(left | right)


def _spoken_out(word: str) -> str:
    return "not" if word.endswith("n't") else word
