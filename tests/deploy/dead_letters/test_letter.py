"""Names of letters, and which are meant."""

from __future__ import annotations

import pytest

from deploy.dead_letters.letter import (
    Letter,
    LetterId,
    Selection,
    clock_time,
    duration_ms,
    letter_id,
    listed,
    oldest,
)
from tests.factories import NOW_MS, dead_letter


def letter(offset: int = 0, topic: str = "product-created", **changes: object) -> Letter:
    return Letter(LetterId(1, offset), dead_letter(topic, **changes))


def test_an_id_reads_as_it_is_shown() -> None:
    assert letter_id("2/17") == letter_id(" dead-letters/2/17 ") == LetterId(2, 17)
    assert str(letter_id("2/17")) == "2/17"
    assert LetterId(2, 17).mark == b"dead-letters/2/17"


@pytest.mark.parametrize("text", ["", "17", "2/", "/17", "2/-1", "2/17/3", "product-created/2/17", "2/1x"])
def test_what_is_no_id_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as 2/17"):
        letter_id(text)


def test_time_spans_are_read_in_seconds_minutes_hours_and_days() -> None:
    assert [duration_ms(text) for text in ("90s", "30m", "2h", "3d")] == [90_000, 1_800_000, 7_200_000, 259_200_000]
    for text in ("2", "h", "-2h", "2 weeks", "1.5h"):
        with pytest.raises(ValueError, match="such as 2h"):
            duration_ms(text)


@pytest.mark.parametrize("unix_ms", [253_402_300_800_000, 2**63 - 1, -(2**63)])
def test_a_moment_that_no_calendar_has_is_shown_as_its_number(unix_ms: int) -> None:
    assert clock_time(unix_ms) == str(unix_ms)
    assert clock_time(NOW_MS) == "2025-10-09 08:53:20"


@pytest.mark.parametrize(
    "selection",
    [
        Selection(ids=frozenset({LetterId(1, 1)})),
        Selection(error_class="truncated"),
        Selection(topic="review-posted"),
        Selection(key="P2"),
        Selection(since_unix_ms=NOW_MS + 1_001),
    ],
)
def test_each_filter_leaves_out_what_does_not_satisfy_it(selection: Selection) -> None:
    assert not selection.holds(letter(0))
    meant = letter(1, error_class="truncated", topic="review-posted", key=b"P2", failed_unix_ms=NOW_MS + 1_001)
    assert selection.holds(meant)
    assert Selection().holds(letter(0))


def test_a_batch_takes_the_oldest_letters_that_fit() -> None:
    found = [
        listed(letter(offset, failed_unix_ms=NOW_MS + failed, value=bytes(size)))
        for offset, failed, size in ((0, 3, 10), (1, 1, 10), (2, 2, 10))
    ]
    first, second, third = LetterId(1, 1), LetterId(1, 2), LetterId(1, 0)
    assert oldest(found, count=9, value_bytes=99) == (first, second, third)
    assert oldest(found, count=2, value_bytes=99) == (first, second)
    assert oldest(found, count=9, value_bytes=29) == (first, second)
    assert oldest(found, count=9, value_bytes=1) == (first,), "one always fits, or none would ever go back"


def test_a_list_says_nothing_of_what_is_in_a_letter() -> None:
    secret = letter(value=b"secret words", headers=({"name": "trace", "value": b"secret id"},))
    told = listed(secret)
    assert "secret" not in repr(told)
    assert (told.value_bytes, told.place, told.key) == (12, "product-created/1/10", "P1")
