"""What is remembered of a product's reviews, and when their summary is out of date."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b

from pydantic import BaseModel, ConfigDict, Field

from schemas.events import ProductFacts, Review
from schemas.request import Facts, ReviewFact
from schemas.tasks import REVIEW_SUMMARY
from streams.product_state import Standing
from streams.requests import Wanted, asked_as

REVIEWS_KEPT = 200
BODY_CHARS_KEPT = 1_500
TITLE_CHARS_KEPT = 200
"""Bounds that keep a product's reviews, 4 bytes a character, below the 2 MiB of one request."""

EVERY_CHANGE_UP_TO = 10
"""With so few reviews each change is news; beyond it is every tenth part."""


class KnownReview(BaseModel):
    """A review as of its newest version, without its author's name."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    review_id: str
    version: int
    posted_unix_ms: int
    rating: int
    title: str | None
    body: str
    verified_purchase: bool
    author_key: str | None = None


class ReviewState(BaseModel):
    """A product's newest reviews, oldest first, and what was asked about them.

    `version` counts the requests made: it is the `source_version` of the next, since a set of reviews has none of its
    own. `removed` maps withdrawn reviews to their versions, so that an older event cannot bring them back. `asked` maps
    a locale to the summary last asked for, `asked_about` is the product as it was then, `changes` counts what happened
    to the reviews since, and `has_removal` says that one of them was withdrawn.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: int = 0
    reviews: tuple[KnownReview, ...] = ()
    removed: dict[str, int] = Field(default_factory=dict)
    changes: int = 0
    has_removal: bool = False
    asked: dict[str, str] = Field(default_factory=dict)
    asked_about: ProductFacts | None = None


@dataclass(frozen=True, slots=True)
class SummaryPolicy:
    """From how many reviews on a summary is written, and in which languages."""

    min_reviews: int = 3
    locales: tuple[str, ...] = ("en",)

    def enough_changes(self, count: int) -> int:
        """Give how many changes to `count` reviews make their summary out of date."""
        return 1 if count <= EVERY_CHANGE_UP_TO else math.ceil(count / 10)


def standing(review: Review, state: ReviewState) -> Standing:
    """Say whether a review event is news: a larger version is, the same one again is a repeat, all else is stale."""
    if review.review_id in state.removed:
        seen = state.removed[review.review_id]
        return _against(review.source_version, seen, same=review.deleted)
    found = next((each for each in state.reviews if each.review_id == review.review_id), None)
    if found is None:
        return Standing.NEW
    return _against(review.source_version, found.version, same=not review.deleted and known_review(review) == found)


def with_review(state: ReviewState, review: Review) -> ReviewState:
    """Give the reviews after a new event: the review added, replaced or removed, only the newest kept."""
    others = tuple(each for each in state.reviews if each.review_id != review.review_id)
    removed = {name: version for name, version in state.removed.items() if name != review.review_id}
    if review.deleted:
        removed[review.review_id] = review.source_version
        reviews = others
    else:
        reviews = _newest((*others, known_review(review)))
    bounded = dict(list(removed.items())[-REVIEWS_KEPT:])
    changed = reviews != state.reviews
    return state.model_copy(
        update={
            "reviews": reviews,
            "removed": bounded,
            "changes": state.changes + changed,
            "has_removal": state.has_removal or (review.deleted and changed),
        }
    )


def summaries_for(
    state: ReviewState, product_id: str, product: ProductFacts | None, policy: SummaryPolicy
) -> tuple[Wanted, ...]:
    """Give the summaries to write or take back now.

    Nothing is asked while the product is unknown: its first event brings the summary. With too few reviews left, what
    was asked is taken back.
    """
    if product is None:
        return ()
    if len(state.reviews) < policy.min_reviews:
        return withdrawals_for(state, product_id)
    facts = _facts(state, product)
    return tuple(
        Wanted(REVIEW_SUMMARY, product_id, locale, state.version + 1, facts)
        for locale in policy.locales
        if _is_due(state, facts, locale, policy)
    )


def withdrawals_for(state: ReviewState, product_id: str) -> tuple[Wanted, ...]:
    """Give the withdrawals of all summaries that were asked for."""
    return tuple(Wanted(REVIEW_SUMMARY, product_id, locale, state.version + 1, None) for locale in sorted(state.asked))


def asked(state: ReviewState, wanted: tuple[Wanted, ...]) -> ReviewState:
    """Give what is remembered once these summaries were asked for, or taken back."""
    if not wanted:
        return state
    withdrawn = {each.locale for each in wanted if each.facts is None}
    written = {each.locale: each.facts for each in wanted if each.facts is not None}
    left = {locale: value for locale, value in state.asked.items() if locale not in withdrawn}
    return state.model_copy(
        update={
            "version": state.version + 1,
            "changes": 0,
            "has_removal": False,
            "asked": left | {locale: asked_as(facts, REVIEW_SUMMARY) for locale, facts in written.items()},
            "asked_about": next((facts.product for facts in written.values()), None),
        }
    )


def _is_due(state: ReviewState, facts: Facts, locale: str, policy: SummaryPolicy) -> bool:
    last = state.asked.get(locale)
    if last == asked_as(facts, REVIEW_SUMMARY):
        return False
    if last is None or facts.product != state.asked_about or not last.startswith(f"{REVIEW_SUMMARY.template_version}:"):
        return True
    # A summary may cite what was withdrawn, so that cannot wait.
    return state.has_removal or state.changes >= policy.enough_changes(len(state.reviews))


def fact_of(review: KnownReview) -> ReviewFact:
    """Give a review as a request carries it."""
    return ReviewFact(
        review_id=review.review_id,
        rating=review.rating,
        title=review.title,
        body=review.body,
        verified_purchase=review.verified_purchase,
        author_key=review.author_key,
    )


def _facts(state: ReviewState, product: ProductFacts) -> Facts:
    return Facts(product=product, reviews=tuple(map(fact_of, state.reviews)))


def _newest(reviews: tuple[KnownReview, ...]) -> tuple[KnownReview, ...]:
    in_order = sorted(reviews, key=lambda each: (each.posted_unix_ms, each.review_id))
    return tuple(in_order[-REVIEWS_KEPT:])


def known_review(review: Review) -> KnownReview:
    """Give what is remembered of a review."""
    return KnownReview(
        review_id=review.review_id,
        version=review.source_version,
        posted_unix_ms=review.posted_unix_ms,
        rating=review.rating,
        title=review.title[:TITLE_CHARS_KEPT] if review.title else None,
        body=review.body[:BODY_CHARS_KEPT],
        verified_purchase=review.verified_purchase,
        author_key=_author_key(review),
    )


def _author_key(review: Review) -> str | None:
    """Give a key that only tells two reviews of one author about one product together; another product's differs."""
    name = (review.author or "").strip().casefold()
    if not name:
        return None
    return blake2b(name.encode(), digest_size=8, key=review.product_id.encode()[:64]).hexdigest()


def _against(version: int, seen: int, *, same: bool) -> Standing:
    if version > seen:
        return Standing.NEW
    return Standing.REPEAT if version == seen and same else Standing.STALE
