"""The words of a text, made comparable."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]{3,}")


def singulars(text: str) -> frozenset[str]:
    """Give a text's words of three letters and more in lower case, a final `s` off and nothing else.

    `washes` stays another word than `wash`: a field of that name says for how many times a soap lasts.
    """
    return frozenset(word.removesuffix("s") for word in _WORD.findall(text.lower()))
