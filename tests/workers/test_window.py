"""The window never lets an unfinished offset be committed past, and a restart skips exactly what is finished."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from workers.window import METADATA_LIMIT, MOST_DEATHS, Capacity, Hole, OtherRelease, Progress, Window


def holes(*offsets: int) -> tuple[Hole, ...]:
    return tuple(map(Hole, offsets))


def test_the_base_waits_for_the_slowest_request() -> None:
    window = Window(Progress(0, 0))
    for offset in (3, 4, 7):
        window.admit(offset)

    window.finish(7)
    window.finish(4)

    assert window.progress() == Progress(base=3, high=8, holes=holes(3))


def test_a_restart_does_what_was_unfinished_and_skips_the_rest() -> None:
    window = Window(Progress(base=3, high=8, holes=holes(3, 6)))

    admitted = [offset for offset in range(3, 10) if window.admit(offset)]

    assert admitted == [3, 6, 8, 9]


def test_what_was_finished_before_a_restart_stays_finished_in_the_next_commit() -> None:
    window = Window(Progress(base=3, high=8, holes=holes(3, 6)))
    window.admit(3)

    window.finish(3)

    assert window.progress() == Progress(base=6, high=8, holes=holes(6))


def test_a_hole_that_the_broker_no_longer_has_is_given_up_once_reading_went_past_it() -> None:
    window = Window(Progress(base=3, high=8, holes=holes(3, 6)))

    window.admit(7)
    assert window.progress() == Progress(base=8, high=8)


def test_a_message_delivered_twice_is_admitted_once() -> None:
    window = Window(Progress(0, 0))

    assert [window.admit(0), window.admit(0)] == [True, False]


def test_metadata_that_somebody_else_wrote_says_nothing_above_the_offset() -> None:
    assert Progress.decode(42, "reset by hand") == Progress(42, 42)
    assert Progress.decode(42, "2::!!!:") == Progress(42, 42)
    assert Progress.decode(42, "2:::") == Progress(42, 42)
    assert Progress.decode(42, "") == Progress(42, 42)


MARKS = st.tuples(st.integers(0, MOST_DEATHS), st.booleans())


@given(
    st.integers(0, 2**40),
    st.dictionaries(st.integers(0, 99_999), MARKS, max_size=999),
    st.sampled_from(["", "1a2b3c4d"]),
)
def test_progress_survives_its_encoding_and_fits(base: int, above: dict[int, tuple[int, bool]], owner: str) -> None:
    marked = tuple(Hole(base + distance, *mark) for distance, mark in sorted(({0: (0, False)} | above).items()))
    progress = Progress(base, base + 100_000, marked, owner)

    encoded = progress.encode()

    assert Progress.decode(base, encoded) == progress
    assert len(encoded) <= METADATA_LIMIT


def test_a_full_window_fits_the_metadata_even_with_holes_as_far_apart_as_can_be() -> None:
    capacity = Capacity()
    step = capacity.span // capacity.unfinished
    window = Window(Progress(0, 0), capacity=capacity)
    offset = 0
    while window.has_room_for(offset):
        window.admit(offset)
        window.start(offset)
        offset += step

    assert len(window.progress().holes) >= capacity.unfinished - 1
    assert len(window.progress().encode()) <= METADATA_LIMIT


def test_what_an_earlier_owner_left_is_admitted_even_when_it_fills_the_window() -> None:
    left = range(5)
    window = Window(Progress(0, 100, holes(*left)), capacity=Capacity(unfinished=5, span=100))

    assert [offset for offset in left if window.has_room_for(offset) and window.admit(offset)] == list(left)
    assert not window.has_room_for(100)

    window.finish(3)
    assert not window.has_room_for(100)  # the span is still full
    window.finish(0)
    assert window.has_room_for(100)


def test_what_was_under_way_when_its_owner_died_counts_a_death_once() -> None:
    left = Progress(3, 8, (Hole(3, under_way=True), Hole(6, deaths=1)), owner="dead")

    taken_over = Window(left, "next").progress()

    assert taken_over == Progress(3, 8, (Hole(3, deaths=1), Hole(6, deaths=1)), owner="next")
    assert Window(taken_over, "third").progress().holes == taken_over.holes


def test_an_owner_that_lost_a_partition_and_has_it_back_did_not_die() -> None:
    left = Progress(3, 8, (Hole(3, deaths=1, under_way=True),), owner="me")

    window = Window(left, "me")

    assert (window.progress().holes, window.cautious) == ((Hole(3, deaths=1),), False)


def test_after_a_death_starts_are_recorded_first_until_all_that_it_can_have_concerned_was_started() -> None:
    capacity = Capacity(unfinished=2, span=10)
    window = Window(Progress(0, 0, owner="dead"), "next", capacity)
    seen = []
    for offset in range(4):
        window.admit(offset)
        window.start(offset)
        seen.append(window.cautious)
        window.finish(offset)

    assert seen == [True, True, False, False]
    assert not Window(Progress(0, 0), "next", capacity).cautious


SMALL = Capacity(unfinished=6, span=30)


class WindowMachine(RuleBasedStateMachine):
    """Admit, finish, commit and crash in any order, with gaps in the offsets; compare with a plain log."""

    @initialize(base=st.integers(0, 1_000))
    def start(self, base: int) -> None:
        self.log: list[int] = []
        self.done: set[int] = set()
        self.in_flight: set[int] = set()
        self.committed = Progress(base, base)
        self.unread: deque[int] = deque()
        self.next = base
        self.owner = 0
        self.deaths: dict[int, int] = {}
        self.window = Window(self.committed, "0", SMALL)

    @rule(gap=st.integers(0, 3))
    def read_the_next_message(self, gap: int) -> None:
        """Read on: what a crash put before us again first, then something new."""
        offset = self.unread[0] if self.unread else self.next + gap
        if not self.window.has_room_for(offset):
            assert self.in_flight, "a full window with nothing to finish never empties"
            return
        if self.unread:
            self.unread.popleft()
        else:
            self.log.append(offset)
            self.next = offset + 1
        assert self.window.admit(offset) == (offset not in self.done)
        if offset not in self.done:
            self.in_flight.add(offset)

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def finish_any(self, data: st.DataObject) -> None:
        offset = data.draw(st.sampled_from(sorted(self.in_flight)))
        self.window.finish(offset)
        self.in_flight.discard(offset)
        self.done.add(offset)

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def start_any(self, data: st.DataObject) -> None:
        self.window.start(data.draw(st.sampled_from(sorted(self.in_flight))))

    @rule()
    def commit(self) -> None:
        self.committed = self.window.progress()

    @rule()
    def crash_and_read_again(self) -> None:
        """Finished work that was not committed is lost with the process, so it is done again."""
        self.committed = Progress.decode(self.committed.base, self.committed.encode())
        self.done = {offset for offset in self.log if self.committed.finished(offset)}
        self.owner += 1
        self.window = Window(self.committed, str(self.owner), SMALL)
        for hole in self.committed.holes:
            earlier = self.deaths.get(hole.offset, 0)
            self.deaths[hole.offset] = min(max(earlier, hole.deaths + hole.under_way), MOST_DEATHS)
        self.unread = deque(offset for offset in self.log if offset >= self.committed.base)
        self.in_flight = set()

    @invariant()
    def nothing_unfinished_is_passed(self) -> None:
        progress = self.window.progress()
        unfinished = set(self.log) - self.done
        assert all(not progress.finished(offset) for offset in unfinished)
        assert all(progress.finished(offset) for offset in self.done)
        assert all(offset >= progress.base for offset in unfinished)
        assert Progress.decode(progress.base, progress.encode()) == progress

    @invariant()
    def deaths_are_counted_and_never_forgotten_while_the_work_is_unfinished(self) -> None:
        for hole in self.window.progress().holes:
            assert hole.deaths == self.deaths.get(hole.offset, 0)


WindowMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestWindowMachine = WindowMachine.TestCase


def test_reading_may_begin_far_above_where_an_earlier_owner_was() -> None:
    fresh = Window(Progress(0, 0), "me")
    vanished = Window(Progress(3, 8, holes(3, 6)), "me")

    for window in (fresh, vanished):
        assert window.has_room_for(10_000_000)
        assert window.admit(10_000_000)
        assert window.progress().holes == ()
    assert not fresh.has_room_for(10_000_000 + Capacity().span)


def test_progress_that_another_release_wrote_is_not_guessed_at() -> None:
    with pytest.raises(OtherRelease):
        Progress.decode(42, "3:whatever")
