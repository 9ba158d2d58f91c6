"""What two words have in common: one way to compare them, for whoever asks and whoever answers."""

from __future__ import annotations

import re
from typing import Final

_ENDING: Final = re.compile(r"(?:ing|ed|es|s|e)$")


def stem(word: str) -> str:
    """Give a word in lower case without the endings of number and tense: washes, washed, washing; batteries; sizes.

    Cruder than the guard, on purpose: it finds what may answer, and never decides what is true.
    """
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    shorter = _ENDING.sub("", word)
    return shorter if len(shorter) > 2 else word
