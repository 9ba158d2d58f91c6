"""The gate before publication: a text passes when every rule lets it pass, and an error in a rule is a no."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.ledger import RuleHit
from workers.guard.claims import Reading, evidence, read
from workers.guard.rules import GUARD_ERROR, RULES, RULESET_VERSION
from workers.guard.verdict import Grounds, Passage, Verdict


def guard(passages: tuple[Passage, ...], grounds: Grounds) -> Verdict:
    """Judge a candidate text against the record it was written from; never raises, and what fails is refused.

    The verdict has a hit for each fault, worded so that it can be given back to a model, and for each sentence the
    claims that the record supports with the field that does.
    """
    try:
        reading = read(passages, grounds)
        proof = evidence(reading)
    except Exception as error:
        # Whatever went wrong here, the text was not checked.
        return Verdict(allowed=False, hits=(_error("read", error),), evidence=(), ruleset_version=RULESET_VERSION)
    hits = tuple(_hits(reading))
    return Verdict(allowed=not hits, hits=hits, evidence=proof, ruleset_version=RULESET_VERSION)


def allows(passages: tuple[Passage, ...], grounds: Grounds) -> bool:
    """Say whether a text passes, as `guard` does, at the cost of its first fault."""
    try:
        reading = read(passages, grounds)
    except Exception:
        return False
    return next(_hits(reading), None) is None


def _hits(reading: Reading) -> Iterator[RuleHit]:
    for rule in RULES:
        if rule.kind and rule.kind not in reading.by_kind:
            continue
        try:
            details = [*rule.check(reading)]
        except Exception as error:
            # A rule that fails has not allowed anything.
            yield _error(rule.id, error)
        else:
            for detail in details:
                yield RuleHit(rule=rule.id, detail=detail)


def _error(where: str, error: Exception) -> RuleHit:
    return RuleHit(rule=GUARD_ERROR, detail=f"{where}: {type(error).__name__}")
