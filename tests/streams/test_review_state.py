"""A product's reviews are summarised when enough of them changed, and what is withdrawn stays withdrawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import avsc, topics
from schemas.codec import Codec
from schemas.events import ProductFacts, Review
from schemas.registry import FakeRegistry
from streams.product_state import Standing
from streams.requests import Wanted, request_for, request_id
from streams.review_state import (
    BODY_CHARS_KEPT,
    REVIEWS_KEPT,
    ReviewState,
    SummaryPolicy,
    asked,
    standing,
    summaries_for,
    with_review,
    withdrawals_for,
)
from tests.factories import NOW_MS, facts_of, product, review

_PRODUCT = facts_of(product(), "brand", "categories")
_POLICY = SummaryPolicy()


def _reviewed(count: int, state: ReviewState | None = None, *, start: int = 0) -> ReviewState:
    state = state or ReviewState()
    for number in range(start, start + count):
        state = with_review(state, review(f"R{number:03}", posted_unix_ms=NOW_MS + number))
    return state


def _settled(state: ReviewState, product: ProductFacts | None = _PRODUCT) -> tuple[ReviewState, tuple[Wanted, ...]]:
    wanted = summaries_for(state, "P1", product, _POLICY)
    return asked(state, wanted), wanted


def test_two_reviews_are_not_summarised_and_three_are() -> None:
    assert _settled(_reviewed(2))[1] == ()
    state, (wanted,) = _settled(_reviewed(3))
    assert wanted.version == state.version == 1
    assert [each.review_id for each in wanted.facts.reviews] == ["R000", "R001", "R002"]  # type: ignore[union-attr]


def test_a_summary_waits_for_its_product() -> None:
    state, wanted = _settled(_reviewed(5), None)
    assert wanted == ()
    assert len(_settled(state)[1]) == 1


def test_a_summary_does_not_know_who_wrote_a_review() -> None:
    (wanted,) = _settled(_reviewed(3))[1]
    assert "Mara" not in request_for(wanted, now_unix_ms=1).model_dump_json()


@pytest.mark.parametrize(("count", "changes"), [(3, 1), (10, 1), (11, 2), (50, 5), (200, 20)])
def test_the_more_reviews_the_more_must_change(count: int, changes: int) -> None:
    state, _ = _settled(_reviewed(count))
    for number in range(changes):
        assert _settled(state)[1] == (), f"after {number} changes"
        state = with_review(state, review(f"R{count - 1 - number:03}", version=2, rating=1, posted_unix_ms=NOW_MS))
    assert len(_settled(state)[1]) == 1


def test_a_withdrawn_review_is_not_cited_any_longer_however_many_others_there_are() -> None:
    state, _ = _settled(_reviewed(50))
    state, (wanted,) = _settled(with_review(state, review("R010", version=2, deleted=True)))
    assert wanted.facts is not None
    assert "R010" not in {each.review_id for each in wanted.facts.reviews}
    state = with_review(state, review("R011", version=2, rating=1))
    assert _settled(state)[1] == (), "once is enough"


def test_the_withdrawal_of_a_review_that_was_not_kept_is_no_change() -> None:
    state, _ = _settled(_reviewed(50))
    assert _settled(with_review(state, review("never seen", deleted=True)))[1] == ()


def test_another_title_of_the_product_is_summarised_at_once() -> None:
    state, _ = _settled(_reviewed(50))
    (wanted,) = _settled(state, _PRODUCT.model_copy(update={"title": "Renamed"}))[1]
    assert wanted.version == 2


def test_too_few_reviews_left_take_the_summary_back() -> None:
    state, _ = _settled(_reviewed(3))
    state = with_review(state, review("R001", version=2, deleted=True))
    state, (wanted,) = _settled(state)
    assert (wanted.facts, wanted.version) == (None, 2)
    assert _settled(state)[1] == (), "once is enough"


def test_reviews_that_come_back_are_summarised_under_a_new_id() -> None:
    state, (first,) = _settled(_reviewed(3))
    state, _ = _settled(with_review(state, review("R001", version=2, deleted=True)))
    back = with_review(state, review("R001", version=3, posted_unix_ms=NOW_MS + 1))
    (again,) = _settled(back)[1]
    assert again.facts == first.facts
    assert request_id(again) != request_id(first)


def test_a_deleted_product_takes_its_summary_back() -> None:
    state, _ = _settled(_reviewed(3))
    wanted = withdrawals_for(state, "P1")
    assert [each.facts for each in wanted] == [None]
    assert withdrawals_for(asked(state, wanted), "P1") == ()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (review("R1", version=2), Standing.REPEAT),
        (review("R1", version=2, rating=1), Standing.STALE),
        (review("R1", version=2, deleted=True), Standing.STALE),
        (review("R1", version=1), Standing.STALE),
        (review("R1", version=3), Standing.NEW),
        (review("R2", version=1), Standing.NEW),
    ],
)
def test_only_a_larger_version_of_a_review_is_news(event: Review, expected: Standing) -> None:
    assert standing(event, with_review(ReviewState(), review("R1", version=2))) is expected


def test_an_older_event_does_not_bring_a_deleted_review_back() -> None:
    state = with_review(ReviewState(), review("R1", version=2, deleted=True))
    assert standing(review("R1", version=1), state) is Standing.STALE
    assert standing(review("R1", version=2, deleted=True), state) is Standing.REPEAT
    assert standing(review("R1", version=3), state) is Standing.NEW


def test_only_the_newest_reviews_are_kept() -> None:
    state = _reviewed(REVIEWS_KEPT + 5)
    assert len(state.reviews) == REVIEWS_KEPT
    assert state.reviews[0].review_id == "R005"


def test_the_longest_reviews_fit_into_one_request() -> None:
    state = ReviewState()
    for number in range(REVIEWS_KEPT):
        long = review(f"{number:0256}", body="\U0001f9e5" * 20_000, title="\U0001f9e5" * 20_000)
        state = with_review(state, long)
    (wanted,) = _settled(state)[1]
    raw = _codec().encode(topics.REQUESTS_BULK, request_for(wanted, now_unix_ms=1))
    assert len(state.reviews[0].body) == BODY_CHARS_KEPT
    assert len(raw) < topics.REQUESTS_BULK.max_message_bytes
    assert len(state.model_dump_json()) < topics.REVIEWS_CHANGELOG.max_message_bytes / 4


def _codec() -> Codec:
    registry = FakeRegistry()
    registry.register(topics.REQUESTS_BULK.subject, avsc.text_of(topics.REQUESTS_BULK.record))
    return Codec(registry)


_events = st.lists(
    st.builds(
        review,
        st.sampled_from(["R1", "R2", "R3", "R4"]),
        version=st.integers(1, 4),
        rating=st.integers(1, 2),
        deleted=st.booleans(),
    ),
    min_size=1,
    max_size=15,
)


def _run(events: list[Review], state: ReviewState) -> tuple[list[str], ReviewState]:
    ids: list[str] = []
    for event in events:
        if standing(event, state) is Standing.NEW:
            state, wanted = _settled(with_review(state, event))
            ids += [request_id(each) for each in wanted]
    return ids, state


@given(_events, st.data())
def test_replaying_any_part_of_the_past_asks_for_nothing_new(events: list[Review], data: st.DataObject) -> None:
    ids, state = _run(events, ReviewState())
    again = events[data.draw(st.integers(0, len(events))) :]
    assert _run(again, state) == ([], state)
    assert len(ids) == len(set(ids))


@given(_events, st.data())
def test_a_crash_before_remembering_repeats_the_same_ids(events: list[Review], data: st.DataObject) -> None:
    ids, _ = _run(events, ReviewState())
    cut = data.draw(st.integers(0, len(events) - 1))
    before, remembered = _run(events[:cut], ReviewState())
    after, _ = _run(events[cut:], remembered)
    assert [*before, *after] == ids


@given(_events)
def test_what_is_kept_is_the_newest_version_of_each_review(events: list[Review]) -> None:
    _, state = _run(events, ReviewState())
    for name in {each.review_id for each in events}:
        newest = max(each.source_version for each in events if each.review_id == name)
        kept = {each.review_id: each.version for each in state.reviews} | state.removed
        assert kept[name] == newest
