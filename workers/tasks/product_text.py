"""A product's record as texts about it need it: in a prompt, in a template, and held against what a text says."""

from __future__ import annotations

import re

from schemas.events import ProductFacts
from schemas.ledger import RuleHit
from schemas.request import Facts, GenerationRequest
from workers.guard.gloss import read_row
from workers.guard.text import normalise
from workers.guard.verdict import Grounds
from workers.locale.formats import language_of
from workers.phrases.facts import native_facts
from workers.phrases.phrases import Phrases
from workers.tasks.invented import invented_materials
from workers.tasks.naming import wrong_names
from workers.tasks.product_facts import attribute_facts, fact_lines, product_sources, without_orders
from workers.tasks.task import Candidate
from workers.tasks.turned import turned_warnings
from workers.tasks.words import singulars

SAYS_NOTHING = "says-nothing"
"""The rule that refuses a text which says next to nothing beyond the product's name."""

_NUMBER = re.compile(r"\d+")
_EMPTY_WORDS = singulars("the and for with are you your that this its has have all from not but can made when yes")


def product_of(request: GenerationRequest) -> ProductFacts:
    """Give the request's product, orders out; one whose title gives orders has an empty title."""
    product = (request.facts or Facts()).product
    if product is None:
        raise ValueError("no product: `missing` was not asked")
    return without_orders(product)


def product_grounds(request: GenerationRequest) -> Grounds:
    """Give the product's record, in which every claim must stand."""
    return Grounds(product_sources(product_of(request)), request.locale)


def asked_about(product: ProductFacts) -> str:
    """Give the facts as a prompt shows them."""
    return f"Facts:\n{fact_lines(product)}"


def stated(product: ProductFacts, spoken: Phrases) -> tuple[str, ...]:
    """Give the facts as sentences of a template: `Material: Wool.`"""
    return tuple(
        spoken.say("fact-sentence", name=name[:1].upper() + name[1:], value=value)
        for name, value in native_facts(product, spoken.language)
    )


def strays(candidate: Candidate, request: GenerationRequest) -> tuple[RuleHit, ...]:
    """Find materials and names that the record lacks, and warnings turned round."""
    product = product_of(request)
    return (
        *invented_materials(candidate, product),
        *wrong_names(candidate, product, request),
        *turned_warnings(candidate, product_sources(product)),
    )


def next_to_nothing(text: str, request: GenerationRequest, *, at_least: int) -> tuple[RuleHit, ...]:
    """Miss so many words or numbers of the record beyond the product's name, or all of them where it has fewer."""
    product = product_of(request)
    values = " ".join(value for _, value in attribute_facts(product))
    told = (singulars(values) | singulars(product.description or "") - singulars(product.title)) - _EMPTY_WORDS
    glossed = " ".join(token.text for token in read_row(normalise(text), language_of(request.locale)))
    said = len((singulars(text) | singulars(glossed)) & told) + len(_NUMBER.findall(text))
    if said >= min(at_least, len(told)):
        return ()
    return (RuleHit(rule=SAYS_NOTHING, detail="the text says next to nothing about the product"),)
