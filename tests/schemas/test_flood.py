"""A flood of bad messages is told from single ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.flood import Flood, FloodLimits, FloodSeen

NO_RATIO = FloodLimits(ratio=0)
NO_ROW = FloodLimits(consecutive=0)


def first_seen(limits: FloodLimits, messages: list[bool]) -> tuple[int, FloodSeen] | None:
    """Give the count of messages up to the first flood with what was seen, None when there is none."""
    flood = Flood(limits)
    for count, bad in enumerate(messages, start=1):
        if seen := flood.note(bad=bad):
            return count, seen
    return None


def test_a_hundred_bad_messages_in_a_row_are_a_flood_and_ninety_nine_are_not() -> None:
    assert first_seen(NO_RATIO, [False] * 50 + [True] * 99) is None
    assert first_seen(NO_RATIO, [False] * 50 + [True] * 100) == (150, FloodSeen(100, 100))


def test_one_good_message_ends_a_row() -> None:
    assert first_seen(NO_RATIO, ([True] * 99 + [False]) * 20) is None


def test_more_than_half_of_the_messages_are_a_flood_once_enough_were_seen() -> None:
    assert first_seen(NO_ROW, [True, True, False] * 66) is None
    found = first_seen(NO_ROW, [True, True, False] * 67)
    assert found == (200, FloodSeen(134, 200))


def test_exactly_half_is_no_flood() -> None:
    assert first_seen(NO_ROW, [False, True] * 5_000) is None


def test_only_the_last_thousand_count() -> None:
    found = first_seen(NO_ROW, [False] * 100_000 + [True] * 501)
    assert found == (100_501, FloodSeen(501, 1_000))


def test_the_first_messages_of_a_process_are_no_flood_by_ratio() -> None:
    assert first_seen(NO_ROW, [True] * 199) is None


def test_zero_turns_a_limit_off() -> None:
    assert first_seen(FloodLimits(consecutive=0, ratio=0), [True] * 5_000) is None


def test_a_good_message_never_reports_a_flood() -> None:
    flood = Flood(FloodLimits())
    for _ in range(300):
        flood.note(bad=True)
    assert flood.note(bad=False) is None
    assert flood.note(bad=True) == FloodSeen(301, 302)


@pytest.mark.parametrize(
    ("consecutive", "ratio", "least_seen", "window"),
    [(-1, 0.5, 5, 10), (5, -0.1, 5, 10), (5, 0.5, 0, 10), (5, 0.5, 11, 10)],
)
def test_limits_that_cannot_be_are_refused(consecutive: int, ratio: float, least_seen: int, window: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        FloodLimits(consecutive, ratio, window=window, least_seen=least_seen)


@given(st.lists(st.booleans(), max_size=80))
def test_the_counts_are_those_of_the_last_window(messages: list[bool]) -> None:
    limits = FloodLimits(consecutive=5, ratio=0.5, window=20, least_seen=10)
    flood = Flood(limits)
    for end, bad in enumerate(messages, start=1):
        last, row = messages[:end][-20:], messages[:end][-5:]
        in_a_row = len(row) == 5 and all(row)
        too_many = len(last) >= 10 and sum(last) * 2 > len(last)
        assert (flood.note(bad=bad) is not None) == (bad and (in_a_row or too_many))
