"""A person's verdict on a published text, as the record that goes on its topic."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from pydantic import TypeAdapter, ValidationError

from deploy.feedback.passages import passages_of
from deploy.feedback.read import NoVerdict, Published
from schemas.feedback import ContentFeedback, FeedbackKind
from schemas.request import CopyPassage

_KINDS: dict[str, FeedbackKind] = {kind: kind for kind in get_args(FeedbackKind)}
_TEXTS = TypeAdapter(dict[str, str])
_MOST_STARS = 5


@dataclass(frozen=True, slots=True)
class Given:
    """Who gives a verdict, when, and the name under which it counts once."""

    by: str
    unix_ms: int
    feedback_id: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a verdict says: its kind, and what goes with it."""

    kind: FeedbackKind
    edited: tuple[CopyPassage, ...] = ()
    reason: str | None = None
    rating: int | None = None


def said(kind: str, value: str | None, *, read: Callable[[str], str]) -> Said:
    """Read a verdict as it is typed: a reason, a number of stars, or where the text stands that a person wrote.

    Raises NoVerdict.
    """
    known = _KINDS.get(kind)
    if known is None:
        raise NoVerdict(f"{kind!r} is no verdict: it is one of {', '.join(_KINDS)}")
    if (value is None) != (known in ("approved", "clicked", "purchased")):
        raise NoVerdict(f"{kind} takes {'no further word' if value else _wanted(known)}")
    match known:
        case "rated":
            return Said(known, rating=_stars(value or ""))
        case "edited":
            return Said(known, edited=_texts(read(value or "")))
        case _:
            return Said(known, reason=value)


def feedback_on(text: Published, verdict: Said, given: Given) -> ContentFeedback:
    """Give the record of a verdict on a text. Raises NoVerdict for an edit of pieces that the text does not have."""
    provenance, judged = text.copy.provenance, passages_of(text.copy)
    unknown = {one.place for one in verdict.edited} - {one.place for one in judged}
    if unknown:
        raise NoVerdict(f"the text has no {', '.join(sorted(unknown))}: `shelftalk feedback show` gives its pieces")
    return ContentFeedback(
        feedback_id=given.feedback_id,
        content_id=provenance.request_id,
        task=provenance.task,
        subject=text.key.subject,
        locale=text.key.locale,
        kind=verdict.kind,
        model=provenance.model,
        model_revision=provenance.model_revision,
        adapter=provenance.adapter,
        origin=provenance.origin,
        judged=judged,
        edited=verdict.edited,
        reason=verdict.reason,
        rating=verdict.rating,
        by=given.by,
        given_unix_ms=given.unix_ms,
    )


def _wanted(kind: FeedbackKind) -> str:
    return {"rated": "a number from 1 to 5", "edited": "a JSON file"}.get(kind, "a reason")


def _stars(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= _MOST_STARS:
        raise NoVerdict(f"{value!r} is no rating: it is a whole number from 1 to {_MOST_STARS}")
    return int(value)


def _texts(raw: str) -> tuple[CopyPassage, ...]:
    try:
        texts = _TEXTS.validate_python(json.loads(raw))
        found = tuple(CopyPassage(place=place, text=text) for place, text in texts.items())
    except (ValueError, ValidationError) as error:
        raise NoVerdict(
            "an edit is a JSON object of texts by their place, as `shelftalk feedback show` prints"
        ) from error
    if not found:
        raise NoVerdict("an edit without a text is none")
    return found
