"""What was written about a product that answers a question: a sentence of the shop's description, or of a review."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from schemas.events import ProductFacts
from schemas.request import ReviewFact
from schemas.wording import stem
from workers.guard.text import normalise, sentences
from workers.tasks.hostile import harmless

# ruff: noqa: SIM905  (a word list reads best as lines)

MAX_QUOTE_CHARACTERS: Final = 280
_MIN_SHARE: Final = 0.5
_SHOP: Final = "description"
_REVIEW: Final = "review:"
_WORD: Final = re.compile(r"[^\W_]+")
_SMALL: Final = frozenset(
    "a an and any are as at be been but by can come comes could did do does for from get got had has have how i if in "
    "is it its just like long made make many me more much my need no not of on one or out product really should so "
    "some than that the their them then there these they this to too use used very was we well were what when where "
    "which who why will with work works would yes you your".split()
)
"""Words that say nothing of what is asked."""


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence that answers a question, and where it stands: `description`, or `review:` and the review's id."""

    source: str
    text: str

    @property
    def is_shops(self) -> bool:
        """Say whether the shop itself wrote it."""
        return self.source == _SHOP


def quote_for(question: str, product: ProductFacts | None, reviews: Iterable[ReviewFact]) -> Quote | None:
    """Give the sentence that has most of the question's words, the shop's own before a reviewer's; None without one.

    The shop's must have at least half of what is asked. Reviews that come with a question were chosen for it by whoever
    asks (`schemas.request.Facts`): of them the nearest sentence answers, in whatever words.
    """
    asked = telling(question)
    shares = ((_share(quote, asked), quote) for quote in _quotes(product, reviews))
    ranked = sorted(shares, key=lambda found: (-found[0], not found[1].is_shops))
    return next((quote for share, quote in ranked if _answers(quote, share)), None)


def telling(text: str) -> frozenset[str]:
    """Give the words of a text that say what it is about, endings folded."""
    return frozenset(stem(word) for word in _WORD.findall(normalise(text).lower()) if word not in _SMALL)


def _quotes(product: ProductFacts | None, reviews: Iterable[ReviewFact]) -> Iterator[Quote]:
    for sentence in sentences(harmless(product.description or "")) if product else ():
        yield Quote(_SHOP, sentence)
    for review in reviews:
        for sentence in sentences(harmless(review.body)):
            yield Quote(f"{_REVIEW}{review.review_id}", sentence)


def _answers(quote: Quote, share: float) -> bool:
    if len(quote.text) > MAX_QUOTE_CHARACTERS or "?" in quote.text:
        return False
    return not quote.is_shops or share >= _MIN_SHARE


def _share(quote: Quote, asked: frozenset[str]) -> float:
    return len(asked & telling(quote.text)) / len(asked) if asked else 0.0
