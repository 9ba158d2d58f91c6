"""A figure with its spread, and arithmetic that carries the spread along."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce


@dataclass(frozen=True, slots=True)
class Span:
    """A figure that is not negative: the least, what is likely, and the most that it may be."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.likely <= self.high < math.inf:
            raise ValueError(f"{self.low}, {self.likely}, {self.high} are no low, likely and high")

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def __mul__(self, other: Span | float) -> Span:
        by = as_span(other)
        return Span(self.low * by.low, self.likely * by.likely, self.high * by.high)

    def __truediv__(self, other: Span | float) -> Span:
        """Give the quotient; what is divided by must be more than nothing."""
        by = as_span(other)
        return Span(self.low / by.high, self.likely / by.likely, self.high / by.low)

    def each(self, other: Span) -> Span:
        """Give the quotient of what grows together: little of one goes with little of the other."""
        return Span(*sorted((self.low / other.low, self.likely / other.likely, self.high / other.high)))

    def or_more(self, other: Span | float) -> Span:
        """Give the larger of two, each end for itself."""
        beside = as_span(other)
        return Span(max(self.low, beside.low), max(self.likely, beside.likely), max(self.high, beside.high))

    def whole(self) -> Span:
        """Round up to whole things; what a thousandth too much would need is not one more."""
        return Span(*(float(math.ceil(end - 0.001)) for end in (self.low, self.likely, self.high)))


def as_span(figure: Span | float) -> Span:
    """Give a figure that is exactly known as one without a spread."""
    return figure if isinstance(figure, Span) else Span(figure, figure, figure)


def total(spans: Iterable[Span]) -> Span:
    """Give the sum; nothing of none."""
    return reduce(Span.__add__, spans, as_span(0))


def span_from(text: str) -> Span:
    """Read `2500` or `2000-3000`, of which the middle is likely; raises ValueError."""
    low, _, high = text.replace(",", "").partition("-")
    least, most = float(low), float(high or low)
    return Span(least, (least + most) / 2, most)
