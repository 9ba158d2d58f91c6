"""A history calls for a recommendation when it has something new to say, and a question comes with those before it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import Activity
from streams.replies import question_of
from streams.requests import Wanted, request_id
from streams.shopper_state import (
    IDS_KEPT,
    STEPS_KEPT,
    ShopperState,
    asked,
    conversation,
    is_recommendation_due,
    is_repeat,
    recommendations_for,
    with_activity,
)
from tests.factories import NOW_MS, activity, facts_of, product

_CANDIDATES = (facts_of(product("P9")),)


def _walk(steps: Sequence[Activity], state: ShopperState | None = None) -> tuple[list[Wanted], ShopperState]:
    state = state or ShopperState()
    wanted: list[Wanted] = []
    for step in steps:
        if is_repeat(step, state):
            continue
        state = with_activity(state, step, facts_of(product(step.product_id or "P1")))
        if is_recommendation_due(state, step):
            wanted += recommendations_for("U1", state, _CANDIDATES, ("en",))
            state = asked(state)
    return wanted, state


def _views(*products: int) -> list[Activity]:
    return [activity(f"A{place}", product_id=f"P{number}") for place, number in enumerate(products)]


def test_the_third_different_product_brings_the_first_recommendation() -> None:
    assert _walk(_views(1, 1, 2, 2))[0] == []
    (wanted,), _ = _walk(_views(1, 1, 2, 2, 3))
    assert (wanted.subject, wanted.version) == ("U1", 5)


def test_views_after_that_bring_one_at_every_fifth_step() -> None:
    wanted, _ = _walk(_views(*range(13)))
    assert [each.version for each in wanted] == [3, 8, 13]


@pytest.mark.parametrize("kind", ["cart", "purchase", "wishlist"])
def test_a_telling_step_brings_one_at_once(kind: str) -> None:
    told = activity("B1", product_id="P1").model_copy(update={"kind": kind})
    wanted, _ = _walk([*_views(1, 2, 3), told])
    assert [each.version for each in wanted] == [3, 4]


def test_a_repeated_activity_costs_nothing() -> None:
    steps = _views(1, 2, 3)
    wanted, state = _walk([*steps, *steps, *steps])
    assert len(wanted) == 1
    assert state.version == 3


def test_an_unknown_product_is_no_step_but_its_repeat_is_known() -> None:
    state = with_activity(ShopperState(), activity("A1"), None)
    assert (state.steps, state.version) == ((), 0)
    assert is_repeat(activity("A1"), state)


def test_a_search_is_no_step() -> None:
    state = with_activity(ShopperState(), activity(kind="search"), facts_of(product()))
    assert not is_recommendation_due(state, activity(kind="search"))
    assert state.steps == ()


def test_history_and_ids_are_bounded() -> None:
    _, state = _walk(_views(*range(IDS_KEPT + 50)))
    assert (len(state.steps), len(state.seen)) == (STEPS_KEPT, IDS_KEPT)


def test_nothing_to_recommend_asks_for_nothing() -> None:
    assert recommendations_for("U1", ShopperState(), (), ("en",)) == ()


def test_a_recommendation_replayed_against_a_newer_catalogue_is_the_same_request() -> None:
    _, state = _walk(_views(1, 2, 3))
    (then,) = recommendations_for("U1", state, _CANDIDATES, ("en",))
    (now,) = recommendations_for("U1", state, (facts_of(product("P8")),), ("en",))
    assert request_id(then) == request_id(now)


_steps = st.lists(
    st.builds(
        activity,
        st.sampled_from([f"A{number}" for number in range(20)]),
        kind=st.sampled_from(["view", "cart", "purchase", "search"]),
        product_id=st.sampled_from(["P1", "P2", "P3", "P4"]),
    ),
    min_size=1,
    max_size=25,
)


@given(_steps, st.data())
def test_a_crash_before_remembering_repeats_the_same_ids(steps: list[Activity], data: st.DataObject) -> None:
    wanted, state = _walk(steps)
    cut = data.draw(st.integers(0, len(steps) - 1))
    before, remembered = _walk(steps[:cut])
    after, _ = _walk(steps[cut:], remembered)
    assert [request_id(each) for each in [*before, *after]] == [request_id(each) for each in wanted]
    assert _walk(steps[cut:], state) == ([], state), "and a replay of what is remembered asks for nothing"


def question(number: int, text: str, *, minute: int, product_id: str = "P1") -> Activity:
    at = NOW_MS + minute * 60_000
    return activity(f"A{number}", kind="question", text=text, product_id=product_id, occurred_unix_ms=at)


def after(*asked: Activity) -> ShopperState:
    state = ShopperState()
    for each in asked:
        state = with_activity(state, each, None)
    return state


def test_a_question_comes_with_those_before_it_about_the_same_product() -> None:
    state = after(
        question(1, "Is it warm?", minute=0),
        question(2, "Is that one warm?", minute=1, product_id="P2"),
        question(3, "And dry?", minute=2),
    )
    turns = conversation(state, question(4, "And when it snows?", minute=3))
    assert [turn.question for turn in turns] == ["Is it warm?", "And dry?"]
    handed_on = question_of(question(4, "And when it snows?", minute=3), turns)
    assert handed_on
    assert handed_on.question.earlier == turns


def test_what_was_asked_more_than_half_an_hour_ago_is_another_conversation() -> None:
    state = after(question(1, "Is it warm?", minute=0))
    assert conversation(state, question(2, "And dry?", minute=29)) != ()
    assert conversation(state, question(2, "And dry?", minute=31)) == ()


def test_only_the_last_questions_are_kept_and_a_step_does_not_forget_them() -> None:
    state = after(*(question(number, f"Is it {number}?", minute=0) for number in range(9)))
    state = with_activity(state, activity("A9", kind="view", occurred_unix_ms=NOW_MS), facts_of(product()))
    assert [each.text for each in state.questions] == [f"Is it {number}?" for number in range(4, 9)]
