"""How exactly a number is meant and written, and which other number says the same."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

from workers.guard.tokens import Token

About = Literal["", "near", "below", "above"]
"""`near`: about 5 kg. `below`: nearly 5 kg, which is less. `above`: just over 5 kg, which is more."""


@dataclass(frozen=True, slots=True)
class Precision:
    """How a measure is written: its unit in base units, and one in its last place in that unit."""

    unit: Fraction = Fraction(1)
    place: Fraction = Fraction(1)

    @property
    def step(self) -> Fraction:
        """Give one in the last place in base units."""
        return self.place * self.unit


EXACT: Final = Precision()

_ABOUT_SHARE: Final = Fraction(1, 20)
"""How far from the record a number may be that is said to be about so much."""

_ROUNDING_SHARE: Final = Fraction(1, 50)
"""How far rounding to the digits written may go in another unit: 5 lb is 2.3 kg, and not 2 kg."""

_COMPUTED_SHARE: Final = Fraction(1, 200)
_COMPUTED_PLACE: Final = Fraction(1, 1000)
"""A number with so many places was computed, 0.3307 lb, and people round it: 0.33 lb."""

_DEGREES: Final = Fraction(3, 5)
"""How far rounding may go for temperatures, whose zero is no nothing: half a degree Fahrenheit or Celsius."""

_NEAR: Final = frozenset("about around approximately approx roughly circa ca some ~ \u2248 \u223c".split())
_BELOW: Final = frozenset("nearly almost".split())
_ABOVE: Final = frozenset("over above".split())
_UNDER: Final = frozenset("under below".split())
_A_LITTLE: Final = frozenset("just slightly little bit".split())
_PASSED_OVER: Final = frozenset("$ \u20ac \u00a3 \u00a5 US USD EUR GBP . - a an the".split())
"""What may stand between `about` and the number."""

_NEAR_AFTER: Final = frozenset(["approx", "approximately"])
_NEAR_AFTER_TWO: Final = (["or", "so"], ["(", "approx"])


def approximation(row: list[Token], first: int, end: int) -> About:
    """Say how roughly the number at tokens [first, end) is meant, by the words around it."""
    at = first - 1
    while at >= 0 and first - at < 4 and row[at].text in _PASSED_OVER:
        at -= 1
    word = row[at].text.lower() if at >= 0 else ""
    before = row[at - 1].text.lower() if at >= 1 else ""
    if word in _NEAR or (word == "to" and before == "close"):
        return "near"
    if word in _BELOW or (word in _UNDER and before in _A_LITTLE):
        return "below"
    if (word in _ABOVE or (word == "than" and before == "more" and at > 1)) and _is_a_little(row, at - 1):
        return "above"
    after = [token.text.lower() for token in row[end : end + 2]]
    return "near" if not _NEAR_AFTER.isdisjoint(after[:1]) or after in _NEAR_AFTER_TWO else ""


def _is_a_little(row: list[Token], at: int) -> bool:
    return any(token.text.lower() in _A_LITTLE for token in row[max(0, at - 1) : at + 1])


def is_about(stated: Fraction, said: Fraction, about: About) -> bool:
    """Say whether `about so much` is true of what the record states, within five percent and on the right side."""
    off = said - stated
    if (about == "below" and off < 0) or (about == "above" and off > 0):
        return False
    return abs(off) <= abs(stated) * _ABOUT_SHARE


def is_rounded(stated: Fraction, how: Precision, said: Fraction, written: Precision, *, of: str) -> bool:
    """Say whether one of two measures is the other, rounded to the digits that it is written with.

    That is so between systems of units (2.27 kg are 5 lb; 1480 g are 1.48 kg and nothing else), and where the record
    gives more places than a person writes.
    """
    off = abs(said - stated)
    if of != "temperature" and _is_power_of_ten(how.unit / written.unit):
        computed = how.place <= _COMPUTED_PLACE and written.place > how.place
        return computed and off <= written.step / 2 and off <= abs(stated) * _COMPUTED_SHARE
    if off > max(how.step, written.step) / 2:
        return False
    return off <= (_DEGREES if of == "temperature" else abs(stated) * _ROUNDING_SHARE)


@lru_cache(maxsize=1_024)
def _is_power_of_ten(ratio: Fraction) -> bool:
    return all(str(part).rstrip("0") == "1" for part in ratio.as_integer_ratio())
