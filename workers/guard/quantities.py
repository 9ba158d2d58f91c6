"""Numbers with what they measure or count, out of a text, so that each can be looked for in the record."""

# ruff: noqa: RUF001, SIM905  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

from workers.guard.tokens import Token, tokens
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


def role_of(word: str) -> str:
    """Give the side or use that a folded word names (`wide` -> `width`), or nothing."""
    return _ROLES.get(word, "")


def is_number_word(word: str) -> bool:
    """Say whether a folded word is a number spelled out (`three`, `one`, `dozen`)."""
    return word in _WORDS or word in _MAGNITUDES


_OVER: Final = frozenset("over above beyond exceeding exceed".split())
_UNDER: Final = frozenset("under below".split())
_STOPS: Final = frozenset(
    "a an the of and or with for in on at to from by is are was were be has have it its this that these those as per "
    "each every than but not no up over about around only just also plus so when while you your our we they their can "
    "will into out off via both all any more most than then".split()
)
_PALE: Final = frozenset(
    "great new soft large small big handy deep different extra high low full separate easy convenient practical "
    "spacious beautiful stylish total approximately roughly nearly almost perfect simple useful roomy good nice "
    "generous premium quality durable comfortable item product piece number count quantity".split()
)
"""Words beside a count that do not say what is counted."""

