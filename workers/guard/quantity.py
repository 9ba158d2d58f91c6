"""A number of a text with what it measures or counts, and of which other number it is ground for."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

from workers.guard.rounding import EXACT, About, Precision, is_about, is_rounded

_LIMITS: Final = frozenset({"capacity", "running"})
"""What is the most by its nature: a kettle of 1.7 l holds up to 1.7 l."""

COUNTED: Final = frozenset({"count", "percent", "ordinal"})
"""The dimensions of numbers without a unit, told apart by what they count."""


class Quantity(NamedTuple):
    """A number and what it is of: `value` in base units of `dimension`, what is counted, which side is measured.

    `nouns` and `before` are folded words (counts, percentages); `bound` is `over`, `under`, `limit` (at most, up to),
    `part` (half of), `than` or `difference` (1 kg more) where the text says so; `denied` says that the text takes the
    number back; `shape` has the numbers of a size such as 34x32, which are quantities of their own. `precision` is how
    it is written, `about` how roughly it is meant, `edge` is `low` or `high` at the ends of a range, `figure` is the
    number as it stands, whatever its unit.
    """

    text: str
    value: Fraction
    dimension: str
    start: int
    nouns: frozenset[str] = frozenset()
    before: str = ""
    role: str = ""
    bound: str = ""
    denied: bool = False
    shape: tuple[Quantity, ...] = ()
    precision: Precision = EXACT
    about: About = ""
    edge: str = ""
    figure: Fraction | None = None

    def supports(self, claim: Quantity) -> bool:
        """Say whether this quantity of the record is ground for that quantity of a text."""
        return (
            self.dimension == claim.dimension
            and self.denied == claim.denied
            and (not self.role or not claim.role or self.role == claim.role)
            and self.is_as_much_as(claim)
            and (not claim.bound or self.bound == claim.bound or self._is_limit(claim))
            and (self.dimension not in COUNTED or self._counts_the_same(claim))
        )

    def is_as_much_as(self, claim: Quantity) -> bool:
        """Say whether the value is the one that a text gives, for the way in which the text gives it."""
        if self.value == claim.value:
            return True
        if claim.about:
            return is_about(self.value, claim.value, claim.about)
        if self.dimension in COUNTED or self.dimension == "size" or self.dimension.startswith("money"):
            return False
        return is_rounded(self.value, self.precision, claim.value, claim.precision, of=self.dimension)

    def has_shape_of(self, claim: Quantity) -> bool:
        """Say whether this is a size of the same numbers in the same order."""
        pairs = zip(self.shape, claim.shape, strict=False)
        return len(self.shape) == len(claim.shape) and all(one.is_as_much_as(other) for one, other in pairs)

    def has_parts_of(self, claim: Quantity) -> bool:
        """Say whether this is a size of the same numbers, in whatever order."""
        return self.in_order().has_shape_of(claim.in_order())

    def in_order(self) -> Quantity:
        """Give the size with its numbers from the smallest to the largest."""
        return self._replace(shape=tuple(sorted(self.shape, key=lambda one: one.value)))

    def _is_limit(self, claim: Quantity) -> bool:
        if claim.bound == "limit" and not self.bound:
            return self.edge == "high" or self.role in _LIMITS
        return claim.bound == "over" and not self.bound and self.edge == "low"

    def _counts_the_same(self, claim: Quantity) -> bool:
        if not claim.nouns and not claim.before:
            return True
        if self.nouns & claim.nouns or claim.before in self.nouns or self.before in claim.nouns:
            return True
        return bool(claim.before) and claim.before == self.before
