"""What is remembered of a product, and which of its texts an event makes out of date."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, field_validator

from schemas.events import Product, ProductFacts
from schemas.request import Facts
from schemas.tasks import AD_COPY, BY_NAME, IMAGE_TEXT, PRODUCT_DESCRIPTION, REVIEW_SUMMARY, SOCIAL_POST, TaskContract
from streams.fingerprint import fingerprint
from streams.requests import Wanted, asked_as, facts_read
from streams.shop import Shop

PRODUCT_TASKS = (PRODUCT_DESCRIPTION, AD_COPY, SOCIAL_POST, IMAGE_TEXT)
"""The texts that are written from a product alone, in the order in which they are asked for."""


class Standing(StrEnum):
    """How an event stands to what is known: only a new one changes anything."""

    NEW = "new"
    REPEAT = "repeat"
    STALE = "stale"


class ProductState(BaseModel):
    """A product as last seen. A deleted one keeps its version, so that an older event cannot bring it back.

    `asked` maps each text (`ad-copy|en`) to what was last asked for; `for_summary` is what a summary of reviews reads.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: int
    seen: str
    deleted: bool = False
    for_summary: ProductFacts | None = None
    asked: dict[str, str] = Field(default_factory=dict)

    @field_validator("asked", mode="after")
    @classmethod
    def _named(cls, asked: dict[str, str]) -> dict[str, str]:
        """Name the descriptions of a state from before there were other texts, which were known by their locale."""
        return {name if "|" in name else f"{PRODUCT_DESCRIPTION.name}|{name}": what for name, what in asked.items()}


def standing(product: Product, previous: ProductState | None) -> Standing:
    """Say whether a product event is news: a larger version is, the same one again is a repeat, all else is stale."""
    if previous is None or product.source_version > previous.version:
        return Standing.NEW
    same = product.source_version == previous.version and not previous.deleted and _seen(product) == previous.seen
    return Standing.REPEAT if same else Standing.STALE


def deletion_standing(version: int | None, previous: ProductState | None) -> Standing:
    """Say whether a deletion is news: one older than what is known is stale, one of what is gone or unknown a repeat.

    One without a version takes away whatever is known.
    """
    if previous is None:
        return Standing.REPEAT
    if version is not None and version != previous.version:
        return Standing.NEW if version > previous.version else Standing.STALE
    return Standing.REPEAT if previous.deleted else Standing.NEW


def texts_for(product: Product, previous: ProductState | None, shop: Shop) -> tuple[Wanted, ...]:
    """Give the texts that an event makes necessary: each whose facts, voice or template differ from what was asked.

    One that nothing can be said in any more, as an image's text without the image, is taken back.
    """
    asked = previous.asked if previous else {}
    wanted = _texts(product, shop)
    outdated = (each for each in wanted if asked.get(_name(each)) != _asked_as(each))
    return (*outdated, *_without_ground(product, asked))


def known(product: Product, previous: ProductState | None, shop: Shop) -> ProductState:
    """Give what is remembered once the texts for an event were asked for."""
    asked = {_name(each): _asked_as(each) for each in _texts(product, shop)}
    gone = {_name(each) for each in _without_ground(product, previous.asked if previous else {})}
    kept = {name: what for name, what in (previous.asked if previous else {}).items() if name not in gone}
    return ProductState(
        version=product.source_version,
        seen=_seen(product),
        for_summary=facts_read(product, REVIEW_SUMMARY),
        asked=kept | asked,
    )


def withdrawals_for(product_id: str, previous: ProductState, version: int, shop: Shop) -> tuple[Wanted, ...]:
    """Give the withdrawals of all texts that were asked for, in the version that the product has once it is deleted.

    That may be the last seen one: the worker takes the later of two requests with equal versions as the newer. A
    description in each of the shop's languages is taken back in any case: what stands there may be a localisation from
    before the shop described its products in that language.
    """
    if previous.deleted:
        return ()
    described = {f"{PRODUCT_DESCRIPTION.name}|{locale}" for locale in shop.locales_for(PRODUCT_DESCRIPTION)}
    named = (name.split("|") for name in sorted(previous.asked.keys() | described))
    return tuple(Wanted(BY_NAME[task], product_id, locale, version, None) for task, locale in named if task in BY_NAME)


def deleted(previous: ProductState, version: int | None = None) -> ProductState:
    """Give what is remembered of a deleted product: a version, which only a larger one gets past.

    It is the deletion's, else that of what was deleted.
    """
    return ProductState(version=previous.version if version is None else version, seen=previous.seen, deleted=True)


def _texts(product: Product, shop: Shop) -> tuple[Wanted, ...]:
    """Give every text that a shop wants about a product."""
    return tuple(
        Wanted(task, product.product_id, locale, product.source_version, shop.spoken(facts, task, locale))
        for task in PRODUCT_TASKS
        if (facts := _facts(product, task)) is not None
        for locale in shop.locales_for(task)
    )


def _facts(product: Product, task: TaskContract) -> Facts | None:
    """Give what a task may know of a product; None where there is nothing to write about."""
    facts = Facts(product=facts_read(product, task))
    if task is not IMAGE_TEXT:
        return facts
    return facts.model_copy(update={"image": product.images[0]}) if product.images else None


def _without_ground(product: Product, asked: dict[str, str]) -> tuple[Wanted, ...]:
    if product.images:
        return ()
    locales = sorted(name.partition("|")[2] for name in asked if name.startswith(f"{IMAGE_TEXT.name}|"))
    return tuple(Wanted(IMAGE_TEXT, product.product_id, locale, product.source_version, None) for locale in locales)


def _name(wanted: Wanted) -> str:
    return f"{wanted.task.name}|{wanted.locale}"


def _asked_as(wanted: Wanted) -> str:
    return asked_as(wanted.facts or Facts(), wanted.task)


def _seen(product: Product) -> str:
    return fingerprint(product.model_copy(update={"updated_unix_ms": 0}))
