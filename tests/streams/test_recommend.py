"""Candidates are near the shopper's own history, varied, never bought already, and always the same ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas.events import ProductFacts
from schemas.request import HistoryItem
from streams.recommend import CANDIDATES, MAX_CANDIDATE_CHARS, recommend
from tests.factories import history_item


def _product(product_id: str, *categories: str, **attributes: str) -> ProductFacts:
    values = {name: (value,) for name, value in attributes.items()}
    return ProductFacts(product_id=product_id, title=product_id, categories=categories, attributes=values)


def _ids(history: tuple[HistoryItem, ...], *considered: ProductFacts) -> list[str]:
    liked = {each.product_id: each for each in considered}
    return [each.product_id for each in recommend(history, liked, considered)]


_JACKET = "Women/Tops/Jackets"
_HISTORY = (history_item("A1", "P1"),)


def test_a_product_of_the_same_category_comes_before_a_cousin_and_a_stranger_not_at_all() -> None:
    jacket, shirt, mug = _product("P3", _JACKET), _product("P2", "Women/Tops/Shirts"), _product("P4", "Home/Mugs")
    assert _ids(_HISTORY, mug, shirt, jacket) == ["P3", "P2"]


def test_what_was_bought_is_not_recommended() -> None:
    bought = history_item("A2", "P2", kind="purchase")
    assert _ids((*_HISTORY, bought), _product("P2", _JACKET), _product("P3", _JACKET)) == ["P3"]


def test_what_was_only_viewed_comes_after_what_is_new() -> None:
    assert _ids(_HISTORY, _product("P1", _JACKET), _product("P2", _JACKET)) == ["P2", "P1"]


def test_shared_attributes_decide_between_equals() -> None:
    seen = _product("P1", _JACKET, material="Fleece")
    fleece, wool = _product("P9", _JACKET, material="fleece"), _product("P2", _JACKET, material="Wool")
    assert _ids(_HISTORY, seen, wool, fleece)[0] == "P9"


def test_categories_are_mixed_while_there_are_others() -> None:
    jackets = [_product(f"J{number}", _JACKET) for number in range(5)]
    shirts = [_product(f"S{number}", "Women/Tops/Shirts") for number in range(2)]
    assert _ids(_HISTORY, *jackets, *shirts) == ["J0", "J1", "S0", "S1"]


def test_one_category_alone_still_fills_the_list() -> None:
    assert len(_ids(_HISTORY, *(_product(f"J{number}", _JACKET) for number in range(9)))) == CANDIDATES


def test_a_product_described_at_book_length_is_left_out() -> None:
    assert _ids(_HISTORY, _product("P2", _JACKET, story="x" * MAX_CANDIDATE_CHARS)) == []


@given(st.permutations([_product(f"P{number}", f"Women/Tops/{number % 3}") for number in range(2, 12)]))
def test_the_order_of_the_catalogue_does_not_matter(considered: list[ProductFacts]) -> None:
    in_order = sorted(considered, key=lambda each: each.product_id)
    assert _ids(_HISTORY, *considered) == _ids(_HISTORY, *in_order)
