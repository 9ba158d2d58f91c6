"""The words of a text, made comparable."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]{3,}")


def stems(text: str) -> frozenset[str]:
    """Give a text's words of three letters and more in lower case, plural signs off."""
    return frozenset(word.removesuffix("s") for word in _WORD.findall(text.lower()))
