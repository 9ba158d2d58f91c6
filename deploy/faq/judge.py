"""Whether a person's answer may stand beside a product: judged as a worker will judge it, before it is approved."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Final

from deploy.evaluation.run import NoModel
from deploy.faq.read import CannotApprove
from schemas.events import Product
from schemas.outputs import SupportReply
from schemas.questions import MAX_ANSWER_CHARACTERS
from schemas.request import Facts, GenerationRequest, Question, ReviewedAnswer
from schemas.tasks import SUPPORT_REPLY
from streams.requests import facts_read
from workers.generate import Effort, generate_and_check
from workers.guard.guard import guard
from workers.guard.verdict import Grounds, Passage
from workers.outcome import Withheld, Written
from workers.tasks.product_facts import product_sources
from workers.tasks.question import matter_for_a_person

_PASSING: Final = frozenset(("order", "payment", "delivery", "refund"))
"""Matters that a person answers for each shopper anew: what was true of one is not of the next."""

_MONEY: Final = re.compile(
    r"[$\u20ac\u00a3\u00a5]|\b(?:eur|usd|gbp|chf|jpy|cny|euros?|dollars?|prices?|priced|costs?|cheaper|sale|sold out)\b"
    r"|\b(?:un)?available\b|\bstock\b",
    re.IGNORECASE,
)
"""Words of price and stock, which change without a word of the record that an answer rests on."""


_PATIENT: Final = Effort(guard_seconds=120.0)
"""A busy machine is no fault of an answer."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer that a person means to approve: to which wordings, about which product, in which language."""

    product: Product
    locale: str
    wordings: tuple[str, ...]
    answer: str


def beside_the_record(proposal: Proposal) -> tuple[str, ...]:
    """Give what of an answer the record does not bear out, in words: the person alone answers for it.

    Raises CannotApprove for an answer that states a price, stock or delivery, that is too long or in another language,
    that the guard refuses, or that would not be given since the question is a matter for a person.
    """
    if len(proposal.answer) > MAX_ANSWER_CHARACTERS:
        raise CannotApprove(
            f"the answer has {len(proposal.answer)} characters, at most {MAX_ANSWER_CHARACTERS} are given"
        )
    if _MONEY.search(proposal.answer) or matter_for_a_person(proposal.answer) in _PASSING:
        raise CannotApprove(
            "an answer that is kept says nothing of prices, stock, delivery or money: it would not stay true"
        )
    for wording in proposal.wordings:
        _require_given(proposal, wording)
    sources = product_sources(facts_read(proposal.product, SUPPORT_REPLY))
    verdict = guard((Passage("text", proposal.answer, MAX_ANSWER_CHARACTERS),), Grounds(sources, proposal.locale))
    if other := next((hit.detail for hit in verdict.hits if hit.rule == "language"), None):
        raise CannotApprove(f"the answer is not in '{proposal.locale}': {other}")
    return tuple(hit.detail for hit in verdict.hits)


def _require_given(proposal: Proposal, wording: str) -> None:
    """Raise CannotApprove unless a worker would give the answer to this question, word for word."""
    asked = _request(proposal, wording)
    outcome = asyncio.run(generate_and_check(asked, engine=NoModel(), now_ms=lambda: 0, effort=_PATIENT))
    if isinstance(outcome, Written) and isinstance(outcome.copy, SupportReply) and not outcome.copy.handover:
        return
    if isinstance(outcome, Written) and isinstance(outcome.copy, SupportReply):
        copy = outcome.copy
        why = ", ".join(copy.provenance.reasons) if copy.handover_reason == "refused" else copy.handover_reason
        raise CannotApprove(f"{wording!r} would be handed over to a person all the same: {why}")
    hits = ", ".join(hit.detail for hit in outcome.record.hits) if isinstance(outcome, Withheld) else "no reply"
    raise CannotApprove(f"{wording!r} would have no reply: {hits}")


def _request(proposal: Proposal, wording: str) -> GenerationRequest:
    facts = Facts(
        product=facts_read(proposal.product, SUPPORT_REPLY),
        question=Question(user_id="reviewer", product_id=proposal.product.product_id, text=wording),
        reviewed=ReviewedAnswer(entry_id="proposed", text=proposal.answer),
    )
    return GenerationRequest(
        request_id="proposed",
        action="generate",
        task=SUPPORT_REPLY.name,
        subject="proposed",
        locale=proposal.locale,
        source_version=0,
        fingerprint="",
        template_version=SUPPORT_REPLY.template_version,
        requested_unix_ms=0,
        facts=facts,
    )
