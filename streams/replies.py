"""The replies to ask for: a question with what the shop, its reviewers and its people say about the product."""

from __future__ import annotations

from schemas.events import Activity, ProductFacts
from schemas.questions import ProductQuestion
from schemas.request import Facts, Question, Turn
from schemas.tasks import SUPPORT_REPLY
from streams.near_reviews import near_reviews
from streams.question_state import QuestionState, answer_for
from streams.requests import Wanted, facts_read
from streams.review_state import ReviewState


def question_of(activity: Activity, earlier: tuple[Turn, ...] = ()) -> ProductQuestion | None:
    """Give the question that an activity asks, after the earlier ones; None without words."""
    if activity.kind != "question" or not (activity.text or "").strip():
        return None
    question = Question(
        user_id=activity.user_id, product_id=activity.product_id, text=activity.text or "", earlier=earlier
    )
    return ProductQuestion(
        question_id=activity.activity_id, occurred_unix_ms=activity.occurred_unix_ms, question=question
    )


def replies_for(
    asked: ProductQuestion,
    product: ProductFacts | None,
    locales: tuple[str, ...],
    *,
    reviews: ReviewState,
    questions: QuestionState,
) -> tuple[Wanted, ...]:
    """Give the reply to write to a question, in each locale.

    The id is made of the question alone: what is known of its product may be newer at a replay.
    """
    cause = Facts(question=asked.question)
    known = {
        "product": facts_read(product, SUPPORT_REPLY) if product else None,
        "reviews": near_reviews(asked.question.text, reviews.reviews, title=product.title if product else ""),
    }
    return tuple(
        Wanted(SUPPORT_REPLY, asked.question_id, locale, asked.occurred_unix_ms, facts, cause=cause)
        for locale in locales
        for reviewed in (answer_for(questions, asked.question, product, locale),)
        for facts in (cause.model_copy(update=known | {"reviewed": reviewed}),)
    )
