"""Interactive work is started first and always finds a place."""

from __future__ import annotations

import pytest

from workers.schedule import Limits, Schedule


def drained(schedule: Schedule[str]) -> list[str]:
    started = []
    while job := schedule.start_next():
        started.append(job)
    return started


def test_interactive_jobs_overtake_bulk_jobs_that_wait() -> None:
    schedule: Schedule[str] = Schedule(Limits(in_flight=10, interactive_reserve=1))
    schedule.add("bulk", "bulk")
    schedule.add("question", "interactive")

    assert drained(schedule) == ["question", "bulk"]


def test_bulk_leaves_places_for_interactive_jobs() -> None:
    schedule: Schedule[str] = Schedule(Limits(in_flight=3, interactive_reserve=1))
    for number in range(5):
        schedule.add(f"bulk {number}", "bulk")
    assert drained(schedule) == ["bulk 0", "bulk 1"]

    schedule.add("question", "interactive")

    assert drained(schedule) == ["question"]


def test_a_removed_job_frees_its_place_or_is_never_started() -> None:
    schedule: Schedule[str] = Schedule(Limits(in_flight=2, interactive_reserve=1))
    for job in ("a", "b", "c"):
        schedule.add(job, "bulk")
    assert drained(schedule) == ["a"]

    schedule.remove("b")
    schedule.remove("a")

    assert drained(schedule) == ["c"]
    assert (schedule.running, schedule.waiting) == (1, 0)


def test_limits_under_which_bulk_never_starts_are_refused() -> None:
    with pytest.raises(ValueError, match="smaller"):
        Limits(in_flight=4, interactive_reserve=4)


def test_a_suspect_waits_until_nothing_runs_and_then_is_alone() -> None:
    schedule: Schedule[str] = Schedule(Limits(in_flight=3, interactive_reserve=1))
    schedule.add("bulk", "bulk")
    assert drained(schedule) == ["bulk"]
    schedule.add("suspect", "alone")
    schedule.add("question", "interactive")
    assert drained(schedule) == []

    schedule.remove("bulk")
    assert drained(schedule) == ["suspect"]

    schedule.remove("suspect")
    assert drained(schedule) == ["question"]
