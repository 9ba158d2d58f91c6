"""Revisions are compared by what people made of their texts, and nothing is counted twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.request import CopyPassage
from tests.factories import NOW_MS, feedback, provenance
from training.feedback import Author, Standing, edit_distance, share, standings


def body(text: str) -> tuple[CopyPassage, ...]:
    return (CopyPassage(place="body", text=text),)


def only(*arguments: object) -> Standing:
    (one,) = standings(*arguments)  # type: ignore[arg-type]
    return one


def test_each_revision_stands_for_itself_and_so_does_the_template() -> None:
    told = [
        feedback("Q1"),
        feedback("Q2", kind="rejected", model_revision="def"),
        feedback("Q3", kind="rejected", model_revision="def", adapter="ad"),
    ]
    found = standings(told, [provenance("Q4", origin="template", model="template:t", model_revision="1")])
    assert [each.author for each in found] == [
        Author("product-description", "smollm2-135m-instruct", "abc", ""),
        Author("product-description", "smollm2-135m-instruct", "def", ""),
        Author("product-description", "smollm2-135m-instruct", "def", "ad"),
        Author("product-description", "template:t", "1", ""),
    ]
    assert [(each.approved.value, each.rejected.value, each.judged) for each in found] == [
        (100.0, 0.0, 1),
        (0.0, 100.0, 1),
        (0.0, 100.0, 1),
        (0.0, 0.0, 0),
    ]


def test_what_is_told_twice_counts_once_and_of_two_verdicts_the_later() -> None:
    later = feedback("Q1", kind="rejected", given_unix_ms=NOW_MS + 1)
    one = only([later, feedback("Q1"), feedback("Q1"), later], [])
    assert (one.judged, one.rejected.value, one.approved.value) == (1, 100.0, 0.0)


def test_clicks_are_counted_once_per_text_among_all_that_are_known() -> None:
    clicks = [feedback("Q1", kind="clicked", feedback_id=f"C{number}") for number in range(3)]
    one = only([*clicks, feedback("Q9")], [provenance("Q1"), provenance("Q2"), provenance("Q3")])
    assert (one.published, one.clicked.value, one.judged) == (3, 25.0, 1)


def test_ratings_have_a_mean_and_edits_a_distance() -> None:
    edited = feedback("Q3", kind="edited", judged=body("A red cup."), edited=body("A blue cup."))
    rated = [feedback(f"Q{stars}", kind="rated", rating=stars) for stars in (2, 5)]
    one = only([edited, *rated], [])
    assert (one.rating.value, one.rated, one.edit_distance.value) == (3.5, 2, 25.0)


@pytest.mark.parametrize(
    ("old", "new", "percent"),
    [("a b c d", "a b c d", 0), ("a b c d", "", 100), ("a b c", "a b c d", 25), ("", "", 0), ("a b", "b a", 100)],
)
def test_an_edit_is_as_large_as_the_words_that_it_changes(old: str, new: str, percent: float) -> None:
    assert edit_distance(body(old), body(new)) == percent


def test_pieces_that_nobody_touched_are_no_part_of_an_edit() -> None:
    judged = (*body("one two"), CopyPassage(place="headline", text="three"))
    assert edit_distance(judged, body("one two")) == 0.0
    assert edit_distance((), body("one two")) == 100.0


@given(st.integers(0, 400), st.integers(1, 400))
def test_a_share_lies_in_its_interval_which_is_never_nothing(holds: int, more: int) -> None:
    one = share(holds, holds + more)
    assert 0.0 <= one.low <= one.value + 1e-9
    assert one.value - 1e-9 <= one.high <= 100.0
    assert one.high > one.low


def test_wilson_s_interval_of_a_few_is_wide() -> None:
    assert (round(share(0, 3).high, 1), round(share(10, 100).low, 1), round(share(10, 100).high, 1)) == (
        56.1,
        5.5,
        17.4,
    )
