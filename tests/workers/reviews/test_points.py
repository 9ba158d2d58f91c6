from __future__ import annotations

import pytest

from schemas.request import ReviewFact
from tests.factories import review_facts
from workers.reviews.digest import digest, negative_share
from workers.reviews.naming import naming
from workers.reviews.points import points
from workers.reviews.prose import consensus, predicates


@pytest.mark.parametrize(
    ("body", "predicate"),
    [
        ("They fit perfectly.", "fits well"),
        ("Very well made.", "is well made"),
        ("Great value.", "is good value for money"),
        ("So easy to assemble.", "is easy to set up"),
        ("Runs a little small.", "runs small"),
        ("Order a size up.", "runs small"),
        ("Not worth the money.", "is expensive"),
        ("It stopped working after a week.", "stops working"),
        ("The seam came apart.", "breaks easily"),
        ("It does not fit.", "does not fit"),
        ("Would not recommend.", "is not recommended"),
        ("The battery lasts only a day.", "has a poor battery"),
    ],
)
def test_a_point_is_found_in_the_words_of_reviews(body: str, predicate: str) -> None:
    assert predicate in {one.predicate for one in points(review_facts(body, rating=3))}


@pytest.mark.parametrize(
    ("body", "predicate"),
    [
        ("It never broke.", "breaks easily"),
        ("No leaks so far.", "leaks"),
        ("I would not recommend it.", "is recommended"),
        ("They need some breaking in, break in time is short.", "breaks easily"),
        ("It is not too tight.", "runs small"),
    ],
)
def test_what_is_denied_is_no_point(body: str, predicate: str) -> None:
    assert predicate not in {one.predicate for one in points(review_facts(body, rating=3))}


def test_a_point_keeps_the_words_of_each_review_that_makes_it() -> None:
    (point,) = points(review_facts("So COMFY!", "comfortable"))
    assert [(one.review_id, one.words) for one in point.made] == [("R1", "COMFY"), ("R2", "comfortable")]


def test_the_thing_is_called_as_two_of_its_reviewers_call_it() -> None:
    assert naming(review_facts("This charger is fine.", "I like this charger.", "This charger case is.")).this == (
        "this charger"
    )
    assert naming(review_facts("These are fine.", "They fit.")).this == "these products"
    assert naming(review_facts("It works.")).this == "this product"


def test_predicates_agree_with_the_number_of_the_thing() -> None:
    reviews = review_facts("These are soft, warm enough and fit well.", "They are soft and warm enough, they fit well.")
    said, name = digest(reviews), naming(reviews)
    assert predicates(said.pros, name) == "are soft and warm, and fit well"
    assert consensus(said, name) == "Reviewers say that these products are soft and warm, and fit well."


def test_the_last_review_of_an_author_counts() -> None:
    one = ReviewFact(review_id="R1", rating=1, body="It broke.", author_key="a")
    other = ReviewFact(review_id="R2", rating=5, body="Comfortable.", author_key="a")
    assert [point.predicate for point in digest((one, other)).pros] == ["is comfortable"]
    assert digest((one, other)).cons == ()


def test_three_stars_are_half_a_complaint() -> None:
    reviews = tuple(ReviewFact(review_id=f"R{n}", rating=n, body="x") for n in (1, 3, 5, 5))
    assert negative_share(reviews) == 0.375
