"""Which side or use of a thing a measure is of: width or height, charging or running."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from typing import Final

from workers.guard.numerals import Number
from workers.guard.tokens import Token

_ROLES: Final = {
    form: role
    for role, forms in {
        "width": "width wide breadth",
        "height": "height high tall",
        "length": "length long",
        "depth": "depth deep",
        "diameter": "diameter across",
        "thickness": "thickness thick",
        "weight": "weight weigh weighing weighed",
        "capacity": "capacity hold volume",
        "warranty": "warranty guarantee",
        "charging": "charge charging recharge",
        "running": "battery runtime playtime playback run last",
        "age": "age old aged",
        "inseam": "inseam",
        "chest": "chest bust",
        "waist": "waist",
        "serving": "serving",
    }.items()
    for form in forms.split()
}
"""Which side or use of a thing a measure is of: a width does not support a height."""


_SIDES: Final = frozenset("width height length depth diameter thickness inseam chest waist".split())
_TIMES: Final = frozenset("warranty running age".split())
_TIES: Final = frozenset("of in wide high tall long deep across thick old".split())
"""Right after a measure these tie the side to it, whatever stands before: 7 cm in height, 5 cm wide."""

_ROLE_ENDS: Final = frozenset("and or but with plus while".split())
_VERBS: Final = frozenset(
    "weighs holds charges lasts runs is are was were has have had gives makes keeps measures offers takes".split()
)
"""Where what is said of a measure ends: in `1.3 kg and holds 2 l`, the 1.3 kg are no capacity."""


def role_of(word: str) -> str:
    """Give the side or use that a folded word names (`wide` -> `width`), or nothing."""
    return _ROLES.get(word, "")


def measured_role(row: list[Token], number: Number, dimension: str) -> str:
    """Give the side or use that is measured: `5 cm wide`, `2 hours of charging`, else the words before, then after.

    A word of another dimension (`high` beside hours) is no role.
    """
    after = _role_after(row, number.end, dimension)
    before = _role_before(row, number.first, dimension)
    tied = number.end < len(row) and row[number.end].text.lower() in _TIES
    return after if after and (tied or not before) else before


def _role_after(row: list[Token], at: int, dimension: str) -> str:
    for token in row[at : at + 2]:
        plain = token.text.lower()
        if (token.kind != "w" and plain != "-") or plain in _ROLE_ENDS or plain in _VERBS:
            return ""
        if role := _fitting(token.fold, dimension):
            return role
    return ""


def _role_before(row: list[Token], at: int, dimension: str) -> str:
    for token in reversed(row[max(0, at - 5) : at]):
        if (token.kind != "w" and token.text not in ":-") or token.text.lower() in _ROLE_ENDS:
            return ""
        if role := _fitting(token.fold, dimension):
            return role
    return ""


def _fitting(word: str, dimension: str) -> str:
    role = role_of(word)
    if role in _SIDES:
        return role if dimension == "length" else ""
    if role == "weight":
        return role if dimension == "mass" else ""
    return role if role not in _TIMES or dimension in ("time", "calendar") else ""
