"""The account of a run adds up exactly, and says so where it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deploy.demo.accounting import Fed, RefusedProduct
from schemas import topics
from tests import factories
from tests.deploy.demo.story import Story


def _whole_story() -> Story:
    """One product for each end, and a request for each outcome."""
    story = Story()
    for product_id in ("P1", "P2", "P3"):
        story.product(product_id)
    first = story.request("Q1", "P1")
    story.product("P1", version=2)
    story.published(story.request("Q2", "P1"), "repaired", rules="unit-mismatch")
    story.outcome(first, "superseded")
    story.withheld(story.request("Q3", "P2"), "material unit-mismatch")
    story.published(story.request("Q4", "P3"))
    story.put(topics.PRODUCT_CREATED, "P3", None)
    story.withdrawn(story.request("Q5", "P3"))
    story.outcome(story.request("Q2", "P1"), "duplicate")
    story.letter(story.malformed("P4"))
    return story


def test_a_whole_run_adds_up() -> None:
    accounts = _whole_story().account()
    assert accounts.problems == ()
    assert (accounts.events, accounts.requests) == (6, 6)


def test_every_product_ends_once_with_its_reason() -> None:
    refused = (RefusedProduct("P5", "products.jsonl:9", "title is missing"), RefusedProduct("P1", "x:1", "other"))
    accounts = _whole_story().account(Fed(6, refused))
    assert [(end.product_id, end.kind, end.reasons) for end in accounts.products] == [
        ("P1", "published", ()),
        ("P2", "withheld", ("material", "unit-mismatch")),
        ("P3", "withdrawn", ()),
        ("P4", "dead-lettered", ("bad-magic-byte",)),
        ("P5", "refused", ("products.jsonl:9: title is missing",)),
    ]


def test_each_outcome_is_counted_under_its_task_once() -> None:
    task = next(task for task in _whole_story().account().tasks if task.task == "product-description")
    assert (task.requests, task.ended) == (6, 6)
    assert (task.model, task.repaired, task.template, task.withheld) == (1, 1, 0, 1)
    assert (task.withdrawn, task.superseded, task.duplicate, task.dead_lettered) == (1, 1, 1, 0)
    assert task.why_withheld == {"material": 1, "unit-mismatch": 1}
    assert task.why_not_first == {"unit-mismatch": 1}
    assert task.output_tokens == 300


def _lose_an_outcome(story: Story) -> None:
    story.request("Q9", "P1")


def _double_an_outcome(story: Story) -> None:
    story.outcome(next(each for each in story.messages if each.topic == topics.REQUESTS_BULK.name), "superseded")


def _lose_a_text(story: Story) -> None:
    story.outcome(story.request("Q9", "P2"), "published", origin="model")


def _double_a_text(story: Story) -> None:
    story.copy(next(each for each in story.messages if each.key == "P1" and "requests" in each.topic))


def _publish_under_a_withheld_key(story: Story) -> None:
    story.put(topics.PRODUCT_DESCRIPTIONS, "P2|en", factories.description("P2"))


def _lose_a_tombstone(story: Story) -> None:
    story.outcome(story.request("Q9", "P3"), "withdrawn")


def _lose_a_product(story: Story) -> None:
    story.product("P9")


def _lose_a_dead_letter(story: Story) -> None:
    story.malformed("P9")


def _double_a_dead_letter(story: Story) -> None:
    story.letter(next(each for each in story.messages if each.key == "P4"))


def _publish_what_was_deleted(story: Story) -> None:
    story.put(topics.PRODUCT_CREATED, "P1", None)


def _withhold_without_a_reason(story: Story) -> None:
    story.product("P9")
    story.withheld(story.request("Q9", "P9"), "")


def _dead_letter_in_the_ledger_only(story: Story) -> None:
    story.product("P9")
    story.outcome(story.request("Q9", "P9"), "dead-lettered")


def _lose_a_question(story: Story) -> None:
    story.put(topics.USER_ACTIVITY, "U1", factories.activity("A9", kind="question", text="Is it warm?"))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_lose_an_outcome, "has no outcome"),
        (_double_an_outcome, "has 2 outcome"),
        (_lose_a_text, "stands 0 times"),
        (_double_a_text, "times, its outcome"),
        (_publish_under_a_withheld_key, "withheld, and yet a text stands"),
        (_lose_a_tombstone, "tombstones stand"),
        (_lose_a_product, "P9 is lost"),
        (_lose_a_dead_letter, "has no dead letter"),
        (_double_a_dead_letter, "has 2 dead letters"),
        (_publish_what_was_deleted, "was deleted and yet ends as published"),
        (_withhold_without_a_reason, "withheld without a reason"),
        (_dead_letter_in_the_ledger_only, "dead-lettered in one topic only"),
        (_lose_a_question, "question A9 was not passed on"),
    ],
)
def test_what_does_not_add_up_is_told(spoil: Callable[[Story], None], says: str) -> None:
    story = _whole_story()
    spoil(story)
    assert any(says in problem for problem in story.account().problems), story.account().problems


def test_an_event_that_never_reached_its_topic_is_told() -> None:
    assert _whole_story().account(Fed(events=7)).problems == ("7 events were confirmed, 6 are on the input topics",)


def test_a_product_fed_again_on_a_broker_with_history_asks_for_nothing() -> None:
    story = Story()
    story.product("P1")
    accounts = story.account(Fed(1, known_before=frozenset({"P1"})))
    assert (accounts.ends("unchanged"), accounts.problems) == (1, ())


def test_a_request_that_cannot_be_read_is_accounted_for_as_unknown() -> None:
    story = Story()
    bad = story.put(topics.REQUESTS_BULK, "P1", None)
    story.letter(bad)
    good = story.request("Q1", "P1")
    entry = story.outcome(good, "dead-lettered")
    story.messages.remove(entry)
    story.messages.remove(good)
    record = entry.record.model_copy(update={"task": "unknown", "offset": bad.offset})  # type: ignore[union-attr]
    story.put(topics.GENERATION_OUTCOMES, "unknown", record)
    assert story.account().problems == ()
