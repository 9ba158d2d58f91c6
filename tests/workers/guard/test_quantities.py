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


KETTLE = {
    "title": "Brook Kettle",
    "weight": "1.3 kg",
    "capacity": "1.7 l",
    "parts": "2",
    "battery_life": "2 hours",
    "charging_time": "30 hours",
    "width": "5 cm",
    "height": "7 cm",
}


@pytest.mark.parametrize(
    "text",
    [
        "The Brook Kettle does not weigh 1.3 kg.",
        "It doesn\u2019t have a total weight of 1.3 kg.",
        "It never holds 1.7 l of water.",
        "It cannot hold 1.7 l.",
        "It no longer holds 1.7 l.",
        "It is unable to hold 1.7 l.",
        "It does not come with 2 parts.",
        "1.3 kg it is not.",
        "1.3 kg is not its weight.",
    ],
)
def test_a_denied_number_needs_a_record_that_denies_it(text: str) -> None:
    assert not allowed(text, **KETTLE)
    assert allowed(text, **KETTLE, details=text)


@pytest.mark.parametrize(
    "text",
    [
        "It weighs barely 1.3 kg.",
        "It weighs barely half of 1.3 kg.",
        "It weighs half of the 1.3 kg.",
        "It weighs nowhere near 1.3 kg.",
        "It weighs double 1.3 kg.",
        "Take it instead of 1.3 kg.",
        "It weighs at most 1.3 kg.",
        "It weighs no more than 1.3 kg.",
        "It weighs up to 1.3 kg.",
        "It weighs up to 1.3 kg more.",
        "It weighs 1.3 kg less.",
        "It is 1.3 kg too heavy.",
        "It holds less water than 1.7 l.",
        "It holds more than the usual 1.7 l.",
        "It runs for 2 hours or more.",
        "It has at least 2 parts.",
        "It has 2 more parts.",
    ],
)
def test_a_bounded_number_needs_a_record_that_bounds_it_alike(text: str) -> None:
    assert "unsupported-number" in rules(text, {f"attributes.{name}": value for name, value in KETTLE.items()})
    assert "unsupported-number" not in rules(text, {"title": "Brook Kettle", "description": text})


@pytest.mark.parametrize(
    "text",
    [
        "It holds up to 1.7 l and runs for up to 2 hours.",
        "It does not hold more than 1.7 l.",
        "It weighs only 1.3 kg.",
        "It has not only 2 parts.",
        "It does not disappoint and weighs 1.3 kg.",
        "No fuss, 1.3 kg.",
    ],
)
def test_a_number_beside_a_denial_of_something_else_is_supported(text: str) -> None:
    assert allowed(text, **KETTLE)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("It carries at most 9 kg.", {"max_load": "9 kg"}),
        ("Not for children under 3 years.", {"warning": "Not for children under 3 years"}),
        ("From at least 3 years on.", {"warning": "Not for children under 3 years"}),
        ("Do not bleach; wash at 30 \u00b0C.", {"care": "wash at 30 \u00b0C, do not bleach"}),
        ("Wash at 30 \u00b0C.", {"care": "wash at 30 \u00b0C do not bleach"}),
        ("Wash at up to 30 \u00b0C.", {"care": "Do not wash above 30 \u00b0C"}),
    ],
)
def test_a_bound_or_a_neighbouring_denial_in_the_record_is_read_as_it_is_meant(
    text: str, facts: dict[str, str]
) -> None:
    assert allowed(text, **facts)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("For children under 3 years.", {"warning": "Not for children under 3 years"}),
        ("It weighs 9 kg.", {"details": "It does not weigh 9 kg"}),
        ("It carries at least 9 kg.", {"max_load": "9 kg"}),
    ],
)
def test_a_number_that_the_record_denies_is_no_ground(text: str, facts: dict[str, str]) -> None:
    assert not allowed(text, **facts)


@pytest.mark.parametrize(
    "text",
    [
        "It weighs 1.3 kg and holds 1.7 l.",
        "At 1.3 kg it holds 1.7 l.",
        "It has a battery life of 2 hours and charges in 30 hours.",
        "It charges in 30 hours and lasts 2 hours.",
        "30 hours of charging give 2 hours of battery life.",
        "It is 5 cm wide and 7 cm high.",
        "Width 5 cm height 7 cm.",
        "A height of 7 cm by 5 cm wide.",
        "It is 5 cm in width, 7 cm in height.",
    ],
)
def test_a_measure_is_of_the_side_that_it_is_said_of(text: str) -> None:
    assert allowed(text, **KETTLE)


@pytest.mark.parametrize(
    "text",
    [
        "It has a battery life of 30 hours and charges in 2 hours.",
        "It charges in 2 hours and lasts 30 hours.",
        "The battery lasts for a full 30 hours.",
        "2 hours of charging give 30 hours of battery life.",
        "It is 7 cm wide and 5 cm high.",
        "Width 7 cm height 5 cm.",
        "It is 7 cm in width, 5 cm in height.",
    ],
)
def test_a_measure_of_another_side_is_refused(text: str) -> None:
    assert not allowed(text, **KETTLE)


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
