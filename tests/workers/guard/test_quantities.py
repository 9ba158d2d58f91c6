"""Numbers with their units are found and compared exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.guard.reading import allowed, rules
from workers.guard.quantities import quantities
from workers.guard.text import normalise
from workers.guard.tokens import tokens


@pytest.mark.parametrize(
    ("text", "value", "dimension"),
    [
        ("5 cm", Fraction(1, 20), "length"),
        ("50mm", Fraction(1, 20), "length"),
        ("1.5 kg", Fraction(1500), "mass"),
        ("1,500 g", Fraction(1500), "mass"),
        ("12-inch", Fraction(3048, 10000), "length"),
        ('6"', Fraction(1524, 10000), "length"),
        ("100 \u00b0F", Fraction(340, 9), "temperature"),
        ("-5 \u00b0C", Fraction(-5), "temperature"),
        ("120 g/m\u00b2", Fraction(120), "fabric weight"),
        ("half a litre", Fraction(1, 2), "volume"),
        ("2\u00bd cups", Fraction(5, 2), "count"),
        ("twenty-five hours", Fraction(90_000), "time"),
        ("$1,299.50", Fraction(2599, 2), "money:USD"),
        ("57 EUR", Fraction(57), "money:EUR"),
        ("83%", Fraction(83), "percent"),
        ("IP67", Fraction(67), "count"),
        ("1st", Fraction(1), "ordinal"),
    ],
)
def test_a_number_is_read_with_its_unit(text: str, value: Fraction, dimension: str) -> None:
    (found,) = quantities(normalise(text))
    assert (found.value, found.dimension) == (value, dimension)


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [("1.299,50 g", "de", "1299.5"), ("12 000 g", "fr", "12000"), ("2,5 g", "de-AT", "2.5"), ("2.5 g", "de", "2.5")],
)
def test_separators_are_read_as_the_locale_writes_them(text: str, locale: str, value: str) -> None:
    assert quantities(text, locale=locale)[0].value == Fraction(value)


@pytest.mark.parametrize("text", ["one of a kind", "no one else", "all-in-one", "which one", "half the effort"])
def test_words_that_count_nothing_are_no_numbers(text: str) -> None:
    assert quantities(text) == ()


def test_both_ends_of_a_range_have_its_unit() -> None:
    low, high = quantities("10-15 cm")
    assert (low.value, high.value) == (Fraction(1, 10), Fraction(3, 20))


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("It is 5 cm wide.", {"width": "50 mm"}),
        ("It is 5 cm wide.", {"width_cm": "5"}),
        ("It weighs 1500 g.", {"weight": "1.5 kg"}),
        ("It weighs 1.5 kg.", {"weight (g)": "1500"}),
        ("It has two pockets.", {"pockets": "2"}),
        ("It has 2 zip pockets.", {"details": "two zip pockets"}),
        ("It is 80% cotton.", {"material": "80% cotton, 20% wool"}),
        ("It has UPF 50+ cover.", {"protection": "UPF50"}),
        ("It measures 30 x 20 cm.", {"size": "30 cm x 20 cm"}),
        ("It measures 30 x 20 cm.", {"width": "30 cm", "depth": "200 mm"}),
        ("A set of 3 bowls.", {"kind": "bowl", "bowls": "3"}),
        ("It lasts up to 12 hours.", {"battery_life": "12 h"}),
    ],
)
def test_the_same_quantity_in_other_words_is_supported(text: str, facts: dict[str, str]) -> None:
    assert allowed(text, **facts)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("It is 5 cm wide.", {"width": "5 mm"}),
        ("It is 5 cm wide.", {"height": "5 cm"}),
        ("It is 5 cm wide.", {"width": "5"}),
        ("It weighs 1.5 lb.", {"weight": "1.5 kg"}),
        ("It has three pockets.", {"pockets": "2"}),
        ("It has 2 pockets.", {"warranty_years": "2", "pockets": "many"}),
        ("It is 20% cotton.", {"material": "80% cotton, 20% wool"}),
        ("It measures 20 x 30 cm.", {"size": "30 x 20 cm"}),
        ("Size 34x32.", {"size": "32x34"}),
        ("It costs 57 USD.", {"price": "57 EUR"}),
        ("It lasts over 12 hours.", {"battery_life": "12 h"}),
        ("It is IP68.", {"rating": "IP67"}),
        ("It charges in 12 hours.", {"battery_life": "12 hours"}),
    ],
)
def test_another_quantity_is_refused(text: str, facts: dict[str, str]) -> None:
    assert not allowed(text, **facts)


@given(
    st.decimals(min_value=0, max_value=99_999, places=2, allow_nan=False),
    st.sampled_from(["", " kg", " cm", "%", " pockets", " EUR"]),
)
def test_a_number_that_no_source_has_is_always_refused(number: object, unit: str) -> None:
    text = f"It has {number}{unit}."
    assert "unsupported-number" in rules(text, {"title": "Harbour Fleece Jacket", "attributes.weight": "123456 kg"})


@given(st.text(max_size=60))
def test_any_text_can_be_read_for_numbers(text: str) -> None:
    clean = normalise(text)
    for found in quantities(clean):
        assert 0 <= found.start <= len(clean)
    assert all(clean[token.start : token.end] == token.text for token in tokens(clean))
