"""What is remembered of a description that is said in other languages, and what its change calls for."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from schemas.events import ProductFacts
from schemas.outputs import ProductDescription
from schemas.request import CopyPassage, Facts, PublishedText
from schemas.tasks import LOCALISATION, PRODUCT_DESCRIPTION
from streams.requests import Wanted, facts_read
from streams.shop import Shop


class LocalisedState(BaseModel):
    """A description as last seen: its version, the request that it answered, and the languages it was asked for in."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: int
    text: str
    asked: tuple[str, ...] = ()


def is_source(description: ProductDescription, shop: Shop) -> bool:
    """Say whether a text is to be said in other languages: one in the shop's first language, itself no localisation."""
    by_record = description.provenance.task == PRODUCT_DESCRIPTION.name
    return by_record and description.locale == source_locale(shop)


def source_locale(shop: Shop) -> str:
    """Give the language that descriptions are localised from: the shop's first."""
    return shop.locales[0]


def localisations_for(
    description: ProductDescription, product: ProductFacts, previous: LocalisedState | None, shop: Shop
) -> tuple[Wanted, ...]:
    """Give the localisations that a published description makes necessary: one per language it was not asked for in."""
    published = _published(description)
    known = previous.asked if previous and previous.text == published.request_id else ()
    cause = Facts(published=published)
    facts = cause.model_copy(update={"product": facts_read(product, LOCALISATION)})
    version = description.provenance.source_version
    return tuple(
        Wanted(LOCALISATION, description.product_id, locale, version, facts, cause=cause)
        for locale in shop.localise_to
        if locale not in known
    )


def localised(description: ProductDescription, previous: LocalisedState | None, shop: Shop) -> LocalisedState:
    """Give what is remembered once the localisations of a description were asked for."""
    asked = {*(previous.asked if previous else ()), *shop.localise_to}
    provenance = description.provenance
    return LocalisedState(version=provenance.source_version, text=provenance.request_id, asked=tuple(sorted(asked)))


def withdrawals_for(product_id: str, previous: LocalisedState, shop: Shop) -> tuple[Wanted, ...]:
    """Give the withdrawals of everything that was said of a description which is gone.

    Not of a language that the shop describes its products in by now: the text under that key is the record's.
    """
    own = shop.locales_for(PRODUCT_DESCRIPTION)
    gone = (locale for locale in previous.asked if locale not in own)
    return tuple(Wanted(LOCALISATION, product_id, locale, previous.version, None) for locale in gone)


def withdrawn(previous: LocalisedState) -> LocalisedState:
    """Give what is remembered of a description that is gone: its version."""
    return previous.model_copy(update={"text": "", "asked": ()})


def _published(description: ProductDescription) -> PublishedText:
    texts = {"headline": description.headline, "body": description.body}
    passages = tuple(CopyPassage(place=place, text=text) for place, text in texts.items())
    return PublishedText(request_id=description.provenance.request_id, locale=description.locale, passages=passages)
