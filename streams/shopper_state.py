"""What is remembered of a shopper's steps and questions, and when they call for a recommendation or a draft."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from schemas.events import Activity, ProductFacts
from schemas.request import DraftNotes, Facts, HistoryItem, Turn
from schemas.tasks import RECOMMENDATION, REVIEW_DRAFT
from streams.requests import Wanted, facts_read

STEPS_KEPT = 50
IDS_KEPT = 200
"""Repeats of an activity are recognised among a shopper's last 200."""

MIN_DISTINCT_PRODUCTS = 3
EVERY_STEPS = 5
HISTORY_KINDS = ("view", "cart", "purchase", "wishlist")
TELLING_KINDS = ("cart", "purchase", "wishlist")
"""Steps that say so much about a shopper that the recommendation is written again at once."""


QUESTIONS_KEPT = 5
QUESTION_CHARS_KEPT = 500
CONVERSATION_MS = 30 * 60 * 1_000
"""A question belongs to the conversation of the same shopper about the same product half an hour before."""


class Asked(BaseModel):
    """A question that a shopper asked."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    product_id: str | None
    text: str
    occurred_unix_ms: int


class ShopperState(BaseModel):
    """A shopper's last steps with products, oldest first, and last questions.

    `version` counts all steps ever applied; `seen` are the ids of the last activities; `since_asked` counts the steps
    since a recommendation was last asked for, None before the first.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: int = 0
    steps: tuple[HistoryItem, ...] = ()
    seen: tuple[str, ...] = ()
    since_asked: int | None = None
    questions: tuple[Asked, ...] = ()


def is_repeat(activity: Activity, state: ShopperState) -> bool:
    """Say whether an activity was applied before."""
    return activity.activity_id in state.seen


def with_activity(state: ShopperState, activity: Activity, product: ProductFacts | None) -> ShopperState:
    """Give the history after an activity: a step when it concerns a known product, else its id, and what it asks."""
    seen = (*state.seen, activity.activity_id)[-IDS_KEPT:]
    if product is None or activity.kind not in HISTORY_KINDS:
        return state.model_copy(update={"seen": seen, "questions": _with_question(state, activity)})
    step = HistoryItem(
        activity_id=activity.activity_id,
        kind=activity.kind,
        product_id=product.product_id,
        title=product.title,
        categories=product.categories,
        occurred_unix_ms=activity.occurred_unix_ms,
    )
    since_asked = None if state.since_asked is None else state.since_asked + 1
    steps = (*state.steps, step)[-STEPS_KEPT:]
    return state.model_copy(
        update={"version": state.version + 1, "steps": steps, "seen": seen, "since_asked": since_asked}
    )


def _with_question(state: ShopperState, activity: Activity) -> tuple[Asked, ...]:
    text = (activity.text or "").strip()
    if activity.kind != "question" or not text:
        return state.questions
    question = Asked(
        product_id=activity.product_id,
        text=text[:QUESTION_CHARS_KEPT],
        occurred_unix_ms=activity.occurred_unix_ms,
    )
    return (*state.questions, question)[-QUESTIONS_KEPT:]


def conversation(state: ShopperState, activity: Activity) -> tuple[Turn, ...]:
    """Give what the shopper asked about the same product shortly before, oldest first; the answers are not known."""
    since = activity.occurred_unix_ms - CONVERSATION_MS
    return tuple(
        Turn(question=each.text)
        for each in state.questions
        if each.product_id == activity.product_id and since <= each.occurred_unix_ms <= activity.occurred_unix_ms
    )


def is_recommendation_due(state: ShopperState, activity: Activity) -> bool:
    """Say whether the step just applied calls for a recommendation.

    From three different products on: at once, then after each telling step, else at every fifth.
    """
    if not state.steps or state.steps[-1].activity_id != activity.activity_id:
        return False
    if len({step.product_id for step in state.steps}) < MIN_DISTINCT_PRODUCTS:
        return False
    return state.since_asked is None or activity.kind in TELLING_KINDS or state.since_asked >= EVERY_STEPS


def recommendations_for(
    user_id: str, state: ShopperState, candidates: tuple[ProductFacts, ...], locales: tuple[str, ...]
) -> tuple[Wanted, ...]:
    """Give the recommendation to write in each locale; with nothing to recommend there is none."""
    if not candidates:
        return ()
    history = Facts(history=state.steps)
    facts = history.model_copy(update={"candidates": tuple(facts_read(each, RECOMMENDATION) for each in candidates)})
    return tuple(Wanted(RECOMMENDATION, user_id, locale, state.version, facts, cause=history) for locale in locales)


def asked(state: ShopperState) -> ShopperState:
    """Give what is remembered once a recommendation was asked for."""
    return state.model_copy(update={"since_asked": 0})


def drafts_for(activity: Activity, product: ProductFacts | None, locales: tuple[str, ...]) -> tuple[Wanted, ...]:
    """Give the draft to write of a shopper's notes about a product, in each locale; without notes there is none."""
    notes = (activity.text or "").strip()
    if activity.kind != "review-draft" or not notes or activity.product_id is None:
        return ()
    draft = DraftNotes(user_id=activity.user_id, product_id=activity.product_id, rating=activity.rating, notes=notes)
    cause = Facts(draft=draft)
    facts = cause.model_copy(update={"product": facts_read(product, REVIEW_DRAFT) if product else None})
    version = activity.occurred_unix_ms
    return tuple(Wanted(REVIEW_DRAFT, activity.activity_id, locale, version, facts, cause=cause) for locale in locales)
