"""The demo shop is what its README says."""

from __future__ import annotations

from collections import Counter

from deploy.shop_files import DEMO_SHOP, Reading, Refused, ShopEvent, events
from schemas.events import Activity, Product, Review

_FOUND = list(events(DEMO_SHOP, Reading(strict=True)))
_EVENTS = [each for each in _FOUND if isinstance(each, ShopEvent)]
_PRODUCTS = [each.record for each in _EVENTS if isinstance(each.record, Product)]
_REVIEWS = [each.record for each in _EVENTS if isinstance(each.record, Review)]
_ACTIVITY = [each.record for each in _EVENTS if isinstance(each.record, Activity)]
_DELETED = {each.key.decode() for each in _EVENTS if each.record is None}


def test_forty_products_in_eight_categories_stay() -> None:
    stay = [product for product in _PRODUCTS if product.product_id not in _DELETED]
    assert len({product.product_id for product in stay}) == 40
    assert len({product.categories[0].split("/")[0] for product in stay}) == 8


def test_a_hundred_and_fifty_reviews_of_which_one_is_of_no_product() -> None:
    assert len({review.review_id for review in _REVIEWS}) == 150
    assert {review.product_id for review in _REVIEWS} - {product.product_id for product in _PRODUCTS} == {"ZZ-999"}
    assert {review.rating for review in _REVIEWS} == {1, 2, 3, 4, 5}


def test_most_products_have_enough_reviews_for_a_summary() -> None:
    counts = Counter(product_id for product_id, _ in {(review.product_id, review.review_id) for review in _REVIEWS})
    assert sum(count >= 3 for count in counts.values()) == 31


def test_three_hundred_steps_of_forty_shoppers() -> None:
    steps = {step.activity_id: step for step in _ACTIVITY}
    assert len(steps) == 300
    assert len({step.user_id for step in _ACTIVITY}) == 40
    assert Counter(step.kind for step in steps.values())["question"] == 15


def test_every_step_concerns_a_product_of_the_shop() -> None:
    known = {product.product_id for product in _PRODUCTS} | {None}
    assert {step.product_id for step in _ACTIVITY} <= known


def test_the_malformed_lines_are_the_nine_of_the_readme() -> None:
    readme = (DEMO_SHOP / "README.md").read_text()
    places = {each.line.place for each in _FOUND if isinstance(each, Refused)}
    assert len(places) == 9
    assert all(f"`{place}`" in readme for place in places)


def test_the_updates_are_those_of_the_readme() -> None:
    versions = {
        product_id: [product.source_version for product in _PRODUCTS if product.product_id == product_id]
        for product_id in ("EL-301", "CL-103", "CL-104", "KI-201", "OU-407")
    }
    assert versions == {"EL-301": [1, 2], "CL-103": [1, 2], "CL-104": [3, 2], "KI-201": [1, 1], "OU-407": [1]}
    assert {"OU-407"} == _DELETED


def test_only_the_price_of_the_headphones_changes() -> None:
    before, after = (product for product in _PRODUCTS if product.product_id == "EL-301")
    changed = {name for name, value in after.model_dump().items() if value != before.model_dump()[name]}
    assert changed == {"price", "source_version", "updated_unix_ms"}


def test_nothing_that_cannot_be_seen_stands_unescaped_in_the_files() -> None:
    for path in DEMO_SHOP.glob("*.jsonl"):
        hidden = set("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
        assert not hidden & set(path.read_text())
