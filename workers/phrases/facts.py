"""A product's facts as a locale says them: its words where the vocabularies have them, its numbers, else unchanged."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from schemas.events import ProductFacts
from workers.guard.gloss import is_native
from workers.guard.glossary import BASE, Glossary, glossary
from workers.guard.lexicon import Term, lexicon
from workers.guard.text import normalise
from workers.guard.tokens import tokens
from workers.guard.units import unit_named
from workers.locale.formats import language_of, measure, number
from workers.phrases.phrases import phrases
from workers.tasks.product_facts import attribute_facts

_SEPARATORS: Final = re.compile(r"(\s*,\s+|\s*[/&+;]\s*|\s+and\s+)")
_ENGLISH_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MEASURE: Final = re.compile(rf"({_ENGLISH_NUMBER})\s?([^\W\d_]+\.?|°[CF]|%|\")?(?!\w)")
_SHAPE: Final = re.compile(rf"((?:(?:{_ENGLISH_NUMBER})\s?[x×]\s?)+)(?=\d)")  # noqa: RUF001  (the times sign is meant)
_MARKS: Final = {"zh": {",": "、", "/": "/", "&": "和", "+": "+", ";": "；", "and": "和"}}  # noqa: RUF001


def native_facts(product: ProductFacts, locale: str) -> tuple[tuple[str, str], ...]:
    """Give the facts that say something to a shopper, as (name, value), in the locale's words; English ones as it is.

    A value of which one word has no translation stays whole as it is, and so does what is not English.
    """
    facts = attribute_facts(product)
    words = glossary(language_of(locale))
    if words is None:
        return facts
    told = " ".join((*(text for fact in facts for text in fact), product.description or ""))
    if is_native(told, words.language):
        return tuple((name, native_value("yes", locale) if value == "yes" else value) for name, value in facts)
    return tuple((native_name(name, locale), native_value(value, locale, name=name)) for name, value in facts)


def native_name(name: str, locale: str) -> str:
    """Give an attribute's name in the locale's language: `max load` -> `maximale Belastung`."""
    words = glossary(language_of(locale))
    if words is None:
        return name
    return words.native(name.lower(), "attribute") or _term(name, words) or name


def native_value(value: str, locale: str, *, name: str = "") -> str:
    """Give an attribute's value in the locale's language: `80% Cotton` -> `80 % Baumwolle`, `12.5 cm` -> `12,5 cm`."""
    words, spoken = glossary(language_of(locale)), phrases(locale)
    if words is None or spoken is None or is_native(value, words.language):
        return value
    if value in ("yes", "no"):
        return spoken.say(value)
    parts = [
        _mark(part, words) if place % 2 else _part(part, words, name)
        for place, part in enumerate(_SEPARATORS.split(value))
    ]
    return value if None in parts else "".join(part for part in parts if part is not None)


def _mark(separator: str, words: Glossary) -> str:
    """Give what stands between two parts of a value, as the language writes it."""
    mark = separator.strip()
    if mark == "and":
        return separator.replace("and", words.native("and")) if words.spaced else "和"
    return separator if words.spaced else _MARKS["zh"].get(mark, mark)


def _part(part: str, words: Glossary, name: str) -> str | None:
    """Give a part of a value in the language: a term, a measure, a share of a material; None without a word for it."""
    text = normalise(part)
    if not any(letter.isalnum() for letter in text):
        return part
    if term := _term(text, words, name) or words.native(text):
        return term
    shape = _SHAPE.match(text)
    found = _MEASURE.match(text, shape.end() if shape else 0)
    if found is None or (found[2] and unit_named(found[2]) is None):
        return None
    rest = text[found.end() :].strip()
    said = _term(rest.lower(), words, name) if rest else ""
    if rest and not said:
        return None
    # As the language writes numbers, not the region: so the guard reads them.
    first = _numbers(shape[0], words.language) if shape else ""
    return f"{first}{_measured(found, words.language)}{' ' if rest and words.spaced else ''}{said}"


def _measured(found: re.Match[str], locale: str) -> str:
    value = Decimal(found[1].replace(",", ""))
    if found[2]:
        return measure(value, found[2], locale)
    return found[1] if value == value.to_integral_value() and "," not in found[1] else number(value, locale)


def _numbers(text: str, locale: str) -> str:
    return re.sub(_ENGLISH_NUMBER, lambda one: number(Decimal(one[0].replace(",", "")), locale), text)


def _term(text: str, words: Glossary, name: str = "") -> str:
    """Give the language's word for a text that is one term of the vocabularies from end to end, or nothing."""
    english, row = lexicon(BASE), tokens(normalise(text))
    found = next(english.find(row, in_record=True), None) if english and row else None
    if found is None or found.first or found.last != len(row):
        return ""
    terms = sorted(found.terms, key=lambda term: term.kind not in name.lower())
    native = next((form for term in terms if (form := _native(term, words))), "")
    return native[:1].upper() + native[1:] if text[:1].isupper() else native


def _native(term: Term, words: Glossary) -> str:
    return words.native(term.name, term.kind)
