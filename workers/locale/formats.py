"""Numbers, measures, prices and lists as a locale writes them (Unicode CLDR, by babel)."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Final, Literal

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from babel.units import format_unit

from workers.guard.units import Unit, unit_named

_ENGLISH: Final = "en"

_CLDR: Final = {
    "mm": "length-millimeter",
    "cm": "length-centimeter",
    "m": "length-meter",
    "km": "length-kilometer",
    "inch": "length-inch",
    "ft": "length-foot",
    "yd": "length-yard",
    "mg": "mass-milligram",
    "g": "mass-gram",
    "kg": "mass-kilogram",
    "oz": "mass-ounce",
    "lb": "mass-pound",
    "ml": "volume-milliliter",
    "cl": "volume-centiliter",
    "l": "volume-liter",
    "s": "duration-second",
    "min": "duration-minute",
    "hour": "duration-hour",
    "day": "duration-day",
    "week": "duration-week",
    "month": "duration-month",
    "year": "duration-year",
    "GB": "digital-gigabyte",
    "%": "concentr-percent",
    "celsius": "temperature-celsius",
    "fahrenheit": "temperature-fahrenheit",
}
"""CLDR's names of the units whose words differ between languages; symbols such as W, V and mAh are everybody's."""

_NEVER_SHORT: Final = frozenset(("length-inch", "length-foot", "length-yard", "mass-pound", "mass-ounce"))
"""Units that metric countries write in full: `12,5 Zoll`, not `12,5 in`."""


Width = Literal["short", "long"]
_ALL_DIGITS: Final = "#,##0.##########"
_LONGEST_SYMBOL: Final = 3


def language_of(locale: str) -> str:
    """Give a locale's language: `de` of `de-AT`."""
    return locale.replace("_", "-").partition("-")[0].lower()


def number(value: Decimal, locale: str) -> str:
    """Give a number with the locale's decimal mark and thousands marks, not rounded: `12.345,5`."""
    return format_decimal(value, locale=_known(locale), decimal_quantization=False)


def measure(value: Decimal, unit: str, locale: str) -> str:
    """Give a number with its unit, in the locale's word where the unit is a word: `12,5 cm`, `12,5 Zoll`, `12.5英寸`.

    A unit that has one symbol in all languages, or that is not known here, stays as it is.
    """
    known = unit_named(unit)
    name = _cldr_names().get(known) if known else None
    if name is None:
        return f"{number(value, locale)} {unit}"
    widths: tuple[Width, ...] = ("short", "long", "short")
    for width in widths[_is_word(unit, name) :]:
        written = format_unit(value, name, length=width, format=_ALL_DIGITS, locale=_known(locale))
        # Where CLDR has no pattern babel gives the unit's id, and an abbreviation's full stop would end the sentence.
        if name not in written and not written.endswith("."):
            return written
    return f"{number(value, locale)} {unit}"


def price(amount: Decimal, currency: str, locale: str) -> str:
    """Give an amount of money: `49,00 €`, `€49.00`; a code that is no currency stands before the number."""
    return format_currency(amount, currency, locale=_known(locale))


def listed(texts: tuple[str, ...], locale: str) -> str:
    """Give texts as a list in a sentence: `S, M und L`."""
    return format_list(list(texts), locale=_known(locale))


def _is_word(unit: str, name: str) -> bool:
    return name in _NEVER_SHORT or len(unit.strip(".")) > _LONGEST_SYMBOL


@cache
def _known(locale: str) -> Locale:
    """Give babel's locale: the whole one, else its language, else English."""
    for tag in (locale.replace("_", "-"), language_of(locale)):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(_ENGLISH)


@cache
def _cldr_names() -> dict[Unit, str]:
    units = {unit_named(symbol): name for symbol, name in _CLDR.items()}
    return {unit: name for unit, name in units.items() if unit is not None}
