"""A text in the JSON in which a task's model writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from deploy.evaluation.errors import NoExamples
from schemas.outputs import AdCopy, ProductDescription, ReviewSummary, SocialPosts, SupportReply
from schemas.provenance import Copy
from schemas.request import GenerationRequest
from workers.tasks.ad_copy import MAX_HEADLINE_CHARACTERS, MAX_TEXT_CHARACTERS, AdAnswer
from workers.tasks.answer import Answer
from workers.tasks.channels import DISPLAY, SHOPPING
from workers.tasks.product_description import DescriptionAnswer
from workers.tasks.review_summary import SummaryAnswer
from workers.tasks.social_post import MAX_POST_CHARACTERS, PostAnswer
from workers.tasks.support_reply import ReplyAnswer

Places = Mapping[str, str]

_PLACES: Final[Mapping[str, str]] = {
    "product-description": "body",
    "ad-copy": "text",
    "social-post": "post",
    "support-reply": "text",
    "review-summary": "summary",
}
TASKS: Final = tuple(_PLACES)
"""The tasks whose answers are one running text; some have a headline beside it."""

_HEADLINED: Final = frozenset({"product-description", "ad-copy"})

_ENDS = (".", "!", "?", '"', "\u201d", "\u2026")
_QUOTES_FOLLOW = " In their words: "


def answer_of(task: str, places: Places) -> str | None:
    """Give the model's JSON for a text by its places; None where the text is not there. Raises NoExamples."""
    made = _shape(task, {place: tidied(text) for place, text in places.items() if text.strip()})
    return made.model_dump_json() if made else None


def places_of_text(task: str, text: str, request: GenerationRequest) -> Places:
    """Give the places of one running text that a person wrote; its headline is the product's name."""
    product = request.facts.product if request.facts else None
    headline = {"headline": product.title} if product and task in _HEADLINED else {}
    return {_place(task): text, **headline}


def places_of_copy(copy: Copy) -> Places:
    """Give the places of a published record that the model wrote."""
    match copy:
        case ProductDescription():
            return {"body": copy.body, "headline": copy.headline}
        case AdCopy():
            ads = {one.channel: one for one in copy.variants}
            return {"text": ads[SHOPPING.name].description, "headline": ads[DISPLAY.name].headline}
        case SocialPosts():
            return {"post": max((one.text for one in copy.posts), key=len)}
        case SupportReply():
            return {} if copy.handover else {"text": copy.text}
        case ReviewSummary():
            return {"summary": copy.summary.partition(_QUOTES_FOLLOW)[0]}
    return {}


def tidied(text: str) -> str:
    """Give a text as a shop would print it: on one line, with a capital at the start and a sign at the end.

    A worker takes a last sentence without an end for one that was cut off.
    """
    line = " ".join(text.split())
    whole = line if line.endswith(_ENDS) or not line else f"{line.rstrip(',;:')}."
    return whole[:1].upper() + whole[1:]


def _place(task: str) -> str:
    if task not in _PLACES:
        raise NoExamples(f"no training examples for {task!r} yet; there are for {', '.join(TASKS)}")
    return _PLACES[task]


def _shape(task: str, said: Places) -> Answer | None:
    text = said.get(_place(task), "")
    if not text:
        return None
    match task:
        case "product-description":
            # A headline is a name, without an end.
            return DescriptionAnswer(body=text, headline=said.get("headline", "").rstrip("."))
        case "ad-copy":
            headline = said.get("headline", "").rstrip(".")
            fits = len(headline) <= MAX_HEADLINE_CHARACTERS
            return AdAnswer(text=text, headline=headline if fits else "") if len(text) <= MAX_TEXT_CHARACTERS else None
        case "social-post":
            return PostAnswer(post=text) if len(text) <= MAX_POST_CHARACTERS else None
        case "support-reply":
            return ReplyAnswer(text=text)
        case _:
            return SummaryAnswer(summary=text)
