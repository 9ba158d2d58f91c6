"""The values that shops write, as ours."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy import shop_fields
from deploy.shop_fields import Unreadable
from deploy.shop_names import PRODUCT_NAMES, Json, split
from schemas.events import Money


@pytest.mark.parametrize(
    ("given_price", "amount", "currency"),
    [
        ("57", "57", "EUR"),
        (57, "57", "EUR"),
        (Decimal("57.10"), "57.10", "EUR"),
        ("1,299.00", "1299.00", "EUR"),
        ("1.299,00 €", "1299.00", "EUR"),
        ("57,5", "57.5", "EUR"),
        ("1,299", "1299", "EUR"),
        ("1'299.50 CHF", "1299.50", "CHF"),
        ("$ 12", "12", "USD"),
        ("GBP 7", "7", "GBP"),
        ({"amount": "9.90", "currency": "SEK"}, "9.90", "SEK"),
        ({"value": 9}, "9", "EUR"),
    ],
)
def test_a_price_is_read_exactly(given_price: Json, amount: str, currency: str) -> None:
    assert shop_fields.money(given_price, "EUR") == Money(amount=Decimal(amount), currency=currency)


@pytest.mark.parametrize("bad", ["on request", "-5", True, ["9"], "1.2.3", "9 euros", {"amount": "x"}, "9.99999"])
def test_a_price_that_is_no_amount_is_refused(bad: Json) -> None:
    with pytest.raises(ValueError, match=r"amount|Amount|places"):
        shop_fields.money(bad, "EUR")


def test_nested_attributes_are_joined_by_dots() -> None:
    nested: Json = {"dimensions": {"width": "35 cm", "inner": {"depth": 3}}, "colours": ["Red", "Blue"], "none": None}
    assert shop_fields.attributes(nested) == {
        "dimensions.width": ("35 cm",),
        "dimensions.inner.depth": ("3",),
        "colours": ("Red", "Blue"),
    }


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (True, ("Yes",)),
        (False, ("No",)),
        (3, ("3",)),
        (Decimal("1.50"), ("1.50",)),
        ({"value": 35, "unit": "cm"}, ("35 cm",)),
        ({"value": "Kirnu"}, ("Kirnu",)),
        ({"value": Decimal("2.0"), "unit": None}, ("2.0",)),
        ([{"value": "Red"}, {"value": "Blue"}], ("Red", "Blue")),
        ([{"value": 1, "unit": "l"}, {"value": 2, "unit": "l"}], ("1 l", "2 l")),
        ("Lycra&reg;", ("Lycra®",)),
    ],
)
def test_an_attribute_becomes_text(value: Json, read: tuple[str, ...]) -> None:
    assert shop_fields.attributes({"name": value}) == {"name": read}


def test_what_stands_beside_a_value_and_its_unit_is_nested_in_its_name() -> None:
    width: Json = {"unit": "cm", "value": 15, "normalized": {"unit": "inches", "value": 6}, "label": ["outer"]}
    assert shop_fields.attributes({"width": width}) == {
        "width": ("15 cm",),
        "width.normalized": ("6 inches",),
        "width.label": ("outer",),
    }


def test_lists_of_names_and_values_are_attributes() -> None:
    listed: Json = [{"attribute_code": "material", "value": "Wool"}, {"name": "size", "value": ["S", "M"]}]
    assert shop_fields.attributes(listed) == {"material": ("Wool",), "size": ("S", "M")}


def test_objects_in_a_list_are_numbered() -> None:
    assert shop_fields.attributes({"v": [{"size": "S"}, {"size": "M"}]}) == {"v.1.size": ("S",), "v.2.size": ("M",)}


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ("Women > Tops", ("Women/Tops",)),
        ("Women/Tops", ("Women/Tops",)),
        (["Women/Tops", "Sale", "Sale"], ("Women/Tops", "Sale")),
        ([["Women", "Tops"], ["Sale"]], ("Women/Tops", "Sale")),
        (None, ()),
    ],
)
def test_categories_are_paths(value: Json, paths: tuple[str, ...]) -> None:
    assert shop_fields.categories(value) == paths


@pytest.mark.parametrize(
    "moment",
    [
        "2026-05-04T08:00:00Z",
        "2026-05-04T10:00:00+02:00",
        "2026-05-04T08:00:00",
        "1777881600",
        1777881600,
        1777881600000,
    ],
)
def test_a_time_is_read_in_any_usual_form(moment: Json) -> None:
    assert shop_fields.moment(moment) == 1_777_881_600_000


@pytest.mark.parametrize("bad", ["yesterday", True, [1], Decimal("1E+400000"), 10**30])
def test_a_time_that_is_none_is_refused(bad: Json) -> None:
    with pytest.raises(Unreadable):
        shop_fields.moment(bad)


@pytest.mark.parametrize(("stars", "read"), [(4, 4), (Decimal("4.0"), 4), ("4", 4), ("4/5", 4), ("4 stars", 4)])
def test_stars_are_read_in_any_usual_form(stars: Json, read: int) -> None:
    assert shop_fields.rating(stars) == read


@pytest.mark.parametrize("bad", [0, 6, 9, "4.5", Decimal("4.5"), "great", True, [4], -1])
def test_stars_beyond_one_to_five_are_refused(bad: Json) -> None:
    with pytest.raises(Unreadable, match="whole number of stars"):
        shop_fields.rating(bad)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a": ', "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": "\\ud800"}', "not UTF-8"),
        (b'{"a": ' + b"[" * 50_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "5000 digits"),
    ],
)
def test_a_line_that_is_no_json_object_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        shop_fields.parse(raw)


def test_names_are_taken_in_any_spelling_and_the_first_with_a_value_wins() -> None:
    row: dict[str, Json] = {"Product ID": "", "SKU": "A", "id": 7, "Color": "red", "weight": None}
    assert split(row, PRODUCT_NAMES) == ({"product_id": "A"}, {"Color": "red"})


@given(st.binary(max_size=80))
def test_no_bytes_make_the_reader_fail_in_another_way(raw: bytes) -> None:
    with suppress(Unreadable):
        assert isinstance(shop_fields.parse(raw), dict)
