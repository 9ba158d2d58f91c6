"""What a text calls the product and its maker: a small model mixes up the words of a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from schemas.events import ProductFacts
from schemas.ledger import RuleHit
from schemas.request import GenerationRequest
from workers.guard.glossary import BASE
from workers.guard.languages import lexicon_of
from workers.guard.text import normalise
from workers.guard.tokens import tokens
from workers.locale.formats import language_of
from workers.tasks.per_record import once_per_record
from workers.tasks.product_facts import kind_of
from workers.tasks.task import Candidate

WRONG_NAME = "wrong-name"
"""The rule that refuses the product's name with another word in it, and another maker than the record's."""

_HAN = "\u3400-\u9fff"
_CAPITALISED = rf"[^\W\d_a-z{_HAN}](?:[^\W{_HAN}]|['\u2019&-])*"
_MAKER = re.compile(rf"\bby\s+(?:the\s+)?((?:{_CAPITALISED})(?:\s+{_CAPITALISED})*)")
_RUN = re.compile(rf"{_CAPITALISED}(?:\s+(?:{_CAPITALISED}|\d[\w.,]*|&))+")
_OPENERS = frozenset(["the", "a", "an", "this", "our", "meet", "discover", "new", "it", "your", "with", "by"])
_SHARED_WORDS = 2
_SMALL_LETTERS = 2


def names_product(text: str, product: ProductFacts) -> bool:
    """Say whether nearly all words of the product's title stand in a text; small words and numbers do not count."""
    title = {word for word in _words(product.title) if len(word) > _SMALL_LETTERS and word.isalpha()}
    return len(title & _words(text)) * 5 >= len(title) * 4


def wrong_names(candidate: Candidate, product: ProductFacts, request: GenerationRequest) -> tuple[RuleHit, ...]:
    """Give a hit for the first name that is nearly the product's, or for another maker than its own.

    German writes every noun with a capital, so that nothing tells a name there.
    """
    if request.locale.partition("-")[0].lower() == "de":
        return ()
    makers = _makers(product) | _words(_shop_names(request))
    for passage in candidate.passages:
        text = normalise(passage.text)
        for name in (*_other_makers(text, makers), *_other_titles(text, product, makers, _openers(request.locale))):
            return (RuleHit(rule=WRONG_NAME, detail=f"'{name}' is not the name in the facts"),)
    return ()


@once_per_record
def _makers(product: ProductFacts) -> frozenset[str]:
    """Give the words that may be a maker's: the brand's and those of the attributes."""
    return _words(product.brand or "") | _words(str(product.attributes))


def _other_makers(text: str, makers: frozenset[str]) -> Iterator[str]:
    """Give what follows `by` like a maker's name and has a word that no maker's name has."""
    yield from (found[1] for found in _MAKER.finditer(text) if not _words(found[1]) <= makers)


def _openers(locale: str) -> frozenset[str]:
    """Give the words that may begin a sentence before a name, in the text's language."""
    language = language_of(locale)
    words = lexicon_of(language) if language != BASE else None
    return words.words if words else _OPENERS


def _other_titles(text: str, product: ProductFacts, makers: frozenset[str], openers: frozenset[str]) -> Iterator[str]:
    """Give runs of capitalised words of which some are the title's and one is nowhere in the record's names."""
    title = _words(product.title)
    known = title | makers | _words(kind_of(product))
    for found in _RUN.finditer(text):
        words = _words(found[0]) - (openers - title)
        if len(words & title) >= _SHARED_WORDS and not words <= known:
            yield found[0]


def _shop_names(request: GenerationRequest) -> str:
    voice = request.facts.voice if request.facts else None
    return " ".join(voice.required_words) if voice else ""


@lru_cache(maxsize=1_024)
def _words(text: str) -> frozenset[str]:
    return frozenset(token.fold for token in tokens(normalise(text)) if token.kind in "wn")
