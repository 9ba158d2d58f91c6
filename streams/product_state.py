"""What is remembered of a product, and which of its texts an event makes out of date."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from schemas.events import Product, ProductFacts
from schemas.request import Facts
from schemas.tasks import PRODUCT_DESCRIPTION, REVIEW_SUMMARY
from streams.fingerprint import fingerprint
from streams.requests import Wanted, asked_as, facts_read


class Standing(StrEnum):
    """How an event stands to what is known: only a new one changes anything."""

    NEW = "new"
    REPEAT = "repeat"
    STALE = "stale"


class ProductState(BaseModel):
    """A product as last seen. A deleted one keeps its version, so that an older event cannot bring it back.

    `asked` maps a locale to the description last asked for; `for_summary` is what a summary of reviews reads.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: int
    seen: str
    deleted: bool = False
    for_summary: ProductFacts | None = None
    asked: dict[str, str] = Field(default_factory=dict)


def standing(product: Product, previous: ProductState | None) -> Standing:
    """Say whether a product event is news: a larger version is, the same one again is a repeat, all else is stale."""
    if previous is None or product.source_version > previous.version:
        return Standing.NEW
    same = product.source_version == previous.version and not previous.deleted and _seen(product) == previous.seen
    return Standing.REPEAT if same else Standing.STALE


def descriptions_for(product: Product, previous: ProductState | None, locales: tuple[str, ...]) -> tuple[Wanted, ...]:
    """Give the descriptions that an event makes necessary: one per locale whose facts differ from what was asked."""
    facts = _description_facts(product)
    asked = previous.asked if previous else {}
    return tuple(
        Wanted(PRODUCT_DESCRIPTION, product.product_id, locale, product.source_version, facts)
        for locale in locales
        if asked.get(locale) != asked_as(facts, PRODUCT_DESCRIPTION)
    )


def known(product: Product, previous: ProductState | None, locales: tuple[str, ...]) -> ProductState:
    """Give what is remembered once the descriptions for an event were asked for."""
    asked = dict.fromkeys(locales, asked_as(_description_facts(product), PRODUCT_DESCRIPTION))
    return ProductState(
        version=product.source_version,
        seen=_seen(product),
        for_summary=facts_read(product, REVIEW_SUMMARY),
        asked=(previous.asked if previous else {}) | asked,
    )


def withdrawals_for(product_id: str, previous: ProductState) -> tuple[Wanted, ...]:
    """Give the withdrawals of all descriptions that were asked for.

    A deletion carries no version: it withdraws what the last seen version wrote. The worker takes the later of two
    requests with equal versions as the newer.
    """
    return tuple(
        Wanted(PRODUCT_DESCRIPTION, product_id, locale, previous.version, None) for locale in sorted(previous.asked)
    )


def deleted(previous: ProductState) -> ProductState:
    """Give what is remembered of a deleted product: its version, which only a larger one gets past."""
    return ProductState(version=previous.version, seen=previous.seen, deleted=True)


def _description_facts(product: Product) -> Facts:
    return Facts(product=facts_read(product, PRODUCT_DESCRIPTION))


def _seen(product: Product) -> str:
    return fingerprint(product.model_copy(update={"updated_unix_ms": 0}))