_CONNECTORS: Final = frozenset(["-", "–", "—", "to", "x", "X", "×", "by", "or", "and", "/", "bis", "à"])
_INCH_AFTER: Final = frozenset("wide long tall high deep thick diameter x by across".split())
_FRACTION_BARS: Final = frozenset("/\u2044")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and what it is of: `value` in base units of `dimension`, what is counted, which side is measured.

    `nouns` and `before` are folded words (counts, percentages); `bound` is `over` or `under` where the text says so;
    `shape` has all values of a size such as 34x32, whose parts are quantities of their own.
    """

    text: str
    value: Fraction
    dimension: str
    start: int
    nouns: frozenset[str] = frozenset()
    before: str = ""
    role: str = ""
    bound: str = ""
    shape: tuple[Fraction, ...] = ()

    def supports(self, claim: Quantity) -> bool:
        """Say whether this quantity of the record is ground for that quantity of a text."""
        return (
            self.value == claim.value
            and self.dimension == claim.dimension
            and (not self.role or not claim.role or self.role == claim.role)
            and (not claim.bound or self.bound == claim.bound)
            and (self.dimension not in _COUNTED or self._counts_the_same(claim))
        )

    def _counts_the_same(self, claim: Quantity) -> bool:
        if not claim.nouns and not claim.before:
            return True
        if self.nouns & claim.nouns or claim.before in self.nouns or self.before in claim.nouns:
            return True
        return bool(claim.before) and claim.before == self.before


_COUNTED: Final = frozenset({"count", "percent", "ordinal"})


@dataclass(frozen=True, slots=True)
class _Number:
    """A number found: its tokens [first, last), its value, its unit if one follows, what was read up to `end`."""

    value: Fraction
    first: int
    last: int
    end: int
    unit: Unit | None = None
    suffix: str = ""


def quantities(
    text: str, *, locale: str = "en", found: list[Token] | None = None, unit: Unit | None = None
) -> tuple[Quantity, ...]:
    """Give every number of a normalised text with its unit or what it counts.

    `unit` is what a bare number is in (a field named `width_cm`). Digits, separators as the locale writes them,
    fractions, number words, ranges (both ends, in the unit of the second), sizes (34x32), prices, ordinals and codes
    (IP67 is 67 counted in `ip`) are read; `one` is not a number unless a unit follows.
    """
    row = tokens(text) if found is None else found
    numbers = _with_shared_units(row, tuple(_numbers(row, locale)))
    if unit is not None:
        numbers = tuple(replace(one, unit=one.unit or unit) if not one.suffix else one for one in numbers)
    read = _with_shared_nouns(row, numbers, [_quantity(text, row, one) for one in numbers])
    return tuple(read) + tuple(_shapes(row, numbers, read))


def _numbers(row: list[Token], locale: str) -> Iterator[_Number]:
    position = 0
    while position < len(row):
        number = _number_at(row, position, locale)
        if number is None:
            position += 1
            continue
        yield number
        position = max(number.end, position + 1)


def _number_at(row: list[Token], at: int, locale: str) -> _Number | None:
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
    return _Number(value, at, last, end if unit else last + bool(_suffix(row, last)), unit or sign, suffix)


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


def _with_shared_units(row: list[Token], numbers: tuple[_Number, ...]) -> tuple[_Number, ...]:
    """Give a number without a unit the unit of the one it is joined to: 10-15 cm, 30 x 20 cm."""
    shared = list(numbers)
    for index in range(len(shared) - 2, -1, -1):
        one, following = shared[index], shared[index + 1]
        between = row[one.end : following.first]
        joined = len(between) == 1 and between[0].text in _CONNECTORS
        if joined and one.unit is None and not one.suffix and following.unit is not None:
            shared[index] = replace(one, unit=following.unit)
    return tuple(shared)


def _quantity(text: str, row: list[Token], number: _Number) -> Quantity:
    start, stop = row[number.first].start, row[max(number.end, number.last) - 1].end
    bound = _bound(row, number.first)
    if number.suffix:
        counted = "ordinal" if number.suffix in ("st", "nd", "rd", "th") else "count"
        nouns = _following(row, number.end) if counted == "ordinal" else frozenset({number.suffix})
        return Quantity(text[start:stop], number.value, counted, start, nouns, bound=bound)
    if number.unit is None or number.unit.dimension == "percent":
        dimension = "percent" if number.unit else "count"
        nouns, before = _following(row, number.end), _preceding(row, number.first)
        if nouns:
            stop = _counted_until(row, number.end)
        return Quantity(text[start:stop], number.value, dimension, start, nouns, before, bound=bound)
    value = number.unit.base(number.value)
    role = _role(row, number)
    return Quantity(text[start:stop], value, number.unit.dimension, start, role=role, bound=bound)


def _with_shared_nouns(row: list[Token], numbers: tuple[_Number, ...], read: list[Quantity]) -> list[Quantity]:
    """Give the ends of a range the same thing counted: `sizes 6 to 12`, `two or three pockets`."""
    for index in range(len(read) - 1):
        one, following = read[index], read[index + 1]
        between = row[numbers[index].end : numbers[index + 1].first]
        if one.dimension != following.dimension or len(between) != 1 or between[0].text not in _CONNECTORS:
            continue
        nouns, before = one.nouns | following.nouns, one.before or following.before
        if not one.nouns:
            read[index] = replace(one, nouns=nouns)
        if not following.nouns and not following.before:
            read[index + 1] = replace(following, before=before)
    return read


def _following(row: list[Token], at: int) -> frozenset[str]:
    """Give what is counted: up to four words after the number, until a mark, a small word or a number."""
    nouns: list[str] = []
    ahead = [token.fold for token in row[at : at + 4] if token.text != "-"]
    if ahead[:1] == ["in"] and len(ahead) > 1 and (ahead[1].isdigit() or ahead[1] in _WORDS):
        return frozenset({"in-one"})
    for token in row[at : at + 6]:
        if token.text == "-":
            continue
        if token.kind != "w" or token.text.lower() in _STOPS or token.fold in _WORDS or len(nouns) == 4:
            break
        nouns.append(token.fold)
    return frozenset(nouns) - _PALE


def _counted_until(row: list[Token], at: int) -> int:
    """Give where the two words after a count end, to quote it as `two zip pockets`."""
    until = row[at - 1].end
    for token in row[at : at + 3]:
        if token.text != "-" and (token.kind != "w" or token.text.lower() in _STOPS or token.fold in _WORDS):
            break
        until = token.end if token.kind == "w" else until
    return until


def _preceding(row: list[Token], at: int) -> str:
    """Give the word right before the number (`UPF 50`, `set of 3`), or nothing."""
    for token in reversed(row[max(0, at - 2) : at]):
        if token.text in ("-", "of", ":", "#"):
            continue
        if token.kind != "w" or token.text.lower() in _STOPS or token.fold in _PALE:
            return ""
        return role_of(token.fold) or token.fold
    return ""


def _role(row: list[Token], number: _Number) -> str:
    for token in row[number.end : number.end + 2]:
        if token.kind != "w" and token.text != "-":
            break
        if token.fold in _ROLES:
            return _ROLES[token.fold]
    for token in reversed(row[max(0, number.first - 3) : number.first]):
        if token.kind != "w" and token.text != ":":
            break
        if token.fold in _ROLES:
            return _ROLES[token.fold]
    return ""


def _bound(row: list[Token], at: int) -> str:
    before = [token.text.lower() for token in row[max(0, at - 2) : at]]
    if (before and before[-1] in _OVER) or before in (["more", "than"], ["at", "least"]):
        return "over"
    if (before and before[-1] in _UNDER) or before in (["less", "than"], ["fewer", "than"]):
        return "under"
    return ""


def _shapes(row: list[Token], numbers: tuple[_Number, ...], read: list[Quantity]) -> Iterator[Quantity]:
    """Give each size of several numbers (34x32, 10 x 20 x 30 cm) whole."""
    run: list[int] = []
    for index in range(len(numbers)):
        run.append(index)
        following = numbers[index + 1].first if index + 1 < len(numbers) else len(row)
        between = row[numbers[index].end : following]
        if len(between) == 1 and between[0].text in ("x", "X", "×") and index + 1 < len(numbers):
            continue
        if len(run) > 1:
            first = read[run[0]]
            yield replace(first, shape=tuple(read[one].value for one in run))
        run = []


def _text_at(row: list[Token], at: int) -> str:
    return row[at].text.lower() if at < len(row) else ""
