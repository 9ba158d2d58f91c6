"""What streams ask of workers: everything that a text needs, in one record."""

from __future__ import annotations

from typing import Literal

from schemas.events import ActivityKind, ProductFacts, Text
from schemas.record import Identifier, Locale, Record, UnixMs, Version


class ReviewFact(Record):
    """A review as evidence: what was said, not who said it."""

    review_id: Identifier
    rating: int
    title: Text | None = None
    body: Text
    verified_purchase: bool = False


class HistoryItem(Record):
    """One step of a shopper's own history with the product it concerned."""

    activity_id: Identifier
    kind: ActivityKind
    product_id: Identifier
    title: str
    categories: tuple[str, ...] = ()
    occurred_unix_ms: UnixMs


class Question(Record):
    """What a shopper asked, about a product if one was named."""

    user_id: Identifier
    product_id: Identifier | None = None
    text: Text


class Facts(Record):
    """All that a task may know: what is not in here is not known.

    Which parts are filled depends on the task (`schemas.tasks`); a product carries only the fields that its task reads.
    """

    product: ProductFacts | None = None
    reviews: tuple[ReviewFact, ...] = ()
    history: tuple[HistoryItem, ...] = ()
    candidates: tuple[ProductFacts, ...] = ()
    question: Question | None = None


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
