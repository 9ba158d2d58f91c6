"""Which reviews are read for what they think: each one once a version, and none that was withdrawn."""

from __future__ import annotations

from schemas.events import ProductFacts, Review
from schemas.request import Facts
from schemas.tasks import REVIEW_INSIGHT
from streams.requests import Wanted, facts_read
from streams.review_state import KnownReview, ReviewState, fact_of, known_review


def insight_for(review: Review, product: ProductFacts | None, locales: tuple[str, ...]) -> tuple[Wanted, ...]:
    """Give the insight into a review that is new or newer, or take back that into a deleted one.

    Nothing is asked while the product is unknown: its first event brings the insights into its reviews.
    """
    if review.deleted:
        return tuple(
            Wanted(REVIEW_INSIGHT, review.review_id, locale, review.source_version, None) for locale in locales
        )
    return () if product is None else _insights(known_review(review), product, locales)


def insights_for(state: ReviewState, product: ProductFacts, locales: tuple[str, ...]) -> tuple[Wanted, ...]:
    """Give the insights into all reviews that waited for their product."""
    return tuple(wanted for review in state.reviews for wanted in _insights(review, product, locales))


def withdrawals_for(state: ReviewState, locales: tuple[str, ...]) -> tuple[Wanted, ...]:
    """Give the withdrawals of the insights into all reviews of a product that is gone."""
    return tuple(
        Wanted(REVIEW_INSIGHT, review.review_id, locale, review.version, None)
        for review in state.reviews
        for locale in locales
    )


def _insights(review: KnownReview, product: ProductFacts, locales: tuple[str, ...]) -> tuple[Wanted, ...]:
    cause = Facts(reviews=(fact_of(review),))
    facts = cause.model_copy(update={"product": facts_read(product, REVIEW_INSIGHT)})
    return tuple(
        Wanted(REVIEW_INSIGHT, review.review_id, locale, review.version, facts, cause=cause) for locale in locales
    )
