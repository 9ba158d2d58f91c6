"""From a request to checked copy: the ladder that every text climbs down until a step holds."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from schemas.codec import ErrorClass
from schemas.ledger import ContentWithheld, RuleHit
from schemas.provenance import ALGORITHMIC_MEDIA, TRAINED_ALGORITHMIC_MEDIA, Origin, Provenance
from schemas.request import GenerationRequest
from workers.engines.engine import Engine, Generation, Prompt, PromptRejected, Sampling
from workers.guard.guard import guard
from workers.guard.rules import GUARD_ERROR, RULESET_VERSION
from workers.guard.verdict import Passage, Verdict
from workers.outcome import Cost, Outcome, Undeliverable, Withheld, Written
from workers.prune import prune
from workers.tasks.catalogue import TASKS
from workers.tasks.task import Candidate, Task, echoes
from workers.voice import spoken

log = structlog.get_logger()

GUARD_TIMEOUT = "guard-timeout"
PROMPT_REJECTED = "prompt-rejected"
NO_TEMPLATE = "no-template"
INCOMPLETE = "incomplete"

REPAIR_TEMPERATURE = 0.5


_FREE = Cost()


@dataclass(frozen=True, slots=True)
class Effort:
    """How much one text may cost: how often the model is asked again, and how long the guard may take."""

    repairs: int = 1
    guard_seconds: float = 5.0


DEFAULT_EFFORT = Effort()


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
    def timed_out(self) -> bool:
        """Say whether the guard did not finish, after which nothing else is tried."""
        return any(hit.rule == GUARD_TIMEOUT for hit in self.verdict.hits)


async def generate_and_check(
    request: GenerationRequest, *, engine: Engine, now_ms: Callable[[], int], effort: Effort = DEFAULT_EFFORT
) -> Outcome:
    """Give the first candidate that the guard allows: the model's, repaired, the task's template; else withhold it.

    Whatever fails on the way counts as refused, never as allowed. Raises EngineUnavailable, and only that.
    """
    task = TASKS.get(request.task)
    if task is None:
        return Undeliverable(ErrorClass.UNKNOWN_TASK, "no worker of this release knows the task")
    if lack := task.missing(request):
        return Undeliverable(ErrorClass.INVALID_VALUE, lack)
    attempts: list[Attempt] = []
    async with aclosing(_Ladder(task, request, engine, effort).attempts()) as ladder:
        async for attempt in ladder:
            attempts.append(attempt)
            if attempt.verdict.allowed and attempt.candidate:
                return _written(task, request, attempts, engine, now_ms())
            if attempt.timed_out:
                break
    return _withheld(request, attempts, engine, now_ms())


class _Ladder:
    """The attempts at one request, from the best origin to the last."""

    def __init__(self, task: Task, request: GenerationRequest, engine: Engine, effort: Effort) -> None:
        self._task = task
        self._request = request
        self._engine = engine
        self._effort = effort
        self._spoken = spoken(task, request)
        grounds = task.grounds(request)
        self._grounds = replace(grounds, sources=(*grounds.sources, *self._spoken.sources()))

    async def attempts(self) -> AsyncGenerator[Attempt, None]:
        """Try the model, its text without what was refused, the model again with the reasons, and the template."""
        prompt = self._task.prompt(self._request)
        if prompt and prompt.image and not self._engine.model.sees_images:
            prompt = None
        for turn in range(1 + self._effort.repairs):
            if prompt is None:
                break
            attempt = await self._ask(prompt, "repaired" if turn else "model", turn)
            yield attempt
            if attempt.rejected:
                break
            if attempt.candidate:
                yield await self._shortened(attempt.candidate, "repaired")
            prompt = self._task.repair(self._request, attempt.candidate, attempt.verdict.hits)
        template = await self._template()
        yield template
        if template.candidate and not template.verdict.allowed:
            yield await self._shortened(template.candidate, "template")

    async def _ask(self, prompt: Prompt, origin: Origin, turn: int) -> Attempt:
        """Let the model write, and judge what it wrote."""
        sampling = self._task.sampling if turn == 0 else _drawn_anew(self._task.sampling, self._request, turn)
        try:
            generation = await self._engine.generate(self._spoken.prompt(prompt), sampling)
        except PromptRejected:
            return Attempt(
                origin, _refused(RuleHit(rule=PROMPT_REJECTED, detail="the engine does not take the prompt"))
            )
        cost = _cost(generation)
        try:
            candidate = self._task.read(generation.text, self._request)
        except Exception as error:  # the model's text is hostile: a reader that it breaks has not read it
            candidate = self._failure("read", error)
        if isinstance(candidate, RuleHit):
            return Attempt(origin, _refused(candidate), raw=generation.text, cost=cost)
        candidate = self._spoken.bounded(candidate)
        verdict = await self._judge(candidate)
        return Attempt("repaired" if candidate.cut_off else origin, verdict, candidate, generation.text, cost)

    async def _shortened(self, candidate: Candidate, origin: Origin) -> Attempt:
        """Leave out what the guard refuses, and judge the rest as a whole."""
        try:
            async with asyncio.timeout(self._effort.guard_seconds):
                kept = await asyncio.to_thread(prune, candidate, self._may_stand)
            whole = self._task.complete(kept, self._request)
        except TimeoutError:
            return Attempt(origin, _refused(_timeout()))
        except Exception as error:  # as in _ask
            return Attempt(origin, _refused(self._failure("prune", error)))
        if whole is None:
            return Attempt(origin, _refused(RuleHit(rule=INCOMPLETE, detail="too little is left of the text")))
        whole = self._spoken.bounded(whole)
        return Attempt(origin, await self._judge(whole, own_rules=origin != "template"), whole)

    async def _template(self) -> Attempt:
        candidate = self._task.template(self._request)
        if candidate is None:
            return Attempt("template", _refused(RuleHit(rule=NO_TEMPLATE, detail="too few facts for a template")))
        candidate = self._spoken.bounded(candidate)
        return Attempt("template", await self._judge(candidate, own_rules=False), candidate)

    async def _judge(self, candidate: Candidate, *, own_rules: bool = True) -> Verdict:
        """Ask the guard and the task's own rules; an error or a time-out is a no."""
        try:
            async with asyncio.timeout(self._effort.guard_seconds):
                verdict = await asyncio.to_thread(guard, candidate.passages, self._grounds)
            hits = verdict.hits + self._spoken.refuses(candidate) + (self._own_hits(candidate) if own_rules else ())
        except TimeoutError:
            return _refused(_timeout())
        except Exception as error:  # an unchecked text is a refused text
            return _refused(self._failure("guard", error))
        return Verdict(verdict.allowed and not hits, hits, verdict.evidence, verdict.ruleset_version)

    def _own_hits(self, candidate: Candidate) -> tuple[RuleHit, ...]:
        lacks = self._task.lacks(candidate, self._request) + self._spoken.misses(candidate)
        return self._part_hits(candidate) + lacks

    def _part_hits(self, candidate: Candidate) -> tuple[RuleHit, ...]:
        return echoes(candidate) + self._task.check(candidate, self._request)

    def _may_stand(self, passage: Passage) -> bool:
        """Say whether one sentence alone passes the guard and the task's own rules."""
        alone = Candidate((passage,))
        refused = self._spoken.refuses(alone) or self._part_hits(alone)
        return not refused and guard(alone.passages, self._grounds).allowed

    def _failure(self, step: str, error: Exception) -> RuleHit:
        log.error("a check failed", step=step, error=type(error).__name__, request_id=self._request.request_id)
        return RuleHit(rule=GUARD_ERROR, detail=f"{step}: {type(error).__name__}")


