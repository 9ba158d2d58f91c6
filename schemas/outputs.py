"""What shops read: published copy, one record per output topic."""

from __future__ import annotations

from typing import Literal

from schemas.provenance import Copy
from schemas.record import Identifier, Record


class ProductDescription(Copy):
    """A product's page text; `meta_description`, at most 160 characters, and `slug` are for search engines."""

    product_id: Identifier
    headline: str
    body: str
    bullets: tuple[str, ...] = ()
    meta_description: str
    slug: str | None = None


class AdVariant(Record):
    """One ad for one channel, within the channel's limits."""

    channel: str
    headline: str
    description: str


class AdCopy(Copy):
    """A product's ads, each of them complete."""

    product_id: Identifier
    variants: tuple[AdVariant, ...]


class SocialPost(Record):
    """One post for one network; its hashtags, without their sign, count towards the network's limit."""

    network: str
    text: str
    hashtags: tuple[str, ...] = ()


class SocialPosts(Copy):
    """A product's posts, one per network."""

    product_id: Identifier
    posts: tuple[SocialPost, ...]


class ImageText(Copy):
    """What stands for a product's picture where it cannot be seen.

    `based_on` says what was looked at: the picture itself, or only the record. `to_check` are things in the picture
    that the record does not say.
    """

    product_id: Identifier
    image: str
    alt_text: str
    based_on: Literal["picture", "record"]
    to_check: tuple[str, ...] = ()


class CitedStatement(Record):
    """One statement about what reviewers said, with the reviews that say it; `support` counts their authors."""

    text: str
    review_ids: tuple[str, ...]
    support: int = 0


class AspectOpinion(Record):
    """What one review thinks of one aspect: `sentiment` runs from -1 to 1, `strength` and `confidence` from 0 to 1."""

    aspect: str
    sentiment: float
    strength: float
    confidence: float


class ReviewInsight(Copy):
    """What one review thinks. `sentiment` runs from -1 to 1, `confidence` from 0 to 1.

    `language` is the review's own; `flags` name what people should look at (`safety`, `hostile`, `not-about-product`).
    """

    review_id: Identifier
    product_id: Identifier
    sentiment: float
    label: Literal["negative", "neutral", "positive"]
    confidence: float
    language: str
    aspects: tuple[AspectOpinion, ...] = ()
    flags: tuple[str, ...] = ()


class ReviewDraft(Copy):
    """A draft that says only what the shopper said; it is the shopper's to change and to post."""

    draft_id: Identifier
    user_id: Identifier
    product_id: Identifier
    rating: int | None = None
    title: str
    body: str


class ReviewSummary(Copy):
    """What a product's reviewers agree on. `average_rating` runs from 1 to 5 over `review_count` reviews.

    `statements` are what `summary` says, in its order, each with its reviews; `quotes` are word for word.
    `negative_share` is the share of criticism in it, from 0 to 1.
    """

    product_id: Identifier
    review_count: int
    average_rating: float
    summary: str
    pros: tuple[CitedStatement, ...] = ()
    cons: tuple[CitedStatement, ...] = ()
    statements: tuple[CitedStatement, ...] = ()
    quotes: tuple[CitedStatement, ...] = ()
    negative_share: float = 0.0


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
