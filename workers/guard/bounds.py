"""How a text bounds or denies a number: at most, over, barely half of, not."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from workers.guard.assertion import denies_number
from workers.guard.numerals import Number
from workers.guard.tokens import Token

_OVER: Final = frozenset("over above beyond exceeding exceed".split())
_UNDER: Final = frozenset("under below beneath".split())
_BARELY: Final = frozenset("barely hardly scarcely".split())
_PARTS: Final = frozenset("half fraction third quarter tenth twice double triple times".split())
_PART_LINKS: Final = frozenset("of the its that this as much a full".split())
_BOUNDS: Final = {
    ("at", "least"): "over",
    ("minimum", "of"): "over",
    ("at", "most"): "limit",
    ("up", "to"): "limit",
    ("maximum", "of"): "limit",
    ("much", "as"): "limit",
    ("many", "as"): "limit",
    ("nowhere", "near"): "part",
    ("far", "from"): "part",
    ("instead", "of"): "than",
}
_BOUNDS_AFTER: Final = {
    ("or", "more"): "over",
    ("and", "more"): "over",
    ("or", "longer"): "over",
    ("at", "least"): "over",
    ("or", "less"): "limit",
    ("or", "fewer"): "limit",
    ("at", "most"): "limit",
}
_DIFFERENCES: Final = frozenset(
    "more less fewer extra too lighter heavier longer shorter wider narrower taller thicker thinner larger smaller "
    "bigger higher lower faster slower".split()
)
"""Right after a measure these make a difference of it: 1.3 kg more, 5 cm too long."""

_COMPARED: Final = {"more": "over", "less": "under", "fewer": "under"}
_OPPOSITE: Final = {"over": "limit", "under": "over"}
"""What a denied bound says: not over 30 °C is at most 30 °C, not under 3 years is 3 years or more."""

_NAMED_BOUNDS: Final = {"max": "limit", "maximum": "limit", "min": "over", "minimum": "over"}


def bound_of(word: str) -> str:
    """Give the bound that a folded word of an attribute's name sets (`max_load` -> `limit`), or nothing."""
    return _NAMED_BOUNDS.get(word, "")


def stance(row: list[Token], number: Number) -> tuple[str, bool]:
    """Give a number's bound and whether it is denied; the denial of a bound is the opposite bound."""
    bound = _bound(row, number.first) or _bound_after(row, number)
    denied = denies_number(row, number.first, max(number.end, number.last))
    return (_OPPOSITE[bound], False) if denied and bound in _OPPOSITE else (bound, denied)


def _bound(row: list[Token], at: int) -> str:
    before = _plain_words(reversed(row[max(0, at - 7) : at]))[::-1]
    if not before:
        return ""
    if bound := _BOUNDS.get((before[-2], before[-1]) if len(before) > 1 else ("", "")):
        return bound
    if before[-1] in _OVER:
        return "over"
    if before[-1] in _UNDER:
        return "under"
    if "than" in before[-3:]:
        return next((_COMPARED[word] for word in reversed(before) if word in _COMPARED), "than")
    near = next((word for word in reversed(before) if word not in _PART_LINKS), "")
    return "part" if near in _PARTS or before[-1] in _BARELY else ""


def _bound_after(row: list[Token], number: Number) -> str:
    after = _plain_words(row[number.end : number.end + 2])
    if after and after[0] in (_DIFFERENCES if number.unit else _COMPARED):
        return "difference" if after[0] != "too" or len(after) > 1 else ""
    if after[:1] in (["max"], ["maximum"]):
        return "limit"
    return _BOUNDS_AFTER.get((after[0], after[1]) if len(after) > 1 else ("", ""), "")


def _plain_words(part: Iterable[Token]) -> list[str]:
    """Give the words in lower case, until a mark or a number."""
    words: list[str] = []
    for token in part:
        if token.kind != "w":
            break
        words.append(token.text.lower())
    return words
