"""Which sentences of a product's reviews may answer a question: a worker quotes only what was chosen here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from schemas.request import ReviewFact
from streams.review_state import KnownReview, fact_of
from streams.wording import asked, telling

MAX_REVIEWS = 5
MIN_SHARE: Final = 0.6
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|\s*\n\s*")


def near_reviews(question: str, reviews: Iterable[KnownReview], *, title: str = "") -> tuple[ReviewFact, ...]:
    """Give the reviews that have a sentence with most of what is asked, the nearest first, then the newest.

    Of each only these sentences. The product's own name tells nothing: all its reviews are about it. One word in common
    is not enough where the question names several things.
    """
    wanted = telling(asked(question)) - telling(asked(title))
    found = []
    for review in reviews:
        near = [(_common(sentence, wanted), sentence) for sentence in _SENTENCE_END.split(review.body)]
        kept = [(count, sentence) for count, sentence in near if _is_near(count, len(wanted))]
        if kept:
            body = " ".join(sentence for _, sentence in kept)
            found.append((max(kept)[0], review.posted_unix_ms, review.model_copy(update={"title": None, "body": body})))
    nearest = sorted(found, key=lambda each: (-each[0], -each[1], each[2].review_id))
    return tuple(fact_of(review) for _, _, review in nearest[:MAX_REVIEWS])


def _common(sentence: str, wanted: frozenset[str]) -> int:
    return len(wanted & telling(asked(sentence)))


def _is_near(common: int, wanted: int) -> bool:
    return common >= min(2, wanted) and wanted > 0 and common >= MIN_SHARE * wanted