def _drawn_anew(sampling: Sampling, request: GenerationRequest, turn: int) -> Sampling:
    """Give how a text is drawn again: with chance, since the surest words led astray, but always the same chance."""
    seed = int.from_bytes(hashlib.sha256(f"{request.request_id}/{turn}".encode()).digest()[:4], "big")
    return replace(sampling, temperature=max(sampling.temperature, REPAIR_TEMPERATURE), top_p=0.9, seed=seed)


def _refused(hit: RuleHit) -> Verdict:
    return Verdict(allowed=False, hits=(hit,), evidence=(), ruleset_version=RULESET_VERSION)


def _timeout() -> RuleHit:
    return RuleHit(rule=GUARD_TIMEOUT, detail="the check did not finish in time")


def _cost(generation: Generation) -> Cost:
    return Cost(generation.prompt_tokens, generation.cached_tokens, generation.output_tokens)


def _sum(attempts: list[Attempt]) -> Cost:
    return Cost(
        prompt_tokens=sum(attempt.cost.prompt_tokens for attempt in attempts),
        cached_tokens=sum(attempt.cost.cached_tokens for attempt in attempts),
        output_tokens=sum(attempt.cost.output_tokens for attempt in attempts),
    )


def _rules(attempts: list[Attempt]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.rule for attempt in attempts for hit in attempt.verdict.hits))


def _written(
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


def _withheld(request: GenerationRequest, attempts: list[Attempt], engine: Engine, withheld_unix_ms: int) -> Withheld:
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


def _refused_text(attempts: list[Attempt]) -> str:
    """Give the last refused candidate as JSON by place, or the last unreadable answer."""
    for attempt in reversed(attempts):
        if attempt.candidate:
            return json.dumps({one.place: one.text for one in attempt.candidate.passages}, ensure_ascii=False)
    return json.dumps({"raw": next((one.raw for one in reversed(attempts) if one.raw), "")}, ensure_ascii=False)
