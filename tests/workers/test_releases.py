"""Which model writes is decided by task and subject, alike in every worker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.releases import EVERY_TASK, ModelRelease, ModelRevision
from tests.factories import release, revision
from workers.releases import Releases, is_canary

TASK = "ad-copy"
A, B, C = revision("a"), revision("b"), revision("c")
SUBJECTS = [f"P{number}" for number in range(2_000)]


def releases(*some: ModelRelease) -> Releases:
    return Releases({one.task: one for one in some})


def writers(some: Releases, subject: str = "P1", task: str = TASK) -> list[ModelRevision]:
    return list(some.writers(task, subject))


def canary(percent: int, **changes: object) -> ModelRelease:
    return release(TASK, candidate=B, stage="canary", canary_percent=percent, **changes)


def test_where_nothing_is_released_the_model_of_the_settings_writes() -> None:
    assert writers(Releases()) == writers(releases(release(TASK))) == []


def test_a_task_s_own_release_comes_before_that_of_all_tasks() -> None:
    some = releases(release(TASK, live=A), release(EVERY_TASK, live=B))
    assert (writers(some), writers(some, task="social-post")) == ([A], [B])
    assert writers(releases(release(TASK), release(EVERY_TASK, live=B))) == [B]


@pytest.mark.parametrize("percent", [1, 10, 50, 90])
def test_a_canary_writes_for_its_share_of_the_subjects_and_what_is_live_for_the_others(percent: int) -> None:
    some = releases(canary(percent, live=A))
    first = [writers(some, subject)[0] for subject in SUBJECTS]
    assert first.count(B) == pytest.approx(len(SUBJECTS) * percent / 100, rel=0.15, abs=10)
    assert set(first) == {A, B}


@given(st.text(), st.integers(1, 98))
def test_a_subject_of_a_canary_stays_its_while_the_share_grows(subject: str, percent: int) -> None:
    assert is_canary(canary(percent), subject) <= is_canary(canary(percent + 1), subject)


def test_another_candidate_is_tried_on_other_subjects() -> None:
    other = release(TASK, candidate=C, stage="canary", canary_percent=50)
    both = [is_canary(canary(50), subject) and is_canary(other, subject) for subject in SUBJECTS]
    assert sum(both) == pytest.approx(len(SUBJECTS) / 4, rel=0.2)


def test_a_subject_of_a_canary_falls_back_to_what_is_live() -> None:
    hit = next(subject for subject in SUBJECTS if is_canary(canary(50), subject))
    assert writers(releases(canary(50, live=A)), hit) == [B, A]
    assert writers(releases(canary(50), release(EVERY_TASK, live=C)), hit) == [B, C]


@pytest.mark.parametrize("stage", ["proposed", "shadow"])
def test_a_candidate_that_is_no_canary_writes_nothing(stage: str) -> None:
    assert writers(releases(release(TASK, live=A, candidate=B, stage=stage, canary_percent=99))) == [A]


def test_a_shadow_is_a_task_s_own_or_that_of_all_tasks_without_one() -> None:
    everywhere = release(EVERY_TASK, candidate=B, stage="shadow")
    assert releases(everywhere).shadow(TASK) == B
    assert releases(everywhere, release(TASK, live=A)).shadow(TASK) is None
    assert releases(release(TASK, live=A, candidate=C, stage="shadow")).shadow(TASK) == C
    assert releases(canary(10)).shadow(TASK) is None


def test_only_what_writes_or_is_tried_is_loaded() -> None:
    some = releases(
        release(TASK, live=A, previous=C, candidate=B, stage="shadow"), release("t", candidate=C, stage="proposed")
    )
    assert set(some.served().values()) == {A, B}


def test_a_task_goes_over_when_all_that_writes_is_ready_and_not_before() -> None:
    before = releases(release(TASK, live=A), release("t", live=C))
    newest = releases(release(TASK, live=B), release("t", live=A))
    half = before.advanced(newest, lambda one: one == A)
    assert (writers(half), writers(half, task="t")) == ([A], [A])
    assert before.advanced(newest, lambda _: True) == newest


def test_a_release_that_is_taken_back_is_gone_at_once() -> None:
    assert releases(release(TASK, live=A)).advanced(Releases(), lambda _: False) == Releases()
