"""Figures and number words in a row of tokens, read as exact values with the unit that follows."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from workers.guard.number_words import MAGNITUDES, STARTS, is_number_word, spelled
from workers.guard.tokens import Gloss, Token
from workers.guard.unit_signs import currency_before, dollars, unit_after
from workers.guard.units import FOOT, INCH, UNITS, Unit

__all__ = ["Number", "is_number_word", "numbers_in"]

_DECIMAL_COMMA: Final = frozenset("de fr es it pt nl da sv nb no fi pl cs ru tr".split())

_SPACE_GROUPS: Final = frozenset("fr es pt pl cs ru sv nb no fi".split())
"""Languages that group thousands by spaces; in the others two numbers side by side are two."""

_FRACTION_BARS: Final = frozenset("/\u2044")
_COMPOUND: Final = frozenset(["length", "mass", "volume", "time", "calendar"])
"""What is given in two units at once: 5 ft 10 in, 5 lb 3 oz, 1 h 30 min."""


class Number(NamedTuple):
    """A number found: its tokens [first, last), its value, its unit if one follows, what was read up to `end`.

    `step` is one in the last place written, in the number's own unit: 1/100 for 2.50, 1/8 for 3/8.
    """

    value: Fraction
    first: int
    last: int
    end: int
    unit: Unit | None = None
    suffix: str = ""
    step: Fraction = Fraction(1)


def numbers_in(row: list[Token], locale: str) -> tuple[Number, ...]:
    """Give the numbers in a row of tokens, left to right, separators read as the locale writes them."""
    found: list[Number] = []
    for position in [place for place, token in enumerate(row) if token.kind == "n" or token.fold in STARTS]:
        if found and position < found[-1].end:
            continue
        number = _number_at(row, position, locale)
        if number is not None:
            found.append(_compound(row, number, locale))
    return tuple(found)


def _compound(row: list[Token], number: Number, locale: str) -> Number:
    """Join what is given in two units: 5'10", 5 lb 3 oz, 1 hour and 30 minutes."""
    unit, at = number.unit, number.end
    if unit is None or unit.dimension not in _COMPOUND or number.value.denominator != 1 or at >= len(row):
        return number
    if row[at].text == "-" or row[at].fold == "and":
        at += 1
    if at >= len(row) or row[at].kind != "n":
        return number
    rest = _number_at(row, at, locale)
    if rest is None:
        return number
    bare_inches = unit is FOOT and rest.unit is None and row[at].start == row[number.end - 1].end == row[at - 1].end
    smaller = INCH if bare_inches and not rest.suffix else rest.unit
    if smaller is None or smaller.dimension != unit.dimension or not smaller.factor * rest.value < unit.factor:
        return number
    share = smaller.factor / unit.factor
    return number._replace(
        value=number.value + rest.value * share, last=rest.last, end=rest.end, step=rest.step * share
    )


def _number_at(row: list[Token], at: int, locale: str) -> Number | None:
    token = row[at]
    read = _digits(row, at, locale) if token.kind == "n" else _in_words(row, at)
    if read is None:
        return None
    value, step, last = _with_half(row, *_magnified(row, *read))
    sign, value = currency_before(row, at, locale), _signed(row, at, value)
    unit, end = unit_after(row, last)
    if unit is UNITS["$"]:
        unit = dollars(locale)
    if unit is None and sign is None and token.fold in ("one", "half") and last == at + 1:
        return None
    suffix = "" if unit or sign else _suffix(row, last) or _prefix(row, at)
    return Number(value, at, last, end if unit else last + bool(_suffix(row, last)), unit or sign, suffix, step)


_Read = tuple[Fraction, Fraction, int]
"""A value, one in its last place, and the position after it."""


def _in_words(row: list[Token], at: int) -> _Read | None:
    """Read number words, and `half a` where a unit follows."""
    if read := spelled(row, at):
        return read[0], Fraction(1), read[1]
    if row[at].fold != "half":
        return None
    following = at + 2 if _text_at(row, at + 1) in ("a", "an") else at + 1
    unit, _ = unit_after(row, following)
    return (Fraction(1, 2), Fraction(1, 2), following) if unit else None


