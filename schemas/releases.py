"""Which model writes a task's texts: what is live, what was before, and what is on its way."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.record import Identifier, Record, UnixMs

EVERY_TASK = "*"
"""The key of a release for all tasks; a task's own release is asked first."""

Stage = Literal["proposed", "shadow", "canary"]
"""How far a candidate has come: not served, served beside what is published, published for a share of the subjects."""

Action = Literal["propose", "shadow", "canary", "live", "rollback"]

REVISION_DIGITS = 16
"""How much of a model's hash is its revision: what provenance, folders and fleets call it by."""

ContentHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""The sha256 of what a model's folder holds: weights, tokenizer and settings."""


class ModelRevision(Record):
    """A model, or an adapter, by what its folder holds: the name is for people, the hash for machines."""

    name: Identifier
    content_hash: ContentHash

    @property
    def revision(self) -> str:
        """Give how the revision is called in provenance, on disk and by a fleet."""
        return self.content_hash[:REVISION_DIGITS]


class Gate(Record):
    """One figure of a candidate beside the same figure of what is live, each with its interval of 95 %.

    It is not passed when the candidate's value lies beyond the live one's interval on the worse side.
    """

    task: str
    figure: str
    better: Literal["higher", "lower"]
    live: float
    live_low: float
    live_high: float
    candidate: float
    candidate_low: float
    candidate_high: float
    is_passed: bool


class ModelRelease(Record):
    """The state of a task's releases after one action of a person.

    `live` None is whatever serves without this release: the one for all tasks, else the model that each worker's
    settings name. `previous` was live before. A canary writes for `canary_percent` of the subjects. `gates` are what
    the candidate, or what is live now, had to pass.
    """

    task: str
    action: Action
    live: ModelRevision | None = None
    previous: ModelRevision | None = None
    candidate: ModelRevision | None = None
    stage: Stage | None = None
    canary_percent: Annotated[int, Field(ge=0, le=100)] = 0
    gates: tuple[Gate, ...] = ()
    released_by: Identifier
    released_unix_ms: UnixMs
