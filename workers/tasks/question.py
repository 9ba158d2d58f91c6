"""What a shopper's question is about: a field of the product's record that answers it, or a matter for a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from schemas.events import ProductFacts
from workers.guard.text import normalise
from workers.tasks.hostile import is_hostile
from workers.tasks.matters import matter_of
from workers.tasks.product_facts import SHOP_SWITCHES, spoken_name, spoken_value
from workers.tasks.words import singulars

# ruff: noqa: SIM905  (word lists read best as lines)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A field that answers a question: its path in the record, its name in words, and what stands there."""

    field: str
    name: str
    value: str

    @property
    def is_switch(self) -> bool:
        """Say whether the field only says yes or no."""
        return self.value in ("yes", "no")


_TOPICS: Final[tuple[tuple[str, str], ...]] = (
    (r"weigh\w*|heavy|light(?:er|weight)?", "weight"),
    (r"made (?:of|from|out)|materials?|fabric|wood", "material upper sole filling filters finish ingredient"),
    (r"wash\w*|clean\w*|care|machine|iron", "care cover dishwasher wash washing"),
    (r"dishwasher", "dishwasher care"),
    (
        r"dimensions?|how (?:big|large|wide|deep|high|tall|long)|measure\w*",
        "width height depth length diameter size dimension",
    ),
    (r"how tall|height|how high", "height"),
    (r"how wide|width", "width"),
    (r"how long is|length", "length"),
    (r"sizes?\b", "size sizes"),
    (r"colou?rs?", "colour color colours colors"),
    (r"batter(?:y|ies)|how long does it (?:last|run)|last", "battery runtime burn_time life"),
    (r"charg\w*", "charging battery charge"),
    (r"(?:what|which|from what|from which) age|how old|years? old|children|kids|toddler", "age warning"),
    (r"how many people|fit in|people|capacity|how much .* hold|volume|litres?|liters?|hold", "capacity volume"),
    (r"induction|hobs?|stove", "hob hobs stove"),
    (r"waterproof|water|rain|splash|shower|swim\w*", "water waterproof protection resistance column"),
    (r"pockets?", "pocket pockets"),
    (r"hood", "hood"),
    (r"bpa", "bpa"),
    (r"vegan", "vegan"),
    (r"lin(?:ed|ing)", "lining"),
    (r"certif\w*|organic|gots|oeko|fsc", "certification certificate"),
    (r"how many pieces|pieces|parts", "pieces contents"),
    (r"connect\w*|bluetooth|usb|jack|wireless", "connectivity ports charging"),
    (r"max\w* (?:load|weight)|carry|load", "load max"),
    (r"brand|who makes", "brand"),
    (r"price|costs?", "price"),
    (r"scent|smell|perfume|fragrance", "scent fragrance"),
    (r"assembl\w*", "assembly"),
    (r"neck\w*", "neckline"),
    (r"players?", "players"),
    (r"languages?", "language"),
)
_TOPIC_PATTERNS: Final = tuple(
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), set(names.split())) for words, names in _TOPICS
)
_SMALL: Final = frozenset(
    "the and for with this that does what which how can will your you have has are was there any from into not its "
    "many much long when who where product one use used work works come comes made make need get safe".split()
)
MAX_EVIDENCE = 4


def matter_for_a_person(text: str) -> str | None:
    """Give why a question is not for a machine: hostile, or about an order, money, delivery, safety or health."""
    return "hostile" if is_hostile(text) else matter_of(text)


def evidence_for(text: str, product: ProductFacts) -> tuple[Evidence, ...]:
    """Give the fields that answer the question, best first; none when the record does not say.

    A field answers when its name is what the question is about, or when all of its name's words stand in the question;
    a switch only in the second case, because yes or no to something near what was asked is a wrong answer.
    """
    question = normalise(text).lower()
    asked = singulars(question) - _SMALL
    about = _topics(question)
    scored = [(_score(one, asked, about), one) for one in _fields(product)]
    ranked = sorted(scored, key=lambda pair: -pair[0])
    return tuple(one for score, one in ranked if score)[:MAX_EVIDENCE]


def _topics(question: str) -> set[str]:
    """Give the names of the fields that a question is about; `how much` alone asks for the price."""
    about = set().union(*(names for pattern, names in _TOPIC_PATTERNS if pattern.search(question)))
    return about or ({"price"} if re.search(r"\bhow much\b", question) else about)


def _score(one: Evidence, asked: frozenset[str], about: set[str]) -> int:
    words = {word.lower() for word in one.name.split()}
    name = singulars(one.name) - _SMALL
    named = bool(name) and name <= asked
    if not (named or (words & about and not one.is_switch)):
        return 0
    return 2 * len(words & about) + 2 * len(name & asked) + len(singulars(one.value) & asked)


def _fields(product: ProductFacts) -> list[Evidence]:
    fields = [
        Evidence(f"attributes.{attribute}", name, value)
        for attribute, values in product.attributes.items()
        if (name := spoken_name(attribute)).lower() not in SHOP_SWITCHES and (value := _answer(values))
    ]
    if product.brand:
        fields.append(Evidence("brand", "brand", product.brand))
    if product.price:
        fields.append(Evidence("price", "price", f"{product.price.amount.normalize():f} {product.price.currency}"))
    return fields


def _answer(values: tuple[str, ...]) -> str:
    """Give what a field answers: unlike in a description, a plain no counts."""
    return "no" if len(values) == 1 and values[0].strip().lower() in ("no", "false") else spoken_value(values)
