"""What the events call for was asked for; an event whose effect was lost on the way is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schemas import topics
from schemas.events import ActivityKind
from schemas.request import Facts, ReviewFact
from tests import factories
from tests.deploy.demo.story import Story

_STEPS: tuple[tuple[ActivityKind, str], ...] = (("view", "P1"), ("view", "P2"), ("cart", "P3"), ("purchase", "P1"))


def _described(story: Story, product_id: str) -> None:
    story.product(product_id)
    story.published(story.request(f"D-{product_id}", product_id))


def _review(story: Story, number: int, *, version: int = 1, deleted: bool = False) -> None:
    review = factories.review(f"R{number}", "P1", version=version, body=f"Body {version}.", deleted=deleted)
    story.put(topics.REVIEW_POSTED, "P1", review)
    _read(story, f"R{number}", version)


def _read(story: Story, review_id: str, version: int = 1) -> None:
    story.published(story.request(f"I-{review_id}-{version}", review_id, task="review-insight", version=version))


def _summarised(story: Story, *numbers: int) -> None:
    told = tuple(
        ReviewFact(review_id=f"R{number}", rating=5, title="Warm and light", body="Body 1.") for number in numbers
    )
    facts = Facts(product=factories.facts_of(factories.product("P1"), "brand"), reviews=told)
    story.published(story.request(f"S-{numbers}", "P1", task="review-summary", facts=facts))


def _recommended(story: Story, step: int) -> None:
    story.published(story.request(f"N-{step}", "U1", task="recommendation", version=step))


def _step(story: Story, number: int, kind: ActivityKind, product_id: str) -> None:
    activity = factories.activity(f"A{number}", kind=kind, product_id=product_id)
    story.put(topics.USER_ACTIVITY, "U1", activity)


def _shop(*, summary_of: tuple[int, ...] = (1, 2, 3), recommended_at: tuple[int, ...] = (3, 4)) -> Story:
    """Three products, three reviews of the first, and a shopper whose third and fourth step call for something."""
    story = Story()
    for product_id in ("P1", "P2", "P3"):
        _described(story, product_id)
    for number in (1, 2, 3):
        _review(story, number)
    _summarised(story, *summary_of)
    for number, (kind, product_id) in enumerate(_STEPS, start=1):
        _step(story, number, kind, product_id)
    for step in recommended_at:
        _recommended(story, step)
    return story


def test_a_shop_of_which_nothing_is_lost_adds_up() -> None:
    assert _shop().account().problems == ()


@pytest.mark.parametrize(
    ("story", "says"),
    [
        (_shop(summary_of=(1, 2)), "product P1 has 3 reviews, and its last summary is about others"),
        (_shop(recommended_at=(3,)), "step 4 of shopper U1 calls for a recommendation, and none was asked for"),
        (_shop(recommended_at=()), "step 3 of shopper U1 calls for a recommendation, and none was asked for"),
    ],
)
def test_what_was_not_asked_for_is_told(story: Story, says: str) -> None:
    assert says in story.account().problems


def _without_summary(story: Story) -> None:
    _described(story, "P9")
    for number in (7, 8, 9):
        story.put(topics.REVIEW_POSTED, "P9", factories.review(f"R{number}", "P9"))
        _read(story, f"R{number}")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_without_summary, "product P9 has 3 reviews, and no summary was asked for"),
        (lambda story: _review(story, 4), "product P1 has 4 reviews, and its last summary is about others"),
        (lambda story: _review(story, 1, version=2), "product P1 has 3 reviews, and its last summary is about others"),
        (lambda story: _review(story, 1, version=2, deleted=True), "product P1 has only 2 reviews, and yet"),
        (lambda story: _step(story, 5, "cart", "P2"), "step 5 of shopper U1 calls for a recommendation"),
    ],
)
def test_an_event_without_its_effect_is_told(spoil: Callable[[Story], None], says: str) -> None:
    story = _shop()
    spoil(story)
    assert [says in problem for problem in story.account().problems] == [True]


@pytest.mark.parametrize(
    "add",
    [
        lambda story: _review(story, 1),
        lambda story: _step(story, 4, "purchase", "P2"),
        lambda story: _step(story, 5, "view", "P2"),
        lambda story: _step(story, 5, "cart", "P-unknown"),
        lambda story: story.put(topics.USER_ACTIVITY, "U2", factories.activity("B1", "U2", kind="cart")),
    ],
    ids=["repeated-review", "repeated-step", "one-more-view", "unknown-product", "new-shopper"],
)
def test_an_event_that_calls_for_nothing_needs_no_request(add: Callable[[Story], None]) -> None:
    story = _shop()
    add(story)
    assert story.account().problems == ()


def test_refused_reviews_do_not_count() -> None:
    story = _shop()
    story.letter(story.put(topics.REVIEW_POSTED, "P1", factories.review("R4", "P1")), "key-mismatch")
    assert story.account().problems == ()


def test_a_shopper_of_a_product_that_was_deleted_meanwhile_is_not_judged() -> None:
    story = _shop(recommended_at=())
    story.put(topics.PRODUCT_CREATED, "P1", None)
    story.withdrawn(story.request("W", "P1"))
    assert not [problem for problem in story.account().problems if "shopper" in problem]


def test_a_shopper_who_bought_everything_is_recommended_nothing() -> None:
    story = Story()
    for number, product_id in enumerate(("P1", "P2", "P3"), start=1):
        _described(story, product_id)
        _step(story, number, "purchase", product_id)
    assert story.account().problems == ()
