"""What became of each message that did not, or not only, become copy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.provenance import Origin
from schemas.record import Identifier, Locale, Record, UnixMs, Version


class RuleHit(Record):
    """Why a candidate was refused: the rule's id and what it found."""

    rule: str
    detail: str


class ContentWithheld(Record):
    """A text that the guard refused, for people to look at; `candidate` is the refused text as JSON."""

    request_id: Identifier
    task: str
    subject: Identifier
    locale: Locale
    source_version: Version
    hits: tuple[RuleHit, ...]
    ruleset_version: str
    candidate: str
    model: str
    model_revision: str
    withheld_unix_ms: UnixMs


class Header(Record):
    """A Kafka header as it was."""

    name: str
    value: bytes | None = None


class DeadLetter(Record):
    """A message that could not be processed, whole: its original bytes, its place and the reason."""

    topic: str
    partition: int
    offset: int
    timestamp_unix_ms: int
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[Header, ...] = ()
    error_class: str
    error: Annotated[str, Field(max_length=2_000)]
    attempts: int
    failed_by: str
    failed_unix_ms: UnixMs


OutcomeKind = Literal["published", "withheld", "withdrawn", "superseded", "duplicate", "dead-lettered"]


class GenerationOutcome(Record):
    """The one thing that became of one request message, written in the transaction that finishes it.

    `origin` and the token counts are set for published and withheld texts. `seconds` is the wall time from
    the start of the generation to the verdict. A place (topic, partition, offset) occurs once.
    """

    request_id: Identifier
    topic: str
    partition: int
    offset: int
    task: str
    subject: str
    locale: str
    source_version: Version
    outcome: OutcomeKind
    origin: Origin | None = None
    rules: tuple[str, ...] = ()
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    worker: str
    finished_unix_ms: UnixMs
