"""Figures and number words in a row of tokens, read as exact values with the unit that follows."""

# ruff: noqa: SIM905  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from workers.guard.tokens import Token
from workers.guard.units import FOOT, INCH, LONGEST, UNITS, Unit, unit_named

_WORDS: Final = {
    word: Fraction(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {
    word: Fraction(10 * value)
    for value, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), start=3)
}
_MAGNITUDES: Final = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 10**9,
    "dozen": 12,
    "trio": 3,
    "quartet": 4,
}
_DECIMAL_COMMA: Final = frozenset("de fr es it pt nl da sv nb no fi pl cs ru tr".split())

_SPACE_GROUPS: Final = frozenset("fr es pt pl cs ru sv nb no fi".split())
"""Languages that group thousands by spaces; in the others two numbers side by side are two."""

_INCH_AFTER: Final = frozenset("wide long tall high deep thick diameter x by across".split())
_FRACTION_BARS: Final = frozenset("/\u2044")


@dataclass(frozen=True, slots=True)
class Number:
    """A number found: its tokens [first, last), its value, its unit if one follows, what was read up to `end`."""

    value: Fraction
    first: int
    last: int
    end: int
    unit: Unit | None = None
    suffix: str = ""


def is_number_word(word: str) -> bool:
    """Say whether a folded word is a number spelled out (`three`, `one`, `dozen`)."""
    return word in _WORDS or word in _MAGNITUDES


def numbers_in(row: list[Token], locale: str) -> Iterator[Number]:
    """Give the numbers in a row of tokens, left to right, separators read as the locale writes them."""
    position = 0
    while position < len(row):
        number = _number_at(row, position, locale)
        if number is None:
            position += 1
            continue
        yield number
        position = max(number.end, position + 1)


def _number_at(row: list[Token], at: int, locale: str) -> Number | None:
    token = row[at]
    if token.kind == "n":
        value, last = _digits(row, at, locale)
    elif token.kind == "w" and (token.fold in _WORDS or token.fold in _MAGNITUDES or token.fold == "half"):
        read = _spelled(row, at)
        if read is None:
            return None
        value, last = read
    else:
        return None
    value, last = _magnified(row, value, last)
    sign, value = _symbol_before(row, at), _signed(row, at, value)
    unit, end = _unit_after(row, last)
    if unit is None and sign is None and token.kind == "w" and token.fold in ("one", "half"):
        return None
    suffix = "" if unit or sign else _suffix(row, last) or _prefix(row, at)
    return Number(value, at, last, end if unit else last + bool(_suffix(row, last)), unit or sign, suffix)


def _digits(row: list[Token], at: int, locale: str) -> tuple[Fraction, int]:
    """Read digits, `1/2` and `2 1/2`; gives the value and the position after it."""
    written, grouped = row[at].text, at
    while _language(locale) in _SPACE_GROUPS and _continues_group(row, grouped, written):
        grouped += 1
        written += row[grouped].text
    if grouped > at:
        return _decimal(written, locale), grouped + 1
    value = _decimal(written, locale)
    fraction = _fraction(row, at)
    if fraction is not None:
        return fraction, at + 3
    if "." not in row[at].text and "," not in row[at].text and at + 1 < len(row) and row[at + 1].kind == "n":
        rest = _fraction(row, at + 1)
        if rest is not None and rest < 1:
            return value + rest, at + 4
    return value, at + 1


def _continues_group(row: list[Token], at: int, written: str) -> bool:
    """Say whether the next token is three more digits of the same number: `12 000`."""
    if at + 1 >= len(row) or row[at + 1].kind != "n" or row[at + 1].start != row[at].end + 1:
        return False
    return written.isdigit() and len(row[at].text) <= 3 and len(row[at + 1].text.partition(",")[0]) == 3


def _language(locale: str) -> str:
    return locale.partition("-")[0].lower()


def _fraction(row: list[Token], at: int) -> Fraction | None:
    if at + 2 >= len(row) or row[at + 1].text not in _FRACTION_BARS or row[at + 2].kind != "n":
        return None
    above, below = row[at].text, row[at + 2].text
    if not (above.isdigit() and below.isdigit()) or int(below) not in (2, 3, 4, 5, 6, 8, 10, 16, 32, 64):
        return None
    return Fraction(int(above), int(below)) if int(above) < int(below) else None


def _decimal(written: str, locale: str) -> Fraction:
    """Read digits with separators: the last one is decimal unless it groups thousands in this locale."""
    written = written.replace(" ", "")
    decimal, group = (",", ".") if _language(locale) in _DECIMAL_COMMA else (".", ",")
    if _GROUPED[group].fullmatch(written):
        written = written.replace(group, "")
    if decimal in written and group in written and written.rindex(group) > written.rindex(decimal):
        decimal, group = group, decimal
    if written.count(decimal) > 1 or (decimal not in written and written.count(group) > 1):
        return Fraction(re.sub("[.,]", "", written))
    if decimal not in written:
        decimal, group = group, decimal
    return Fraction(written.replace(group, "").replace(decimal, ".").strip(".") or "0")


