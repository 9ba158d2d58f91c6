"""What streams ask of workers: everything that a text needs, in one record."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.events import ActivityKind, ProductFacts, Text
from schemas.record import Identifier, Locale, Record, UnixMs, Version


class ReviewFact(Record):
    """A review as evidence: what was said, not who said it."""

    review_id: Identifier
    rating: int
    title: Text | None = None
    body: Text
    verified_purchase: bool = False
    author_key: str | None = None
    """The same for two reviews of one author about one product; says nothing else of them."""


class HistoryItem(Record):
    """One step of a shopper's own history with the product it concerned."""

    activity_id: Identifier
    kind: ActivityKind
    product_id: Identifier
    title: str
    categories: tuple[str, ...] = ()
    occurred_unix_ms: UnixMs


class Turn(Record):
    """One earlier question of a conversation and, once there is one, the answer that the shopper saw."""

    question: Text
    answer: Text | None = None


class Question(Record):
    """What a shopper asked, about a product if one was named, after `earlier` turns of the same conversation."""

    user_id: Identifier
    product_id: Identifier | None = None
    text: Text
    earlier: tuple[Turn, ...] = ()


class DraftNotes(Record):
    """What a shopper wants to say in a review: stars from 1 to 5 and notes. A draft may say nothing else."""

    user_id: Identifier
    product_id: Identifier
    rating: int | None = None
    notes: Text


class CopyPassage(Record):
    """One piece of a published text: where it stands (`headline`, `bullets.2`) and what it says."""

    place: str
    text: Text


class PublishedText(Record):
    """A published text that is to be said in another language: the request it answered, its language, its pieces."""

    request_id: Identifier
    locale: Locale
    passages: tuple[CopyPassage, ...]


class ReviewedAnswer(Record):
    """What a person of the shop answered to a frequent question about the product: the shop's own word."""

    entry_id: Identifier
    text: Text


class Voice(Record):
    """How a shop speaks. `required_words` each stand in a text that has room for them, `banned_words` in none.

    `reading_level` is the highest school grade (Flesch-Kincaid) that its readers are asked for; `competitors` are names
    that no text may say; `max_characters` maps a place (`body`) to the shop's own, lower limit.
    """

    name: Identifier = "default"
    tone: str = ""
    required_words: tuple[str, ...] = ()
    banned_words: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    max_characters: dict[str, int] = Field(default_factory=dict)
    reading_level: int | None = None


class Facts(Record):
    """All that a task may know: what is not in here is not known.

    Which parts are filled depends on the task (`schemas.tasks`); a product carries only the fields that its task reads.
    Beside a question, `reviews` are those that were chosen because they answer it, and `reviewed` is the answer of a
    person, where one fits it.
    """

    product: ProductFacts | None = None
    reviews: tuple[ReviewFact, ...] = ()
    history: tuple[HistoryItem, ...] = ()
    candidates: tuple[ProductFacts, ...] = ()
    question: Question | None = None
    draft: DraftNotes | None = None
    published: PublishedText | None = None
    image: str | None = None
    """Where the picture is that an image text is about, as the shop named it."""
    voice: Voice | None = None
    reviewed: ReviewedAnswer | None = None


class GenerationRequest(Record):
    """One text to write (`generate`), or one to take back (`withdraw`, which carries no facts).

    `request_id` is deterministic: the same event replayed asks for the same id. A request with a larger
    `source_version` supersedes older ones for the same (task, subject, locale). `fingerprint` is the hash of the facts.
    """

    request_id: Identifier
    action: Literal["generate", "withdraw"]
    task: str
    subject: Identifier
    locale: Locale
    source_version: Version
    fingerprint: str
    template_version: int
    requested_unix_ms: UnixMs
    deadline_unix_ms: UnixMs | None = None
    facts: Facts | None = None
