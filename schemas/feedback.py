"""What people made of a published text: approved, rewritten, refused, rated, or acted on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.events import Text
from schemas.provenance import Origin
from schemas.record import Identifier, Locale, Record, UnixMs
from schemas.request import CopyPassage

FeedbackKind = Literal["approved", "edited", "rejected", "rated", "clicked", "purchased"]

OVERALL: tuple[FeedbackKind, ...] = ("approved", "edited", "rejected")
"""A person's verdict on a whole text: the latest one of a text counts."""


class ContentFeedback(Record):
    """What one person, or one step of a shopper, said of one published text.

    `content_id` is the `request_id` of the text's provenance: each published text has its own. Model, revision, adapter
    and origin are copied from that provenance, so that revisions can be compared without the text. `judged` is the text
    as it was judged, piece by piece, and `edited` the pieces that a person wrote anew. `by` is a role or a pseudonym,
    never a name. The same `feedback_id` told twice counts once.
    """

    feedback_id: Identifier
    content_id: Identifier
    task: str
    subject: Identifier
    locale: Locale
    kind: FeedbackKind
    model: str
    model_revision: str
    adapter: str | None = None
    origin: Origin
    judged: tuple[CopyPassage, ...] = ()
    edited: tuple[CopyPassage, ...] = ()
    reason: Text | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    by: Identifier
    given_unix_ms: UnixMs
