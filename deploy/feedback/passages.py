"""The pieces of a published text, by their places: what a person judges, and writes anew."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.outputs import (
    AdCopy,
    ImageText,
    ProductDescription,
    Recommendation,
    ReviewDraft,
    ReviewInsight,
    ReviewSummary,
    SocialPosts,
    SupportReply,
)
from schemas.provenance import Copy
from schemas.request import CopyPassage


def passages_of(copy: Copy) -> tuple[CopyPassage, ...]:
    """Give a text piece by piece, under the places that its task's candidates have."""
    return tuple(CopyPassage(place=place, text=text) for place, text in _pieces(copy))


def _pieces(copy: Copy) -> Iterator[tuple[str, str]]:
    match copy:
        case ProductDescription():
            yield "headline", copy.headline
            yield "body", copy.body
            yield from ((f"bullets.{number}", text) for number, text in enumerate(copy.bullets))
        case AdCopy():
            for one in copy.variants:
                yield f"{one.channel}.headline", one.headline
                yield f"{one.channel}.description", one.description
        case SocialPosts():
            yield from ((f"{one.network}.text", one.text) for one in copy.posts)
        case ImageText():
            yield "alt_text", copy.alt_text
        case _:
            yield from _said_to_shoppers(copy)


def _said_to_shoppers(copy: Copy) -> Iterator[tuple[str, str]]:
    match copy:
        case ReviewDraft():
            yield "title", copy.title
            yield "body", copy.body
        case ReviewSummary():
            yield "summary", copy.summary
        case ReviewInsight():
            yield "label", copy.label
        case Recommendation():
            yield "text", copy.text
            yield from ((f"reasons.{number}", item.reason) for number, item in enumerate(copy.items))
        case SupportReply():
            yield "text", copy.text
        case _:
            raise ValueError(f"no pieces of a {type(copy).__name__} are known. This is a bug.")
