"""The unit or currency that stands beside a number in a row of tokens."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from itertools import pairwise
from typing import Final

from workers.guard.number_words import SMALL
from workers.guard.tokens import Token
from workers.guard.units import (
    CELSIUS,
    DOLLARS,
    FAHRENHEIT,
    FOOT,
    INCH,
    LONG_STARTS,
    LONGEST,
    UNITS,
    Unit,
    unit_named,
)

_INCH_AFTER: Final = frozenset("wide long tall high deep thick diameter x by across".split())
_INCH_MARKS: Final = frozenset('"\u2033\u201d')
_FOOT_MARKS: Final = frozenset("'\u2032\u2019")
_OPENING: Final = frozenset('"\u201c')
_TOUCHING: Final = {"C": CELSIUS, "F": FAHRENHEIT, "w": UNITS["W"], "v": UNITS["V"]}
"""Units only where they touch the number: 40C, 12v."""


def currency_before(row: list[Token], at: int, locale: str) -> Unit | None:
    """Read the currency before a number: `$`, `USD`, and `A$`, which is not the `$` of the United States."""
    if at == 0:
        return None
    sign = row[at - 1].text
    unit = UNITS.get(sign)
    if unit is None or not unit.dimension.startswith("money"):
        return None
    if sign != "$":
        return unit
    near = row[at - 2].text if at > 1 and row[at - 2].end == row[at - 1].start else ""
    return (UNITS.get(f"{near}$") if near else None) or dollars(locale)


def dollars(locale: str) -> Unit:
    """Give what `$` alone means where the locale is spoken."""
    return DOLLARS.get(locale.rpartition("-")[2].upper(), UNITS["$"])


def unit_after(row: list[Token], at: int) -> tuple[Unit | None, int]:
    """Read the unit at this position, after a hyphen or a point (`49. ml`) if need be; gives it and where it ends."""
    if at >= len(row):
        return None, at
    attached = row[at].start == row[at - 1].end
    if attached and row[at].kind == "m" and (mark := _mark(row, at)):
        return mark
    if row[at].text in "-." and attached and at + 1 < len(row) and row[at + 1].kind == "w":
        at += 1
    written = row[at].text
    if written in ("in", "In", "IN"):
        return (INCH, at + 1) if _is_inch(row, at, attached=attached) else (None, at)
    if attached and written in _TOUCHING:
        return _TOUCHING[written], at + 1
    most = min(LONGEST, len(row) - at) if written.lower() in LONG_STARTS else 1
    for length in range(most, 1, -1):
        unit = _joined(row[at : at + length])
        if unit is not None:
            return unit, at + length
    unit = unit_named(written) if attached or len(written) > 1 else _letter(row, at)
    return unit, at + (unit is not None)


def _letter(row: list[Token], at: int) -> Unit | None:
    """Read a unit of one letter that stands apart: `12 v`; not the letter of `2 V-neck tees` and `5 v 5`."""
    following = row[at + 1] if at + 1 < len(row) else None
    if following and following.text == "-" and row[at].end == following.start:
        return None
    versus = row[at].text == "v" and following is not None and following.kind == "n"
    return UNITS["V"] if row[at].text == "v" and not versus else unit_named(row[at].text)


def _mark(row: list[Token], at: int) -> tuple[Unit, int] | None:
    """Read the marks of inches and feet, unless one closes a quotation."""
    if row[at].text in _FOOT_MARKS:
        if at + 1 < len(row) and row[at + 1].text in _FOOT_MARKS and row[at + 1].start == row[at].end:
            return INCH, at + 2
        return FOOT, at + 1
    if row[at].text not in _INCH_MARKS:
        return None
    opened = any(
        token.text in _OPENING and (place == 0 or row[place - 1].kind != "n") for place, token in enumerate(row[:at])
    )
    return None if opened else (INCH, at + 1)


def _joined(part: list[Token]) -> Unit | None:
    words = [one.text for one in part if one.text not in "-._"]
    unit = UNITS.get("|".join(words).lower()) or UNITS.get("".join(words))
    if unit is None or part[-1].text in "-._":
        return None
    loose = any(after.kind == "n" and after.start != before.end for before, after in pairwise(part))
    return None if loose else unit


def _is_inch(row: list[Token], at: int, *, attached: bool) -> bool:
    """Tell `5in`, `5-in.` and `5 in wide` from `2 in 1` and `5 in stock`."""
    following = row[at + 1] if at + 1 < len(row) else None
    if following is None:
        return True
    if following.text == "-" or following.fold in SMALL:
        return False
    if attached and following.kind != "n":
        return True
    return following.kind == "x" or following.text in (")", ",", ";", ".") or following.fold in _INCH_AFTER