_GROUPED: Final = {",": re.compile(r"\d{1,3}(,\d{3})+"), ".": re.compile(r"\d{1,3}(\.\d{3})+")}


def _spelled(row: list[Token], at: int) -> tuple[Fraction, int] | None:
    """Read number words, `twenty-five`, `half a`; None where the word is no number here."""
    word = row[at].fold
    if word == "half":
        following = at + 2 if _text_at(row, at + 1) in ("a", "an") else at + 1
        unit, _ = _unit_after(row, following)
        return (Fraction(1, 2), following) if unit else None
    if word in _MAGNITUDES:
        return (Fraction(_MAGNITUDES[word]), at + 1)
    value, last = _WORDS[word], at + 1
    step = last + 1 if _text_at(row, last) == "-" else last
    following_word = row[step].fold if step < len(row) else ""
    if value >= 20 and value % 10 == 0 and 1 <= _WORDS.get(following_word, 0) <= 9:
        return value + _WORDS[following_word], step + 1
    return value, last


def _magnified(row: list[Token], value: Fraction, last: int) -> tuple[Fraction, int]:
    while last < len(row) and row[last].kind == "w" and row[last].fold in _MAGNITUDES:
        value, last = value * _MAGNITUDES[row[last].fold], last + 1
    return value, last


def _signed(row: list[Token], at: int, value: Fraction) -> Fraction:
    """Give the value with the minus before it, which stands apart from what comes before and touches the number."""
    if at == 0 or row[at - 1].text not in ("-", "\u2212") or row[at - 1].end != row[at].start:
        return value
    free = at == 1 or row[at - 2].end < row[at - 1].start or row[at - 2].text in "(["
    return -value if free and not (at > 1 and row[at - 2].kind == "n") else value


def _symbol_before(row: list[Token], at: int) -> Unit | None:
    if at == 0:
        return None
    unit = UNITS.get(row[at - 1].text)
    return unit if unit is not None and unit.dimension.startswith("money") else None


def _unit_after(row: list[Token], at: int) -> tuple[Unit | None, int]:
    """Read the unit at this position, a hyphen before it allowed; gives it and the position after it."""
    if at >= len(row):
        return None, at
    attached = row[at].start == row[at - 1].end
    if row[at].text in ('"', "\u2033") and attached:
        return INCH, at + 1
    if row[at].text in ("'", "\u2032") and attached:
        return FOOT, at + 1
    if row[at].text == "-" and attached and at + 1 < len(row) and row[at + 1].kind == "w":
        at += 1
    if row[at].text in ("in", "In", "IN"):
        return (INCH, at + 1) if _is_inch(row, at, attached=attached) else (None, at)
    for length in range(min(LONGEST, len(row) - at), 0, -1):
        unit = _joined(row[at : at + length])
        if unit is not None:
            return unit, at + length
    return None, at


def _joined(part: list[Token]) -> Unit | None:
    if len(part) == 1:
        return unit_named(part[0].text)
    loose = any(after.kind == "n" and after.start != before.end for before, after in pairwise(part))
    if part[-1].text in "-." or loose:
        return None
    words = [one.text for one in part if one.text not in "-."]
    return UNITS.get("|".join(words).lower()) or UNITS.get("".join(words))


def _is_inch(row: list[Token], at: int, *, attached: bool) -> bool:
    """Tell `5in`, `5-in.` and `5 in wide` from `2 in 1` and `5 in stock`."""
    following = row[at + 1] if at + 1 < len(row) else None
    if following is None:
        return True
    if following.text == "-" or following.fold in _WORDS:
        return False
    if attached and following.kind != "n":
        return True
    return following.kind == "x" or following.text in (")", ",", ";", ".") or following.fold in _INCH_AFTER


def _suffix(row: list[Token], at: int) -> str:
    """Give the letters that touch a number and are no unit: the `XL` of 2XL, the `K` of 4K."""
    if at < len(row) and row[at].kind == "w" and row[at].start == row[at - 1].end:
        return row[at].fold
    return ""


def _prefix(row: list[Token], at: int) -> str:
    """Give the letters that a number touches: the `IP` of IP67, the `UPF` of UPF50."""
    if at > 0 and row[at - 1].kind == "w" and row[at - 1].end == row[at].start:
        return row[at - 1].fold
    return ""


def _text_at(row: list[Token], at: int) -> str:
    return row[at].text.lower() if at < len(row) else ""
