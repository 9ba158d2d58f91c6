"""What a shop's day asks for follows the rules of the streams."""

from __future__ import annotations

from deploy.planning.load import WRITTEN, catalogue_tokens, load_of
from deploy.planning.span import as_span
from schemas import tasks
from tests.deploy.planning.shops import SHOP, exact


def test_every_task_is_asked_for_as_the_streams_ask() -> None:
    load = load_of(SHOP, exact(summaries_per_review=0.5, recommendations_per_step=0.1))

    asked = {task: count.likely for task, count in load.requests.items()}
    for task in (tasks.PRODUCT_DESCRIPTION, tasks.AD_COPY, tasks.SOCIAL_POST, tasks.IMAGE_TEXT):
        assert asked.pop(task.name) == 100 * 2  # in each language
    assert asked.pop(tasks.REVIEW_INSIGHT.name) == 1_000  # in one: it has no words
    assert asked.pop(tasks.REVIEW_SUMMARY.name) == 1_000 * 0.5 * 2
    assert asked.pop(tasks.SUPPORT_REPLY.name) == 200 * 2
    assert asked.pop(tasks.REVIEW_DRAFT.name) == 100 * 2
    assert round(asked.pop(tasks.RECOMMENDATION.name)) == round((86_400 - 100 - 1_000 - 200 - 100) * 0.1 * 2)
    assert asked == {}


def test_every_task_but_localisation_is_planned_for() -> None:
    assert {task.name for task in WRITTEN} == set(tasks.BY_NAME) - {tasks.LOCALISATION.name}


def test_a_task_costs_its_own_tokens_and_one_without_any_is_not_written_by_a_model() -> None:
    figures = exact(tokens__review_insight=0, tokens__ad_copy=30)
    load = load_of(SHOP, figures)

    assert load.tokens[tasks.AD_COPY.name] == as_span(200 * 30)
    assert load.requests_per_day.likely - load.written_per_day.likely == 1_000


def test_the_catalogue_is_written_once_in_each_language() -> None:
    figures = exact(tokens__product_description=100, tokens__ad_copy=50, tokens__social_post=25, tokens__image_text=0)

    assert catalogue_tokens(SHOP, figures) == as_span(1_000 * 2 * 175)
