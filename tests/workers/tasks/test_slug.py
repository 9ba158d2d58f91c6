"""A product's address is plain, short, and stays when the rest of the product changes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import ProductFacts
from tests import factories
from workers.tasks.slug import slug


def of(title: str, *categories: str) -> str:
    return slug(ProductFacts(product_id="P-1", title=title, categories=categories))


@pytest.mark.parametrize(
    ("title", "category", "expected"),
    [
        ("Harbour Fleece Jacket", "Women/Jackets", "harbour-fleece-jacket"),
        ("Skerry", "Women/Jackets", "skerry-jackets"),
        ("Oat & Calendula Hand Cream", "Beauty/Hand Care", "oat-and-calendula-hand-cream"),
        ("Größe L, Crème brûlée 1,5 l", "", "groesse-l-creme-brulee-15-l"),
        ("Chef's Knife 20 cm", "Knives", "chefs-knife-20-cm"),
        ("羊毛夹克", "", "p-1"),
    ],
)
def test_a_slug_is_the_title_and_what_it_leaves_unsaid_of_the_kind(title: str, category: str, expected: str) -> None:
    assert of(title, *filter(None, (category,))) == expected


def test_a_change_of_price_material_and_text_leaves_the_slug() -> None:
    other = factories.product(version=2, price="1", attributes={"material": ("Wool",)}, description="Another text.")
    assert slug(factories.facts_of(other)) == slug(factories.facts_of(factories.product()))


@given(st.text(min_size=1, max_size=300), st.text(max_size=60))
def test_a_slug_is_always_short_plain_and_not_empty(title: str, category: str) -> None:
    found = of(title, category)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", found)
    assert len(found) <= 80
