"""Numbers with what they measure or count, out of a text, so that each can be looked for in the record."""

# ruff: noqa: RUF001, SIM905  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from workers.guard.assertion import denies_number
from workers.guard.bounds import stance
from workers.guard.numerals import Number, is_number_word, numbers_in
from workers.guard.quantity import Quantity
from workers.guard.roles import measured_role, role_of
from workers.guard.rounding import About, Precision, approximation
from workers.guard.sizes import LETTERS, LetterSize, letter_sizes, rank
from workers.guard.tokens import Token, tokens
from workers.guard.units import Unit

_STOPS: Final = frozenset(
    "a an the of and or with for in on at to from by is are was were be has have it its this that these those as per "
    "each every than but not no up over about around only just also plus so when while you your our we they their can "
    "will into out off via both all any more most than then".split()
)
_PALE: Final = frozenset(
    "great new soft large small big handy deep different extra high low full separate easy convenient practical "
    "spacious beautiful stylish total approximately roughly nearly almost perfect simple useful roomy good nice "
    "between least most generous premium quality durable comfortable item product piece number count quantity".split()
)
"""Words beside a count that do not say what is counted."""

_RANGES: Final = frozenset(["-", "–", "—", "to", "bis", "à"])
_CONNECTORS: Final = _RANGES | {"x", "X", "×", "by", "or", "and", "/"}
_TIED: Final = frozenset("-*")
"""Between a number and what it counts: 3-pack, 2 * motors."""

_ENUMERATES: Final = frozenset([",", "&", "and", "or"])
_SIGNS: Final = frozenset("$€£¥")


def quantities(
    text: str, *, locale: str = "en", found: list[Token] | None = None, unit: Unit | None = None, sized: bool = False
) -> tuple[Quantity, ...]:
    """Give every number of a normalised text with its unit or what it counts.

    `unit` is what a bare number is in (a field named `width_cm`), `sized` says that letters are sizes (a field named
    `size`). Digits, separators as the locale writes them, fractions, number words, ranges (both ends, in the unit of
    the second), sizes (34x32, XL), prices, ordinals and codes (IP67 is 67 counted in `ip`) are read; `one` is not a
    number unless a unit follows.
    """
    row = tokens(text) if found is None else found
    letters = tuple(_letter_size(text, row, one) for one in letter_sizes(row, sized=sized))
    numbers = numbers_in(row, locale)
    if not numbers:
        return letters
    numbers = _with_shared_units(row, numbers)
    if unit is not None:
        numbers = tuple(one._replace(unit=one.unit or unit) if not one.suffix else one for one in numbers)
    read = _with_shared_words(row, numbers, [_quantity(text, row, one) for one in numbers])
    return (*read, *_shapes(row, numbers, read), *letters)


def _letter_size(text: str, row: list[Token], size: LetterSize) -> Quantity:
    start, stop = row[size.first].start, row[size.last - 1].end
    denied = denies_number(row, size.first, size.last)
    return Quantity(text[start:stop], Fraction(size.rank), "size", start, denied=denied)


def _with_shared_units(row: list[Token], numbers: tuple[Number, ...]) -> tuple[Number, ...]:
    """Give a number without a unit the unit of the one it is joined to: 10-15 cm, 30 x 20 cm, $10-12."""
    if len(numbers) < 2:
        return numbers
    shared = list(numbers)
    for index in range(len(shared) - 2, -1, -1):
        one, following = shared[index], shared[index + 1]
        if one.unit is None and not one.suffix and following.unit is not None and _connector(row, one, following):
            shared[index] = one._replace(unit=following.unit)
    for index in range(len(shared) - 1):
        one, following = shared[index], shared[index + 1]
        priced = one.unit is not None and one.unit.dimension.startswith("money") and following.unit is None
        if priced and not following.suffix and _connector(row, one, following) in _RANGES:
            shared[index + 1] = following._replace(unit=one.unit)
    return tuple(shared)


def _connector(row: list[Token], one: Number, following: Number) -> str:
    """Give what joins two numbers, if that is all that stands between them and a currency's sign."""
    between = [token.text for token in row[one.end : following.first]]
    if len(between) == 2 and between[1] in _SIGNS:
        between.pop()
    return between[0] if len(between) == 1 and between[0] in _CONNECTORS else ""


def _quantity(text: str, row: list[Token], number: Number) -> Quantity:
    # Most values of a record are nothing but a number and its unit.
    is_alone = number.first == 0 and number.end == len(row)
    how = _PLAIN if is_alone else _stance(row, number)
    start, end = row[number.first].start, row[max(number.end, number.last) - 1].end
    if number.unit is not None and number.unit.dimension != "percent":
        return _measure(text[start:end], start, row, number, number.unit, how)
    if number.suffix:
        return _code(text[start:end], start, row, number, how)
    nouns, before = _following(row, number.end), _preceding(row, number.first)
    return Quantity(
        text=text[start : _counted_until(row, number.end) if nouns else end],
        value=number.value,
        dimension="percent" if number.unit else "count",
        start=start,
        nouns=nouns,
        before=before,
        bound=how.bound,
        denied=how.denied,
        about=how.about,
        figure=number.value,
    )


