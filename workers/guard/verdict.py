"""The values that go into the guard and come out of it."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.ledger import RuleHit
from schemas.provenance import Evidence


@dataclass(frozen=True, slots=True)
class Passage:
    """One piece of a candidate text: where it goes (`headline`, `bullets.2`), what it says, how long it may be."""

    place: str
    text: str
    max_characters: int
    min_characters: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """One piece of the shop's own record: its field (`attributes.material`, `review:R17`) and what stands there."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Grounds:
    """Everything that a text may claim: the subject's own sources, and the language it must be written in."""

    sources: tuple[Source, ...]
    locale: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a text may be published, and why not; with the evidence for each of its sentences."""

    allowed: bool
    hits: tuple[RuleHit, ...]
    evidence: tuple[Evidence, ...]
    ruleset_version: str
