"""What a question asks, in words that can be compared: small words out, endings folded."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# ruff: noqa: SIM905  (word lists read best as lines)

ALIKE: Final = 0.6
"""From this share of common words on (Jaccard) two questions are shown to a person as one."""

_WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_FILLER: Final = frozenset(
    "a an and any are as at be been but by can come comes could did do does for from get got had has have i if in is "
    "it it's its just me my of on or our please product really should so some than that the their them then there "
    "these they this those to too us use used very was we well were will would you your hi hello thanks".split()
)
"""Words without which a question still asks the same; what it asks for (how, how much, which) is none of them."""

_ASKING: Final = frozenset("how what when where which who why long many much big one ones not no never".split())
"""Words that ask or deny, and name nothing that an answer could be found by."""

_DENYING: Final = frozenset("not no never without cannot".split())


def asked(text: str) -> tuple[str, ...]:
    """Give the words of a question that make it this question, in their order, endings folded."""
    found = _WORD.findall(unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'"))
    return tuple(stem(_spoken_out(word)) for word in found if word not in _FILLER)


def telling(words: tuple[str, ...]) -> frozenset[str]:
    """Give those words that name something."""
    return frozenset(words) - _ASKING


def is_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Say whether two questions have most words in common, the same numbers, and both or neither deny."""
    left, right = frozenset(one), frozenset(other)
    differing = left ^ right
    if any(word[0].isdigit() for word in differing) or bool(left & _DENYING) != bool(right & _DENYING):
        return False
    return len(left & right) >= ALIKE * len(left | right)


def stem(word: str) -> str:
    """Give a word without the endings of number and tense: washes, washed, washing; batteries; sizes."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    shorter = re.sub(r"(?:ing|ed|es|s|e)$", "", word)
    return shorter if len(shorter) > 2 else word


def _spoken_out(word: str) -> str:
    return "not" if word.endswith("n't") else word
