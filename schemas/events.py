"""What a shop tells us: products, reviews and shoppers' activity."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.record import Amount, Identifier, Record, UnixMs, Version

Text = Annotated[str, Field(max_length=20_000)]
"""Free text from outside: untrusted, bounded in characters."""

Title = Annotated[str, Field(min_length=1, max_length=1_000)]


class Money(Record):
    """A price: an exact amount and its ISO 4217 currency."""

    amount: Amount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class ProductFacts(Record):
    """What the shop says about a product: the only ground on which its copy may stand.

    `attributes` maps a name to its values as the shop wrote them, nested names joined by dots
    (`dimensions.width` -> `("35 cm",)`). `categories` are paths, `Women/Tops/Jackets`.
    """

    product_id: Identifier
    title: Title
    brand: str | None = None
    categories: tuple[str, ...] = ()
    price: Money | None = None
    attributes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    description: Text | None = None


class Product(ProductFacts):
    """A product as of `source_version`; an update is the same product with a larger version."""

    source_version: Version
    updated_unix_ms: UnixMs
    images: tuple[str, ...] = ()


class Review(Record):
    """A shopper's review as of `source_version`; an edit is a newer version, a withdrawn one has `deleted` set."""

    review_id: Identifier
    product_id: Identifier
    source_version: Version
    posted_unix_ms: UnixMs
    rating: Annotated[int, Field(ge=1, le=5)]
    title: Text | None = None
    body: Text = ""
    author: str | None = None
    verified_purchase: bool = False
    deleted: bool = False


ActivityKind = Literal["view", "search", "cart", "purchase", "wishlist", "question", "review-draft"]


class Activity(Record):
    """One thing that a shopper did. `user_id` is a pseudonym.

    `query` is what was searched; `text` is the question asked or the notes for a draft; `rating` goes with a draft.
    """

    activity_id: Identifier
    user_id: Identifier
    kind: ActivityKind
    occurred_unix_ms: UnixMs
    product_id: Identifier | None = None
    query: Text | None = None
    text: Text | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
