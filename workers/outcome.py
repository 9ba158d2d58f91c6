"""What generating one request ends in; a broken world is an exception (EngineUnavailable), not an outcome."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.codec import ErrorClass
from schemas.ledger import ContentWithheld
from schemas.provenance import Copy


@dataclass(frozen=True, slots=True)
class Cost:
    """What the engine spent on one request over all its attempts."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """A text that the guard allowed; its provenance says who wrote it."""

    copy: Copy
    cost: Cost


@dataclass(frozen=True, slots=True)
class Withheld:
    """A text that may not be published, with the rules that refused it."""

    record: ContentWithheld
    cost: Cost


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """A request that can never be served, whoever tries: it becomes a dead letter."""

    error_class: ErrorClass
    detail: str
    attempts: int = 1


Outcome = Written | Withheld | Undeliverable
