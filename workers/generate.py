"""From a request to checked copy: the ladder that every text climbs down until a step holds."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from schemas.codec import ErrorClass
from schemas.ledger import RuleHit
from schemas.provenance import Origin
from schemas.request import GenerationRequest
from schemas.telemetry.trace import span
from workers.alike import NEAR_DUPLICATE, RecentTexts
from workers.attempt import GUARD_TIMEOUT, PROMPT_REJECTED, Attempt, not_judged, refused, withheld, written
from workers.engines.engine import Engine, Generation, Prompt, PromptRejected, Sampling
from workers.guard.guard import allows, guard
from workers.guard.rules import GUARD_ERROR
from workers.guard.verdict import Passage, Verdict
from workers.outcome import Cost, Outcome, Undeliverable
from workers.prune import prune
from workers.tasks.answer import UNREADABLE
from workers.tasks.catalogue import TASKS
from workers.tasks.task import Candidate, HandsOver, Task, echoes
from workers.voice import spoken

log = structlog.get_logger()

NO_TEMPLATE = "no-template"
INCOMPLETE = "incomplete"
SECOND_BEST = "second-best"

REPAIR_TEMPERATURE = 0.5
_MORE_DRAWS = 100
"""The number of the first draw that is neither the surest text nor a repair."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much one text may cost: how many texts the model writes to choose from, how often it is asked again, and how
    long the guard may take.
    """

    repairs: int = 1
    guard_seconds: float = 600.0
    """Waiting for a processor counts: on a busy machine a check of milliseconds waits behind many others. What is late
    is waited for and not begun again: a second check beside the first would make the machine busier.
    """
    candidates: int = 1


DEFAULT_EFFORT = Effort()


async def generate_and_check(
    request: GenerationRequest,
    *,
    engine: Engine,
    now_ms: Callable[[], int],
    effort: Effort = DEFAULT_EFFORT,
    recent: RecentTexts | None = None,
) -> Outcome:
    """Give the first candidate that the guard allows: the model's, repaired, the task's template; else withhold it.

    A text that reads like one of the `recent` ones is written once more. Whatever fails on the way counts as refused,
    never as allowed; where nothing is allowed and the guard could not judge something, nobody has found the text wrong,
    and the request is undeliverable (decision 9). Raises EngineUnavailable, and only that.
    """
    task = TASKS.get(request.task)
    if task is None:
        return Undeliverable(ErrorClass.UNKNOWN_TASK, "no worker of this release knows the task")
    if lack := task.missing(request):
        return Undeliverable(ErrorClass.INVALID_VALUE, lack)
    attempts: list[Attempt] = []
    known = recent if recent is not None and task.contract.voice == "whole" else RecentTexts()
    async with aclosing(_Ladder(task, request, engine, effort, known).attempts()) as ladder:
        async for attempt in ladder:
            attempts.append(attempt)
            if attempt.verdict.allowed and attempt.candidate:
                known.remember(attempt.candidate, request)
                return written(task, request, attempts, engine, now_ms())
            if attempt.timed_out:
                break
    return not_judged(attempts) or withheld(request, attempts, engine, now_ms())


class _Ladder:
    """The attempts at one request, from the best origin to the last."""

    def __init__(
        self, task: Task, request: GenerationRequest, engine: Engine, effort: Effort, recent: RecentTexts
    ) -> None:
        self._task = task
        self._request = request
        self._engine = engine
        self._effort = effort
        self._recent = recent
        self._spare: Attempt | None = None
        self._spoken = spoken(task, request)
        grounds = task.grounds(request)
        self._standing: dict[Passage, bool] = {}
        self._grounds = replace(grounds, sources=(*grounds.sources, *self._spoken.sources()))

    async def attempts(self) -> AsyncGenerator[Attempt, None]:
        """Try the model, its text without what was refused, the model again with the reasons, and the template."""
        prompt = self._first_prompt()
        for turn in range(1 + self._effort.repairs):
            if prompt is None:
                break
            *others, best = await self._drafts(prompt, turn)
            for other in others:
                yield other
            attempt = self._unless_alike(best, turn)
            yield attempt
            if attempt.rejected:
                break
            if attempt.candidate and not _is_alike(attempt):
                yield self._unless_alike(await self._shortened(attempt.candidate, "repaired"), turn)
            prompt = self._task.repair(self._request, attempt.candidate, attempt.verdict.hits)
        if self._spare:
            yield replace(self._spare, cost=Cost())  # It was counted when it was written.
        template = await self._fixed(self._task.template(self._request))
        yield template
        if template.candidate and not template.verdict.allowed:
            yield await self._shortened(template.candidate, "template")
        if isinstance(self._task, HandsOver):
            yield await self._fixed(self._task.handover(self._request))

    def _first_prompt(self) -> Prompt | None:
        """Give what the model is asked first; nothing about an image where it sees none."""
        prompt = self._task.prompt(self._request)
        return None if prompt and prompt.image and not self._engine.model.sees_images else prompt

    def _unless_alike(self, attempt: Attempt, turn: int) -> Attempt:
        """Refuse, and keep to spare, a text that reads like another product's, while the model can be asked again."""
        is_last = turn == self._effort.repairs
        if is_last or not (attempt.verdict.allowed and attempt.candidate):
            return attempt
        if not self._recent.is_alike(attempt.candidate, self._request):
            return attempt
        self._spare = attempt
        hit = RuleHit(rule=NEAR_DUPLICATE, detail="it reads like the text of another product")
        return replace(attempt, verdict=refused(hit))

    async def _drafts(self, prompt: Prompt, turn: int) -> list[Attempt]:
        """Let the model write, at first as many texts as there may be candidates; the best comes last."""
        if turn:
            return [await self._ask(prompt, "repaired", draw=turn)]
        draws = (0, *range(_MORE_DRAWS, _MORE_DRAWS + self._effort.candidates - 1))
        asked = (self._ask(prompt, "model", draw=draw) for draw in draws)
        written = await asyncio.gather(*asked, return_exceptions=True)  # All at their end, before one's trouble counts.
        for one in written:
            if isinstance(one, BaseException):
                raise one
        *others, best = sorted((one for one in written if isinstance(one, Attempt)), key=self._worth)
        return [*(_second_best(other) for other in others), best]

    def _worth(self, attempt: Attempt) -> tuple[bool, int, int]:
        """Order candidates: the allowed ones last, of them one unlike the others' that states most; else by hits."""
        if not (attempt.verdict.allowed and attempt.candidate):
            return False, 0, -len(attempt.verdict.hits)
        claims = sum(len(each.claims) for each in attempt.verdict.evidence)
        return True, not self._recent.is_alike(attempt.candidate, self._request), claims

    async def _ask(self, prompt: Prompt, origin: Origin, *, draw: int) -> Attempt:
        """Let the model write, and judge what it wrote; draw 0 is the surest text, each other has its own chance."""
        sampling = self._task.sampling if draw == 0 else _drawn_anew(self._task.sampling, self._request, draw)
        try:
            generation = await self._engine.generate(self._spoken.prompt(prompt), sampling)
        except PromptRejected:
            return Attempt(origin, refused(RuleHit(rule=PROMPT_REJECTED, detail="the engine does not take the prompt")))
        cost = _cost(generation)
        try:
            candidate = self._task.read(generation.text, self._request)
        except Exception as error:  # the model's text is hostile: a reader that it breaks has not read it
            candidate = self._failure("read", error, rule=UNREADABLE)
        if isinstance(candidate, RuleHit):
            return Attempt(origin, refused(candidate), raw=generation.text, cost=cost)
        candidate = self._spoken.bounded(candidate)
        verdict = await self._judge(candidate)
        return Attempt("repaired" if candidate.cut_off else origin, verdict, candidate, generation.text, cost)

    async def _shortened(self, candidate: Candidate, origin: Origin) -> Attempt:
        """Leave out what the guard refuses, and judge the rest as a whole, in time."""
        try:
            with span("shorten"):
                async with asyncio.timeout(self._effort.guard_seconds):
                    # One thread for both: what another processor has read of a text, it would read again.
                    return await asyncio.to_thread(self._pruned, candidate, origin)
        except TimeoutError:
            return Attempt(origin, refused(_timeout()))

    def _pruned(self, candidate: Candidate, origin: Origin) -> Attempt:
        try:
            whole = self._task.complete(prune(candidate, self._may_stand), self._request)
        except Exception as error:  # as in _ask
            return Attempt(origin, refused(self._failure("prune", error)))
        if whole is None:
            return Attempt(origin, refused(RuleHit(rule=INCOMPLETE, detail="too little is left of the text")))
        whole = self._spoken.bounded(whole)
        return Attempt(origin, self._judged(whole, own_rules=origin != "template"), whole)

    async def _fixed(self, candidate: Candidate | None) -> Attempt:
        """Judge a text of fixed sentences."""
        if candidate is None:
            return Attempt("template", refused(RuleHit(rule=NO_TEMPLATE, detail="too few facts for a template")))
        candidate = self._spoken.bounded(candidate)
        return Attempt("template", await self._judge(candidate, own_rules=False), candidate)

    async def _judge(self, candidate: Candidate, *, own_rules: bool = True) -> Verdict:
        """Ask the guard and the task's own rules; an error or a time-out is a no."""
        try:
            with span("guard") as noting:
                async with asyncio.timeout(self._effort.guard_seconds):
                    verdict = await asyncio.to_thread(self._judged, candidate, own_rules=own_rules)
                noting.note(allowed=verdict.allowed, rules=" ".join(dict.fromkeys(hit.rule for hit in verdict.hits)))
                return verdict
        except TimeoutError:
            return refused(_timeout())

    def _judged(self, candidate: Candidate, *, own_rules: bool) -> Verdict:
        try:
            verdict = guard(candidate.passages, self._grounds)
            hits = verdict.hits + self._spoken.refuses(candidate) + (self._own_hits(candidate) if own_rules else ())
        except Exception as error:  # an unchecked text is a refused text
            return refused(self._failure("guard", error))
        return Verdict(verdict.allowed and not hits, hits, verdict.evidence, verdict.ruleset_version)

    def _own_hits(self, candidate: Candidate) -> tuple[RuleHit, ...]:
        lacks = self._task.lacks(candidate, self._request) + self._spoken.misses(candidate)
        return self._part_hits(candidate) + lacks

    def _part_hits(self, candidate: Candidate) -> tuple[RuleHit, ...]:
        return echoes(candidate) + self._task.check(candidate, self._request)

    def _may_stand(self, passage: Passage) -> bool:
        """Say whether a passage alone passes the guard and the task's own rules; the same one is judged once."""
        if passage not in self._standing:
            self._standing[passage] = self._stands(passage)
        return self._standing[passage]

    def _stands(self, passage: Passage) -> bool:
        alone = Candidate((passage,))
        refused = self._spoken.refuses(alone) or self._part_hits(alone)
        return not refused and allows(alone.passages, self._grounds)

    def _failure(self, step: str, error: Exception, *, rule: str = GUARD_ERROR) -> RuleHit:
        log.error("a check failed", step=step, error=type(error).__name__, request_id=self._request.request_id)
        return RuleHit(rule=rule, detail=f"{step}: {type(error).__name__}")


def _is_alike(attempt: Attempt) -> bool:
    return any(hit.rule == NEAR_DUPLICATE for hit in attempt.verdict.hits)


def _second_best(attempt: Attempt) -> Attempt:
    if not attempt.verdict.allowed:
        return attempt
    return replace(attempt, verdict=refused(RuleHit(rule=SECOND_BEST, detail="another candidate states more")))


def _drawn_anew(sampling: Sampling, request: GenerationRequest, draw: int) -> Sampling:
    """Give how a text is drawn again: with chance, since the surest words led astray, but always the same chance."""
    seed = int.from_bytes(hashlib.sha256(f"{request.request_id}/{draw}".encode()).digest()[:4], "big")
    return replace(sampling, temperature=max(sampling.temperature, REPAIR_TEMPERATURE), top_p=0.9, seed=seed)


def _timeout() -> RuleHit:
    return RuleHit(rule=GUARD_TIMEOUT, detail="the check did not finish in time")


def _cost(generation: Generation) -> Cost:
    return Cost(generation.prompt_tokens, generation.cached_tokens, generation.output_tokens)
