"""One step on the way to a text, and the three ways in which all of them together end."""

from __future__ import annotations

import json
from dataclasses import dataclass

from schemas.codec import ErrorClass
from schemas.ledger import ContentWithheld, RuleHit
from schemas.provenance import ALGORITHMIC_MEDIA, TRAINED_ALGORITHMIC_MEDIA, Origin, Provenance
from schemas.request import GenerationRequest
from workers.engines.engine import Engine
from workers.guard.rules import GUARD_ERROR, RULESET_VERSION
from workers.guard.verdict import Verdict
from workers.outcome import Cost, Undeliverable, Withheld, Written
from workers.tasks.task import Candidate, Task

GUARD_TIMEOUT = "guard-timeout"
PROMPT_REJECTED = "prompt-rejected"

_FREE = Cost()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One step of the ladder: a candidate, if one came of it, what it cost, and the verdict on it."""

    origin: Origin
    verdict: Verdict
    candidate: Candidate | None = None
    raw: str = ""
    cost: Cost = _FREE

    @property
    def rejected(self) -> bool:
        """Say whether the engine refuses the prompt, after which it is not asked again."""
        return any(hit.rule == PROMPT_REJECTED for hit in self.verdict.hits)

    @property
    def failures(self) -> tuple[RuleHit, ...]:
        """Give the hits that say that a check failed, not that the text did."""
        return tuple(hit for hit in self.verdict.hits if hit.rule in (GUARD_TIMEOUT, GUARD_ERROR))

    @property
    def timed_out(self) -> bool:
        """Say whether the guard did not finish, after which nothing else is tried."""
        return any(hit.rule == GUARD_TIMEOUT for hit in self.verdict.hits)


def refused(hit: RuleHit) -> Verdict:
    """Give the verdict of one hit that is not the guard's."""
    return Verdict(allowed=False, hits=(hit,), evidence=(), ruleset_version=RULESET_VERSION)


def _sum(attempts: list[Attempt]) -> Cost:
    return Cost(
        prompt_tokens=sum(attempt.cost.prompt_tokens for attempt in attempts),
        cached_tokens=sum(attempt.cost.cached_tokens for attempt in attempts),
        output_tokens=sum(attempt.cost.output_tokens for attempt in attempts),
    )


def _rules(attempts: list[Attempt]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.rule for attempt in attempts for hit in attempt.verdict.hits))


def written(
    task: Task, request: GenerationRequest, attempts: list[Attempt], engine: Engine, generated_unix_ms: int
) -> Written:
    """Give the copy of the last attempt, with what is needed to answer for it."""
    allowed, cost = attempts[-1], _sum(attempts)
    by_model = allowed.origin != "template"
    model = engine.model
    provenance = Provenance(
        request_id=request.request_id,
        task=request.task,
        origin=allowed.origin,
        model=model.name if by_model else f"template:{request.task}",
        model_revision=model.revision if by_model else str(task.contract.template_version),
        adapter=model.adapter if by_model else None,
        template_version=task.contract.template_version,
        ruleset_version=allowed.verdict.ruleset_version,
        source_version=request.source_version,
        fingerprint=request.fingerprint,
        reasons=_rules(attempts[:-1]),
        evidence=allowed.verdict.evidence,
        prompt_tokens=cost.prompt_tokens,
        output_tokens=cost.output_tokens,
        generated_unix_ms=generated_unix_ms,
        digital_source_type=TRAINED_ALGORITHMIC_MEDIA if by_model else ALGORITHMIC_MEDIA,
    )
    return Written(task.compose(allowed.candidate or Candidate(()), request, provenance), cost)


def withheld(request: GenerationRequest, attempts: list[Attempt], engine: Engine, withheld_unix_ms: int) -> Withheld:
    """Give what was refused, for people to look at: the text that came nearest, and every rule's first finding."""
    hits = {hit.rule: hit for attempt in reversed(attempts) for hit in reversed(attempt.verdict.hits)}
    record = ContentWithheld(
        request_id=request.request_id,
        task=request.task,
        subject=request.subject,
        locale=request.locale,
        source_version=request.source_version,
        hits=tuple(hits.values()),
        ruleset_version=RULESET_VERSION,
        candidate=_refused_text(attempts),
        model=engine.model.name,
        model_revision=engine.model.revision,
        withheld_unix_ms=withheld_unix_ms,
    )
    return Withheld(record, _sum(attempts))


def not_judged(attempts: list[Attempt]) -> Undeliverable | None:
    """Say that the guard failed or did not finish at some attempt; None where it has judged all of them."""
    failures = dict.fromkeys(f"{hit.rule}: {hit.detail}" for one in attempts for hit in one.failures)
    return Undeliverable(ErrorClass.NOT_JUDGED, "; ".join(failures)) if failures else None


def _refused_text(attempts: list[Attempt]) -> str:
    """Give the last refused candidate as JSON by place, or the last unreadable answer."""
    for attempt in reversed(attempts):
        if attempt.candidate:
            return json.dumps({one.place: one.text for one in attempt.candidate.passages}, ensure_ascii=False)
    return json.dumps({"raw": next((one.raw for one in reversed(attempts) if one.raw), "")}, ensure_ascii=False)
