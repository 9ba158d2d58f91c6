"""Sizes that are letters: XS, M, 2XL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from workers.guard.tokens import Token

_LETTERS: Final = re.compile("(X{0,4})([SML])")
_WORDS: Final = {"small": -1, "medium": 0, "large": 1}
_FOLDS: Final = frozenset(
    ["small", "medium", "large", "s", "m", "l", *("x" * n + end for n in range(1, 5) for end in "sl")]
)
"""What a size is folded to."""

_NAMES: Final = frozenset(["size", "sizes"])
_JOINS: Final = frozenset(["-", "\u2013", "/", ",", "to", "or", "and"])
_PASSED_OVER: Final = frozenset(["to", "or", "and", "is", "are", "in", "a", "x", "extra"])
LETTERS: Final = frozenset(["xl", "xs"])
"""What a number of X is written before: 2XL."""


class LetterSize(NamedTuple):
    """A size at tokens [first, last): M is 0, each step up or down is one."""

    rank: int
    first: int
    last: int


def rank(letters: str, times: int) -> int:
    """Give the rank of `xl` or `xs` with so many X."""
    return 1 + times if letters == "xl" else -1 - times


def letter_sizes(row: list[Token], *, sized: bool) -> Iterator[LetterSize]:
    """Give the sizes in a row of tokens.

    XL and XS always are; S, M, L and small, medium, large only after `size`, in a row of sizes, or with `sized`.
    """
    if _FOLDS.isdisjoint([token.fold for token in row]):
        return
    after_size = False
    for place, token in enumerate(row):
        if token.kind != "w":
            after_size = after_size and token.text in _JOINS
            continue
        lowered = token.text.lower()
        if lowered in _NAMES:
            after_size = True
            continue
        found = _rank_of(row, place)
        if found is not None and (
            sized or after_size or _is_unmistakable(token.text) or _has_sized_neighbour(row, place)
        ):
            yield found
            after_size = True
        elif lowered not in _PASSED_OVER:
            after_size = False


def _rank_of(row: list[Token], place: int) -> LetterSize | None:
    token = row[place]
    if letters := _LETTERS.fullmatch(token.text):
        if (place and row[place - 1].end == token.start) or (letters[1] and letters[2] == "M"):
            return None
        base = {"S": -1, "M": 0, "L": 1}[letters[2]]
        return LetterSize(base * (1 + len(letters[1])), place, place + 1)
    if (word := _WORDS.get(token.text.lower())) is None:
        return None
    extra = place - 2 if place > 1 and row[place - 1].text == "-" else place - 1
    if extra >= 0 and row[extra].text.lower() in ("x", "extra"):
        return LetterSize(word * 2, extra, place + 1)
    return LetterSize(word, place, place + 1)


def _is_unmistakable(written: str) -> bool:
    return written.startswith("X") and _LETTERS.fullmatch(written) is not None


def _has_sized_neighbour(row: list[Token], place: int) -> bool:
    """Say whether XL, XS or another letter stands right beside, joined: `S, M, L`, `S-XL`."""
    if not _LETTERS.fullmatch(row[place].text):
        return False
    before = place >= 2 and row[place - 1].text in _JOINS and _LETTERS.fullmatch(row[place - 2].text)
    after = place + 2 < len(row) and row[place + 1].text in _JOINS and _LETTERS.fullmatch(row[place + 2].text)
    return bool(before or after)
