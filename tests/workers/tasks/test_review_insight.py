from __future__ import annotations

from schemas.outputs import ReviewInsight
from schemas.request import Facts, GenerationRequest
from tests import factories
from workers.tasks.review_insight import ReviewInsightTask

TASK = ReviewInsightTask()


def asked(*bodies: str, locale: str = "en") -> GenerationRequest:
    facts = Facts(product=factories.facts_of(factories.product()), reviews=factories.review_facts(*bodies))
    return factories.request(task="review-insight", subject="R1", facts=facts, locale=locale)


def composed(body: str) -> ReviewInsight:
    request = asked(body)
    candidate = TASK.template(request)
    assert candidate is not None
    return TASK.compose(candidate, request, factories.provenance(task="review-insight"))


def test_an_insight_names_its_review_and_product() -> None:
    found = composed("Very comfortable, but the zip broke.")
    assert (found.review_id, found.product_id) == ("R1", "P1")
    assert {one.aspect for one in found.aspects} == {"comfort", "durability"}


def test_no_model_is_asked() -> None:
    assert TASK.prompt(asked("Very comfortable.")) is None


def test_an_insight_needs_exactly_one_review() -> None:
    assert TASK.missing(asked()) is not None
    assert TASK.missing(asked("Soft.", "Warm.")) is not None
    assert TASK.missing(asked("Soft.")) is None
