"""The requests themselves: what is asked of the workers, under an id that a replay cannot change."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from schemas.events import ProductFacts
from schemas.request import Facts, GenerationRequest
from schemas.tasks import TaskContract
from streams.fingerprint import fingerprint

WITHDRAWN = "withdrawn"
"""The fingerprint of a withdrawal, which has no facts."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One text to write, or with `facts` None one to take back.

    `cause` are the facts that the event itself determines, where `facts` hold more (candidates out of the
    catalogue): the id is made of the cause, so that a replay against a newer catalogue is still the same request.
    """

    task: TaskContract
    subject: str
    locale: str
    version: int
    facts: Facts | None
    cause: Facts | None = None


def request_for(wanted: Wanted, *, now_unix_ms: int) -> GenerationRequest:
    """Give the request for a text, under its deterministic id."""
    action: Literal["generate", "withdraw"] = "generate" if wanted.facts else "withdraw"
    return GenerationRequest(
        request_id=request_id(wanted),
        action=action,
        task=wanted.task.name,
        subject=wanted.subject,
        locale=wanted.locale,
        source_version=wanted.version,
        fingerprint=fingerprint(wanted.facts) if wanted.facts else WITHDRAWN,
        template_version=wanted.task.template_version,
        requested_unix_ms=now_unix_ms,
        facts=wanted.facts,
    )


def request_id(wanted: Wanted) -> str:
    """Give 32 hex characters of SHA-256 over task, subject, locale, version, cause and template version.

    The version is part of it: facts that go from A to B and back to A are three requests, not two.
    """
    cause = wanted.cause or wanted.facts
    parts = (
        wanted.task.name,
        wanted.subject,
        wanted.locale,
        wanted.version,
        fingerprint(cause) if cause else WITHDRAWN,
        wanted.task.template_version,
    )
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:32]


def facts_read(product: ProductFacts, task: TaskContract) -> ProductFacts:
    """Give of a product only what the task reads: nothing else reaches the worker, or makes its text out of date."""
    return ProductFacts.model_validate(product.model_dump(include={"product_id", *task.reads}))


def asked_as(facts: Facts, task: TaskContract) -> str:
    """Give what a table remembers of a request: text is out of date when its facts or its template changed."""
    return f"{task.template_version}:{fingerprint(facts)}"
