"""The names that the fields of a shop's files go by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | Decimal | str | list[Json] | dict[str, Json] | None"
Names: TypeAlias = Mapping[str, tuple[str, ...]]

PRODUCT_NAMES: Final[Names] = MappingProxyType(
    {
        "product_id": ("product_id", "sku", "asin", "item_id", "id"),
        "title": ("title", "name", "product_name"),
        "brand": ("brand", "manufacturer", "vendor"),
        "categories": ("categories", "category", "category_path", "product_type"),
        "price": ("price",),
        "currency": ("currency", "price_currency"),
        "attributes": ("attributes", "custom_attributes", "properties", "specifications", "specs"),
        "description": ("description", "description_html", "body_html", "long_description", "short_description"),
        "images": ("images", "image", "image_urls", "image_url"),
        "source_version": ("source_version", "version", "revision"),
        "updated_unix_ms": ("updated_unix_ms", "updated_at", "modified_at", "last_modified"),
        "deleted": ("deleted", "is_deleted"),
        "links": ("related", "related_products", "upsell", "upsells", "cross_sell", "cross_sells"),
    }
)
"""Each field of a product with the names accepted for it; the first that has a value wins. `links` are not used."""

REVIEW_NAMES: Final[Names] = MappingProxyType(
    {
        "review_id": ("review_id", "id"),
        "product_id": ("product_id", "sku", "asin", "item_id", "product"),
        "rating": ("rating", "stars", "score", "overall"),
        "title": ("title", "headline", "summary", "subject"),
        "body": ("body", "text", "content", "review", "review_text", "comment"),
        "author": ("author", "reviewer", "reviewer_name", "user", "user_name", "nickname", "name"),
        "verified_purchase": ("verified_purchase", "verified"),
        "posted_unix_ms": ("posted_unix_ms", "posted_at", "created_at", "timestamp", "date", "time"),
        "source_version": ("source_version", "version", "revision"),
        "updated_unix_ms": ("updated_unix_ms", "updated_at", "modified_at", "last_modified"),
        "deleted": ("deleted", "is_deleted"),
    }
)
"""Each field of a review with the names accepted for it."""

ACTIVITY_NAMES: Final[Names] = MappingProxyType(
    {
        "activity_id": ("activity_id", "event_id", "id"),
        "user_id": ("user_id", "customer_id", "shopper_id", "visitor_id", "user"),
        "kind": ("kind", "event", "event_type", "type", "action"),
        "occurred_unix_ms": (
            "occurred_unix_ms",
            "occurred_at",
            "event_time",
            "timestamp",
            "created_at",
            "date",
            "time",
        ),
        "product_id": ("product_id", "sku", "asin", "item_id", "product"),
        "query": ("query", "search_term", "q"),
        "text": ("text", "question", "body", "message", "notes"),
        "rating": ("rating", "stars", "score"),
    }
)
"""Each field of a shopper's activity with the names accepted for it."""

ACTIVITY_KINDS: Final[Names] = MappingProxyType(
    {
        "view": ("view", "viewed", "product_view", "page_view"),
        "search": ("search", "searched"),
        "cart": ("cart", "add_to_cart", "addtocart", "cart_add"),
        "purchase": ("purchase", "purchased", "buy", "bought", "order", "transaction"),
        "wishlist": ("wishlist", "add_to_wishlist", "favorite", "favourite"),
        "question": ("question", "ask", "question_asked"),
        "review-draft": ("review_draft", "draft_review"),
    }
)
"""Each kind of activity with the words accepted for it."""


def split(row: dict[str, Json], names: Names) -> tuple[dict[str, Json], dict[str, Json]]:
    """Give the values of the known fields, and the unknown ones as they were; what is empty is in neither."""
    given = {folded(name): value for name, value in reversed(row.items()) if not is_empty(value)}
    known: dict[str, Json] = {}
    for field, accepted in names.items():
        for name in accepted:
            if name in given:
                known[field] = given[name]
                break
    taken = _all_of(tuple(names.values()))
    unknown = {name: value for name, value in row.items() if folded(name) not in taken and not is_empty(value)}
    return known, unknown


@lru_cache(maxsize=64)
def _all_of(accepted: tuple[tuple[str, ...], ...]) -> frozenset[str]:
    return frozenset(name for names in accepted for name in names)


@lru_cache(maxsize=4_096)
def folded(name: str) -> str:
    """Give a name in one spelling: `productId`, `Product ID` and `product-id` are `product_id`."""
    return re.sub(r"[\s-]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())).lower()


def is_empty(value: Json) -> bool:
    """Tell whether a value says nothing: null, or an empty text, list or object."""
    return value is None or value in ("", [], {})
