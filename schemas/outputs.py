"""What shops read: published copy, one record per output topic."""

from __future__ import annotations

from schemas.provenance import Copy
from schemas.record import Identifier, Record


class ProductDescription(Copy):
    """A product's page text. `meta_description` is for search engines, at most 160 characters."""

    product_id: Identifier
    headline: str
    body: str
    bullets: tuple[str, ...] = ()
    meta_description: str


class CitedStatement(Record):
    """One statement about what reviewers said, with the reviews that say it."""

    text: str
    review_ids: tuple[str, ...]


class ReviewSummary(Copy):
    """What a product's reviewers agree on. `average_rating` runs from 1 to 5 over `review_count` reviews."""

    product_id: Identifier
    review_count: int
    average_rating: float
    summary: str
    pros: tuple[CitedStatement, ...] = ()
    cons: tuple[CitedStatement, ...] = ()


class RecommendedItem(Record):
    """One product with the reason it is shown, which names the shopper's own history."""

    product_id: Identifier
    title: str
    reason: str
    because_of: tuple[str, ...]
    """Activity ids out of the shopper's own history."""


class Recommendation(Copy):
    """Products for one shopper, best first, and the text to show above them."""

    user_id: Identifier
    text: str
    items: tuple[RecommendedItem, ...]


class SupportReply(Copy):
    """An answer to one question, or with `handover` set, a courteous line while a person takes over."""

    question_id: Identifier
    user_id: Identifier
    product_id: Identifier | None = None
    text: str
    handover: bool = False
    handover_reason: str | None = None
