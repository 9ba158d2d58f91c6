"""Numbers spelled out: twenty-five, two hundred and fifty, half a dozen, a couple of."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from fractions import Fraction
from typing import Final

from workers.guard.tokens import Token

SMALL: Final = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {word: 10 * value for value, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), start=3)}
MAGNITUDES: Final = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 10**9,
    "dozen": 12,
    "trio": 3,
    "quartet": 4,
}
_CLOSING: Final = frozenset(["dozen", "trio", "quartet"])
"""After these a number is complete."""

_TWOS: Final = frozenset(["couple", "pair", "duo"])
"""Two, where `of` follows."""

_WORN_IN_PAIRS: Final = frozenset(
    "pant jean short trouser legging tight glove mitten sock shoe boot bootie sandal sneaker trainer slipper clog heel "
    "flat loafer stocking underwear brief boxer pantie pajama overall glass goggle sunglass spectacle eyeglass scissor "
    "plier tweezer tong clipper shear earring earbud headphone earphone binocular speaker crutch ski skate chopstick "
    "capri jogger sweatpant cuff gaiter".split()
)
"""A pair of these is one thing, not two."""

STARTS: Final = frozenset((*SMALL, *MAGNITUDES, *_TWOS, "half"))
"""The folded words with which a number may begin."""


def is_number_word(word: str) -> bool:
    """Say whether a folded word is a number spelled out (`three`, `one`, `dozen`)."""
    return word in SMALL or word in MAGNITUDES


def spelled(row: list[Token], at: int) -> tuple[Fraction, int] | None:
    """Read the number that begins with this word; gives it and the position after it, None where there is none."""
    word = row[at].fold
    if word in _TWOS:
        return (Fraction(2), at + 2) if _are_two(row, at) else None
    if word == "half":
        dozen = at + 2 if _fold_at(row, at + 1) == "a" else at + 1
        return (Fraction(6), dozen + 1) if _fold_at(row, dozen) == "dozen" else None
    total, current, last, place = 0, 0, at, at
    while (word := _fold_at(row, place)) and (counts := _counted(current, word)) is not None:
        total, current = (total + counts, 0) if word in MAGNITUDES and word != "hundred" else (total, counts)
        last = place + 1
        if word in _CLOSING:
            break
        place = _next_place(row, last, word)
    return (Fraction(total + current), last) if last > at else None


def _counted(current: int, word: str) -> int | None:
    """Give what is counted when this word follows, or None when it begins another number."""
    if word in MAGNITUDES:
        return (current or 1) * MAGNITUDES[word]
    value = SMALL.get(word)
    if value is None:
        return None
    tens = current % 10 == 0 and current % 100 >= 20 and value < 10
    goes_on = current == 0 or tens or (current % 100 == 0 and value < 100)
    return current + value if goes_on else None


def _next_place(row: list[Token], last: int, word: str) -> int:
    """Give where the number may go on: past the hyphen of `twenty-five`, past `and` after `hundred`."""
    if word in SMALL:
        return last + 1 if SMALL[word] >= 20 and _fold_at(row, last) == "-" else last
    return last + 1 if _fold_at(row, last) == "and" and _fold_at(row, last + 1) in SMALL else last


def _are_two(row: list[Token], at: int) -> bool:
    if _fold_at(row, at + 1) != "of" or (at and is_number_word(row[at - 1].fold)) or (at and row[at - 1].kind == "n"):
        return False
    return not any(token.fold in _WORN_IN_PAIRS for token in row[at + 2 : at + 6])


def _fold_at(row: list[Token], at: int) -> str:
    return row[at].fold if at < len(row) else ""
