from __future__ import annotations

from decimal import Decimal

import pytest

from workers.guard.text import normalise
from workers.locale.formats import language_of, listed, measure, number, price


@pytest.mark.parametrize(
    ("locale", "written"),
    [("en", "12,345.675"), ("de", "12.345,675"), ("fr-FR", "12 345,675"), ("zh-CN", "12,345.675")],
)
def test_a_number_has_the_marks_of_its_locale_and_every_digit(locale: str, written: str) -> None:
    assert normalise(number(Decimal("12345.675"), locale)) == written


@pytest.mark.parametrize(
    ("locale", "unit", "written"),
    [
        ("de", "cm", "12,5 cm"),
        ("de", "inches", "12,5 Zoll"),
        ("fr", "inches", "12,5 pouces"),
        ("es", "litres", "12,5 litros"),
        ("zh", "cm", "12.5厘米"),
        ("de", "mAh", "12,5 mAh"),
        ("de", "hours", "12,5 Stunden"),
    ],
)
def test_a_measure_has_the_unit_of_its_language(locale: str, unit: str, written: str) -> None:
    assert normalise(measure(Decimal("12.5"), unit, locale)) == written


def test_a_price_stands_as_the_locale_writes_it() -> None:
    assert normalise(price(Decimal("49"), "EUR", "de-DE")) == "49,00 €"
    assert price(Decimal("49"), "EUR", "en-GB") == "€49.00"


def test_a_list_ends_with_the_languages_and() -> None:
    assert listed(("S", "M", "L"), "es") == "S, M y L"


def test_a_locale_that_nobody_knows_is_written_as_english() -> None:
    assert number(Decimal("1.5"), "xx-XX") == "1.5"


def test_a_language_is_the_first_part_of_a_locale() -> None:
    assert (language_of("de_AT"), language_of("zh-Hans-CN")) == ("de", "zh")
