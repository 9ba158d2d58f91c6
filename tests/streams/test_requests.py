"""A replay cannot change a request's id, and everything that should does."""

from __future__ import annotations

import dataclasses

import pytest

from schemas.request import Facts
from schemas.tasks import ALL, PRODUCT_DESCRIPTION, SUPPORT_REPLY, TaskContract
from streams.requests import WITHDRAWN, Wanted, facts_read, request_for, request_id
from tests.factories import facts_of, product, question_facts

_FACTS = Facts(product=facts_of(product(), "brand"))
_WANTED = Wanted(PRODUCT_DESCRIPTION, "P1", "en", 7, _FACTS)


def test_the_same_wish_has_the_same_id_at_any_time() -> None:
    early, late = request_for(_WANTED, now_unix_ms=1), request_for(_WANTED, now_unix_ms=2)
    assert early.request_id == late.request_id == request_id(_WANTED)
    assert len(early.request_id) == 32


@pytest.mark.parametrize(
    "change",
    [
        {"task": SUPPORT_REPLY},
        {"subject": "P2"},
        {"locale": "de"},
        {"version": 8},
        {"facts": Facts(product=facts_of(product(brand="Southwind"), "brand"))},
        {"facts": None},
        {"task": dataclasses.replace(PRODUCT_DESCRIPTION, template_version=2)},
    ],
)
def test_everything_that_makes_another_text_makes_another_id(change: dict[str, object]) -> None:
    assert request_id(dataclasses.replace(_WANTED, **change)) != request_id(_WANTED)  # type: ignore[arg-type]


def test_parts_of_an_id_do_not_run_into_each_other() -> None:
    one = dataclasses.replace(_WANTED, subject='P1","en', locale="en")
    other = dataclasses.replace(_WANTED, subject="P1", locale='en","en')
    assert request_id(one) != request_id(other)


def test_facts_beyond_the_cause_do_not_change_the_id() -> None:
    cause = Facts(question=question_facts().question)
    asked = Wanted(SUPPORT_REPLY, "A1", "en", 1, question_facts(), cause=cause)
    newer = dataclasses.replace(asked, facts=question_facts(one=product(title="New title")))
    assert request_id(asked) == request_id(newer)
    fingerprints = {request_for(each, now_unix_ms=1).fingerprint for each in (asked, newer)}
    assert len(fingerprints) == 2, "the fingerprint tells which facts the text was written from"


def test_a_withdrawal_carries_no_facts() -> None:
    request = request_for(dataclasses.replace(_WANTED, facts=None), now_unix_ms=1)
    assert (request.action, request.facts, request.fingerprint) == ("withdraw", None, WITHDRAWN)
    assert request.source_version == 7


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.name)
def test_a_worker_sees_only_what_its_task_reads(task: TaskContract) -> None:
    seen = facts_read(product(), task).model_dump(exclude_defaults=True)
    assert set(seen) == {"product_id", *task.reads}
