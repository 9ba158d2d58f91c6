"""Short ways to ask the guard about one text and a few facts."""

from __future__ import annotations

from workers.guard.guard import guard
from workers.guard.verdict import Grounds, Passage, Source, Verdict

JACKET = {
    "title": "Harbour Fleece Jacket",
    "brand": "Northwind",
    "categories": "Women/Tops/Jackets",
    "attributes.material": "Fleece, 100% Polyester",
    "attributes.weight": "420 g",
    "attributes.colour": "Navy",
    "attributes.pockets": "2",
    "attributes.breathable": "Yes",
    "attributes.waterproof": "No",
    "attributes.eco_collection": "No",
    "price": "57 EUR",
}


def grounds(facts: dict[str, str], *, locale: str = "en") -> Grounds:
    return Grounds(tuple(Source(field, text) for field, text in facts.items()), locale)


def verdict(text: str, facts: dict[str, str] | None = None, *, locale: str = "en", most: int = 2_000) -> Verdict:
    return guard((Passage("body", text, most),), grounds(JACKET if facts is None else facts, locale=locale))


def rules(text: str, facts: dict[str, str] | None = None, *, locale: str = "en") -> set[str]:
    return {hit.rule for hit in verdict(text, facts, locale=locale).hits}


def allowed(text: str, **facts: str) -> bool:
    """Say whether the text passes with these attributes as its only facts."""
    return verdict(text, {f"attributes.{name}": value for name, value in facts.items()}).allowed
