"""Which words a short text may have: those of its facts, and plain phrasing."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]{3,}")


def stems(text: str) -> frozenset[str]:
    """Give a text's words of three letters and more in lower case, plural signs off."""
    return frozenset(word.removesuffix("s") for word in _WORD.findall(text.lower()))


def strange_words(text: str, *, facts: str, phrasing: frozenset[str]) -> tuple[str, ...]:
    """Give the words of a text that are neither in its facts nor in the stems of plain phrasing, in order."""
    return tuple(sorted(stems(text) - stems(facts) - phrasing))