class _Stance(NamedTuple):
    """How a number is said: its bound, whether it is denied, how roughly it is meant."""

    bound: str
    denied: bool
    about: About


_PLAIN: Final = _Stance("", denied=False, about="")


def _stance(row: list[Token], number: Number) -> _Stance:
    bound, denied = stance(row, number)
    about = approximation(row, number.first, number.end)
    return _Stance("" if about and bound in ("over", "under", "than") else bound, denied=denied, about=about)


def _measure(text: str, start: int, row: list[Token], number: Number, unit: Unit, how: _Stance) -> Quantity:
    return Quantity(
        text=text,
        value=unit.base(number.value),
        dimension=unit.dimension,
        start=start,
        role=measured_role(row, number, unit.dimension),
        bound=how.bound,
        denied=how.denied,
        precision=Precision(unit.factor, number.step),
        about=how.about,
        figure=number.value,
    )


def _code(text: str, start: int, row: list[Token], number: Number, how: _Stance) -> Quantity:
    """Read a number that letters touch: 2XL, 1st, IP67."""
    value, dimension, nouns = number.value, "count", frozenset({number.suffix})
    if number.suffix in LETTERS:
        value, dimension, nouns = Fraction(rank(number.suffix, int(number.value))), "size", frozenset()
    elif number.suffix in ("st", "nd", "rd", "th"):
        dimension, nouns = "ordinal", _following(row, number.end)
    return Quantity(
        text=text,
        value=value,
        dimension=dimension,
        start=start,
        nouns=nouns,
        bound=how.bound,
        denied=how.denied,
        about=how.about,
        figure=number.value,
    )


def _with_shared_words(row: list[Token], numbers: tuple[Number, ...], read: list[Quantity]) -> list[Quantity]:
    """Give the ends of a range what is said of both: `sizes 6 to 12`, `two or three pockets`, `about 2-3 kg`."""
    for index in range(len(read) - 1):
        one, following = read[index], read[index + 1]
        connector = _connector(row, numbers[index], numbers[index + 1])
        if one.dimension != following.dimension or not connector:
            continue
        if connector in _RANGES or (connector == "and" and _text_before(row, numbers[index]) == "between"):
            one, following = (
                one._replace(edge="low"),
                following._replace(edge="high", about=following.about or one.about),
            )
        nouns, before = one.nouns | following.nouns, one.before or following.before
        if not one.nouns:
            one = one._replace(nouns=nouns)
        if not following.nouns and not following.before:
            following = following._replace(before=before)
        read[index], read[index + 1] = one, following
    for index in range(len(read) - 2, -1, -1):
        one, following = read[index], read[index + 1]
        between = [token.text.lower() for token in row[numbers[index].end : numbers[index + 1].first]]
        listed = len(between) == 1 and between[0] in _ENUMERATES
        if listed and one.dimension == following.dimension == "ordinal" and not one.nouns:
            read[index] = one._replace(nouns=following.nouns)
    return read


def _text_before(row: list[Token], number: Number) -> str:
    return row[number.first - 1].text.lower() if number.first else ""


def _following(row: list[Token], at: int) -> frozenset[str]:
    """Give what is counted: up to four words after the number, until a mark, a small word or a number."""
    nouns: list[str] = []
    ahead = [token.fold for token in row[at : at + 4] if token.text not in _TIED]
    if ahead[:1] == ["in"] and len(ahead) > 1 and (ahead[1].isdigit() or is_number_word(ahead[1])):
        return frozenset({"in-one"})
    for token in row[at : at + 6]:
        if token.text in _TIED:
            continue
        if token.kind != "w" or token.text.lower() in _STOPS or is_number_word(token.fold) or len(nouns) == 4:
            break
        nouns.append(token.fold)
    return frozenset(nouns) - _PALE


def _counted_until(row: list[Token], at: int) -> int:
    """Give where the two words after a count end, to quote it as `two zip pockets`."""
    until = row[at - 1].end
    for token in row[at : at + 3]:
        if token.text != "-" and (token.kind != "w" or token.text.lower() in _STOPS or is_number_word(token.fold)):
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


def _shapes(row: list[Token], numbers: tuple[Number, ...], read: list[Quantity]) -> Iterator[Quantity]:
    """Give each size of several numbers (34x32, 10 x 20 x 30 cm) whole."""
    run: list[int] = []
    for index in range(len(numbers) if len(numbers) > 1 else 0):
        run.append(index)
        following = numbers[index + 1].first if index + 1 < len(numbers) else len(row)
        between = row[numbers[index].end : following]
        if len(between) == 1 and between[0].text in ("x", "X", "×") and index + 1 < len(numbers):
            continue
        if len(run) > 1:
            first = read[run[0]]
            yield first._replace(shape=tuple(read[one] for one in run))
        run = []
