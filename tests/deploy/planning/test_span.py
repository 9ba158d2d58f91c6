"""A figure's spread is carried through all arithmetic, and its ends never change sides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.planning.span import Span, as_span, span_from, total

ENDS = st.lists(st.floats(0.001, 1e6), min_size=3, max_size=3).map(sorted)
SPANS = ENDS.map(lambda ends: Span(*ends))


@given(SPANS, SPANS)
def test_every_result_is_a_span_that_holds_what_is_likely(one: Span, other: Span) -> None:
    # A result whose ends have changed sides cannot be made: it would raise ValueError.
    results = (one + other, one * other, one / other, one.each(other), one.or_more(other), one.whole())
    assert (one + other).likely == one.likely + other.likely
    assert all(each.low <= each.likely <= each.high for each in results)


def test_a_quotient_is_least_where_most_is_divided_by() -> None:
    assert Span(10, 20, 40) / Span(1, 2, 4) == Span(2.5, 10, 40)


def test_what_grows_together_is_divided_end_by_end() -> None:
    assert Span(10, 20, 40).each(Span(1, 2, 4)) == Span(10, 10, 10)


def test_what_is_whole_is_rounded_up_and_a_trace_too_much_is_not_one_more() -> None:
    assert Span(0, 1.0001, 1.2).whole() == Span(0, 1, 2)


@pytest.mark.parametrize("ends", [(2, 1, 3), (1, 3, 2), (-1, 0, 1), (0, 1, float("inf")), (0, float("nan"), 1)])
def test_ends_that_are_none_are_refused(ends: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="no low, likely and high"):
        Span(*ends)


@pytest.mark.parametrize(
    ("text", "span"), [("2500", as_span(2500)), ("2,000-3,000", Span(2000, 2500, 3000)), ("0.5-1", Span(0.5, 0.75, 1))]
)
def test_a_span_is_read_as_people_write_it(text: str, span: Span) -> None:
    assert span_from(text) == span


@pytest.mark.parametrize("text", ["", "fast", "3-2", "-1", "1-2-3", "inf"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        span_from(text)


def test_the_sum_of_nothing_is_nothing() -> None:
    assert total([]) == as_span(0)
