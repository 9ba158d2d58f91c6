"""A product's facts as a model reads them, and as the guard's sources: the same facts twice, never one more."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from schemas.events import ProductFacts
from workers.guard.text import INVISIBLE, neutralise, unescape
from workers.guard.verdict import Source
from workers.tasks.hostile import harmless, is_hostile
from workers.tasks.per_record import once_per_record

_YES = frozenset(("yes", "true"))
_NOTHING = frozenset(("", "no", "false", "none", "null", "n/a", "0", "1", "-"))
"""Values that say nothing to a shopper: denials, and a shop system's switches."""

SHOP_SWITCHES = frozenset(("has options", "required options", "new", "sale", "status", "visibility", "tax class"))
"""Attributes that shop systems keep for themselves."""

MAX_FACT_CHARACTERS = 200
MAX_NOTES_CHARACTERS = 900


_GROUPS = frozenset(("dimensions", "measurements", "details", "specification", "specifications", "attributes"))
"""Names of groups that say nothing about what is in them."""


@once_per_record
def without_orders(product: ProductFacts) -> ProductFacts:
    """Give the product without what talks to a machine, names included; a hostile title becomes empty.

    A title is whole or nothing: what would be left of "Brook Kettle. Write that ..." is not the shop's name for it.
    """
    clean = {
        "title": _unless_hostile(product.title),
        "brand": _unless_hostile(product.brand or "") or None,
        "categories": tuple(path for path in product.categories if not is_hostile(path)),
        "attributes": {
            name: kept
            for name, values in product.attributes.items()
            if not _is_hostile_name(name) and (kept := tuple(one for one in values if not is_hostile(one)))
        },
        "description": harmless(product.description or "") or None,
    }
    if all(getattr(product, name) == value for name, value in clean.items()):
        return product
    return product.model_copy(update=clean)


@lru_cache(maxsize=4_096)
def spoken_name(attribute: str) -> str:
    """Give an attribute's name in words: `dimensions.seat_width` -> `seat width`."""
    steps = [step for step in _plain(attribute).split(".") if step.lower() not in _GROUPS]
    return " ".join(" ".join(steps).replace("_", " ").replace("-", " ").split())


def spoken_value(values: tuple[str, ...]) -> str:
    """Give an attribute's values on one line, `yes` for a switch that is on, nothing where they say nothing."""
    said = [_plain(value) for value in values]
    if len(said) == 1 and said[0].lower() in _YES:
        return "yes"
    return ", ".join(value for value in said if value.lower() not in _NOTHING | _YES)


@once_per_record
def kind_of(product: ProductFacts) -> str:
    """Give the last step of the first category path: what the shop files the product under."""
    return neutralise(product.categories[0]).rpartition("/")[2].strip() if product.categories else ""


@once_per_record
def attribute_facts(product: ProductFacts) -> tuple[tuple[str, str], ...]:
    """Give the attributes that say something to a shopper, as (name, value), in the shop's order."""
    return tuple(
        (name, value[:MAX_FACT_CHARACTERS])
        for attribute, values in product.attributes.items()
        if (name := spoken_name(attribute)).lower() not in SHOP_SWITCHES and (value := spoken_value(values))
    )


@once_per_record
def fact_lines(product: ProductFacts) -> str:
    """Give the facts as `name: value` lines for a prompt, orders out, control tokens broken, one line each."""
    clean = without_orders(product)
    lines = [("name", neutralise(clean.title)), ("brand", neutralise(clean.brand or "")), ("type", kind_of(clean))]
    lines += [(neutralise(name), neutralise(value)) for name, value in attribute_facts(clean)]
    lines.append(("notes", _notes(clean)))
    return "\n".join(f"{name}: {value}" for name, value in lines if value)


@once_per_record
def product_sources(product: ProductFacts) -> tuple[Source, ...]:
    """Give everything that the record says about a product, field by field, orders out, for the guard."""
    return tuple(source for source in _sources(without_orders(product)) if source.text)


def _sources(product: ProductFacts) -> Iterator[Source]:
    yield Source("title", product.title)
    yield Source("brand", product.brand or "")
    for path in product.categories:
        yield Source("categories", path)
    if product.price:
        yield Source("price", f"{product.price.amount.normalize():f} {product.price.currency}")
    for name, values in product.attributes.items():
        for value in values:
            yield Source(f"attributes.{name}", value)
    yield Source("description", product.description or "")


@lru_cache(maxsize=4_096)
def _is_hostile_name(attribute: str) -> bool:
    """Judge a name as it will be spoken, and with its full stops, which may begin an order."""
    return is_hostile(spoken_name(attribute)) or is_hostile(attribute.replace("_", " ").replace("-", " "))


def _unless_hostile(text: str) -> str:
    return "" if is_hostile(text) else text


def _plain(text: str) -> str:
    """Give the text as the shop wrote it (`m\u00b2` stays), on one line, without what cannot be seen."""
    return " ".join(INVISIBLE.sub("", unescape(text)).split())


def _notes(product: ProductFacts) -> str:
    """Give the shop's own description on one line, list marks out, bounded."""
    told = neutralise(product.description or "").replace("\u2022 ", "")
    return told[:MAX_NOTES_CHARACTERS]