def _digits(row: list[Token], at: int, locale: str) -> _Read:
    """Read digits, `1/2`, `2 1/2` and `2-1/2`."""
    written, grouped = row[at].text, at
    spaced, decimal_comma = _separators(locale)
    while spaced and _continues_group(row, grouped, written):
        grouped += 1
        written += row[grouped].text
    value, step = _decimal(written, decimal_comma=decimal_comma)
    if grouped > at:
        return value, step, grouped + 1
    fraction = _fraction(row, at)
    if fraction is not None:
        return fraction, Fraction(1, fraction.denominator), at + 3
    rest_at = at + 2 if _text_at(row, at + 1) == "-" and row[at + 1].start == row[at].end else at + 1
    if value.denominator == 1 and rest_at < len(row) and row[rest_at].kind == "n":
        rest = _fraction(row, rest_at)
        if rest is not None:
            return value + rest, Fraction(1, rest.denominator), rest_at + 3
    return value, step, at + 1


def _continues_group(row: list[Token], at: int, written: str) -> bool:
    """Say whether the next token is three more digits of the same number: `12 000`."""
    if at + 1 >= len(row) or row[at + 1].kind != "n" or row[at + 1].start != row[at].end + 1:
        return False
    return written.isdigit() and len(row[at].text) <= 3 and len(row[at + 1].text.partition(",")[0]) == 3


@lru_cache(maxsize=64)
def _separators(locale: str) -> tuple[bool, bool]:
    """Say whether the locale groups thousands by spaces, and whether its comma is decimal."""
    language = locale.partition("-")[0].lower()
    return language in _SPACE_GROUPS, language in _DECIMAL_COMMA


def _fraction(row: list[Token], at: int) -> Fraction | None:
    if at + 2 >= len(row) or row[at + 1].text not in _FRACTION_BARS or row[at + 2].kind != "n":
        return None
    above, below = row[at].text, row[at + 2].text
    if not (above.isdigit() and below.isdigit()) or int(below) not in (2, 3, 4, 5, 6, 8, 10, 16, 32, 64):
        return None
    return Fraction(int(above), int(below)) if int(above) < int(below) else None


@lru_cache(maxsize=8_192)
def _decimal(written: str, *, decimal_comma: bool) -> tuple[Fraction, Fraction]:
    """Read digits with separators: the last one is decimal unless it groups thousands in this locale."""
    decimal, group = (",", ".") if decimal_comma else (".", ",")
    if _GROUPED[group].fullmatch(written):
        written = written.replace(group, "")
    if decimal in written and group in written and written.rindex(group) > written.rindex(decimal):
        decimal, group = group, decimal
    if written.count(decimal) > 1 or (decimal not in written and written.count(group) > 1):
        return Fraction(re.sub("[.,]", "", written)), Fraction(1)
    if decimal not in written:
        decimal, group = group, decimal
    plain = written.replace(group, "").replace(decimal, ".")
    return Fraction(plain), Fraction(1, 10 ** len(plain.partition(".")[2]))


_GROUPED: Final = {",": re.compile(r"\d{1,3}(,\d{3})+"), ".": re.compile(r"\d{1,3}(\.\d{3})+")}


def _magnified(row: list[Token], value: Fraction, step: Fraction, last: int) -> _Read:
    """Read `million` after digits."""
    while last < len(row) and row[last].kind == "w" and row[last].fold in MAGNITUDES:
        times = MAGNITUDES[row[last].fold]
        value, step, last = value * times, step * times, last + 1
    return value, step, last


def _with_half(row: list[Token], value: Fraction, step: Fraction, last: int) -> _Read:
    """Read `and a half` after a number."""
    if last < len(row) and row[last].fold == "and" and [one.fold for one in row[last + 1 : last + 3]] == ["a", "half"]:
        return value + Fraction(1, 2), Fraction(1, 2), last + 3
    return value, step, last


def _signed(row: list[Token], at: int, value: Fraction) -> Fraction:
    """Give the value with the minus before it, which stands apart from what comes before and touches the number."""
    if at == 0 or row[at - 1].text not in ("-", "\u2212") or row[at - 1].end != row[at].start:
        return value
    free = at == 1 or row[at - 2].end < row[at - 1].start or row[at - 2].text in "(["
    return -value if free and not (at > 1 and row[at - 2].kind == "n") else value


def _is_letters(token: Token) -> bool:
    return token.kind == "w" and not isinstance(token, Gloss)


def _suffix(row: list[Token], at: int) -> str:
    """Give the letters that touch a number and are no unit: the `XL` of 2XL, the `K` of 4K."""
    if at < len(row) and _is_letters(row[at]) and row[at].start == row[at - 1].end:
        return row[at].fold
    return ""


def _prefix(row: list[Token], at: int) -> str:
    """Give the letters that a number touches: the `IP` of IP67, the `UPF` of UPF50."""
    if at > 0 and _is_letters(row[at - 1]) and row[at - 1].end == row[at].start:
        return row[at - 1].fold
    return ""


def _text_at(row: list[Token], at: int) -> str:
    return row[at].text.lower() if at < len(row) else ""
