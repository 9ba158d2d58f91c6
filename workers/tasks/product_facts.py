"""A product's facts as a model reads them, and as the guard's sources: the same facts twice, never one more."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.events import ProductFacts
from workers.guard.text import INVISIBLE, neutralise, unescape
from workers.guard.verdict import Source
from workers.tasks.hostile import harmless, is_hostile

_YES = frozenset(("yes", "true"))
_NOTHING = frozenset(("", "no", "false", "none", "null", "n/a", "0", "1", "-"))
"""Values that say nothing to a shopper: denials, and a shop system's switches."""

_SHOP_SWITCHES = frozenset(("has options", "required options", "new", "sale", "status", "visibility", "tax class"))
"""Attributes that shop systems keep for themselves."""

MAX_FACT_CHARACTERS = 200
MAX_NOTES_CHARACTERS = 900


_GROUPS = frozenset(("dimensions", "measurements", "details", "specification", "specifications", "attributes"))
"""Names of groups that say nothing about what is in them."""


def spoken_name(attribute: str) -> str:
    """Give an attribute's name in words: `dimensions.seat_width` -> `seat width`."""
    steps = [step for step in _plain(attribute).split(".") if step.lower() not in _GROUPS]
    return " ".join(" ".join(steps).replace("_", " ").replace("-", " ").split())


def spoken_value(values: tuple[str, ...]) -> str:
    """Give an attribute's values on one line, `yes` for a switch that is on, nothing where they say nothing."""
    said = [_plain(value) for value in values if not is_hostile(value)]
    if len(said) == 1 and said[0].lower() in _YES:
        return "yes"
    return ", ".join(value for value in said if value.lower() not in _NOTHING | _YES)


def kind_of(product: ProductFacts) -> str:
    """Give the last step of the first category path: what the shop files the product under."""
    return neutralise(product.categories[0]).rpartition("/")[2].strip() if product.categories else ""


def attribute_facts(product: ProductFacts) -> tuple[tuple[str, str], ...]:
    """Give the attributes that say something to a shopper, as (name, value), in the shop's order."""
    return tuple(
        (name, value[:MAX_FACT_CHARACTERS])
        for attribute, values in product.attributes.items()
        if (name := spoken_name(attribute)).lower() not in _SHOP_SWITCHES and (value := spoken_value(values))
    )


def fact_lines(product: ProductFacts) -> str:
    """Give the facts as `name: value` lines for a prompt, control tokens broken, one line each."""
    lines = [
        ("name", neutralise(product.title)),
        ("brand", neutralise(product.brand or "")),
        ("type", kind_of(product)),
    ]
    lines += [(neutralise(name), neutralise(value)) for name, value in attribute_facts(product)]
    lines.append(("notes", _notes(product)))
    return "\n".join(f"{name}: {value}" for name, value in lines if value)


def product_sources(product: ProductFacts) -> tuple[Source, ...]:
    """Give everything that the record says about a product, field by field, for the guard."""
    return tuple(_sources(product))


def _sources(product: ProductFacts) -> Iterator[Source]:
    yield Source("title", product.title)
    if product.brand:
        yield Source("brand", product.brand)
    for path in product.categories:
        yield Source("categories", path)
    if product.price:
        yield Source("price", f"{product.price.amount.normalize():f} {product.price.currency}")
    for name, values in product.attributes.items():
        for value in filter(_is_harmless, values):
            yield Source(f"attributes.{name}", value)
    if told := harmless(product.description or ""):
        yield Source("description", told)


def _plain(text: str) -> str:
    """Give the text as the shop wrote it (`m\u00b2` stays), on one line, without what cannot be seen."""
    return " ".join(INVISIBLE.sub("", unescape(text)).split())


def _is_harmless(value: str) -> bool:
    return not is_hostile(value)


def _notes(product: ProductFacts) -> str:
    """Give the shop's own description on one line, list marks out, bounded."""
    told = neutralise(harmless(product.description or "")).replace("\u2022 ", "")
    return told[:MAX_NOTES_CHARACTERS]
