"""A candidate that is worse is refused, and each step begins where the one before it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.releases import EVERY_TASK, ModelRelease
from tests.factories import NOW_MS, revision
from training.release import (
    BESIDE,
    GATES,
    LATENCIES,
    Decision,
    Evaluation,
    Figure,
    GatesNotPassed,
    NotComparable,
    NotNow,
    canary,
    gates,
    live,
    propose,
    roll_back,
    shadow,
    unreleased,
)

TASK = "support-reply"
US = Decision("editor", NOW_MS)
A, B = revision("a"), revision("b")
Step = Callable[[ModelRelease], ModelRelease]


def evaluation(**values: float) -> Evaluation:
    """Give an evaluation whose figures reach 5 to each side, 50 unless said."""
    figures = {name: values.get(name, 50.0) for name in GATES}
    told = {name: Figure(value=value, low=value - 5, high=value + 5) for name, value in figures.items()}
    return Evaluation(task=TASK, model="m", revision=A.revision, data="d", examples=9, figures=told)


PASSED = gates(evaluation(), evaluation())


def proposed() -> ModelRelease:
    return propose(unreleased(TASK), A, PASSED, US)


def released() -> ModelRelease:
    return live(canary(proposed(), 10, US), US)


@pytest.mark.parametrize("figure", GATES)
def test_a_figure_that_is_worse_beyond_the_interval_of_what_is_live_is_not_passed(figure: str) -> None:
    worse = 44.9 if GATES[figure] == "higher" else 55.1
    failed = [gate.figure for gate in gates(evaluation(**{figure: worse}), evaluation()) if not gate.is_passed]
    assert failed == [figure]


@pytest.mark.parametrize("figure", GATES)
def test_within_the_interval_or_better_is_passed(figure: str) -> None:
    for value in (45.0, 55.0, 90.0 if GATES[figure] == "higher" else 5.0):
        assert all(gate.is_passed for gate in gates(evaluation(**{figure: value}), evaluation()))


def timed(*, median: float, beside: str = A.revision) -> Evaluation:
    """Give an evaluation that was timed in one run beside a model whose figures reach from 45 to 55."""
    ours = {"latency, median": median, "latency, 95 of 100": 50.0}
    theirs = {f"{name}{BESIDE}": 50.0 for name in LATENCIES}
    told = {name: Figure(value=value, low=value - 5, high=value + 5) for name, value in (ours | theirs).items()}
    return evaluation().model_copy(update={"figures": evaluation().figures | told, "beside": beside})


def test_a_candidate_that_is_slower_than_what_is_live_in_the_same_run_is_not_passed() -> None:
    slow, fast = gates(timed(median=55.1), evaluation()), gates(timed(median=55.0), evaluation())
    assert [gate.figure for gate in slow if not gate.is_passed] == ["latency, median"]
    assert all(gate.is_passed for gate in fast)
    assert len(fast) == len(PASSED) + len(LATENCIES)


def test_latencies_beside_another_model_are_not_compared() -> None:
    with pytest.raises(NotComparable, match="--beside"):
        gates(timed(median=50.0, beside=B.revision), evaluation())


@pytest.mark.parametrize("other", [{"task": "ad-copy"}, {"data": "other"}, {"examples": 8}, {"figures": {}}])
def test_evaluations_of_different_examples_are_not_compared(other: dict[str, object]) -> None:
    with pytest.raises(NotComparable, match=r"different examples|lacks"):
        gates(evaluation(), evaluation().model_copy(update=other))


def test_a_worse_candidate_is_refused_with_its_gates() -> None:
    failed = gates(evaluation(rougeL=1.0), evaluation())
    with pytest.raises(GatesNotPassed, match="rougeL") as refused:
        propose(unreleased(TASK), A, failed, US)
    assert refused.value.gates == failed


def test_an_evaluation_of_another_task_says_nothing_unless_the_release_is_for_all() -> None:
    with pytest.raises(NotComparable):
        propose(unreleased("ad-copy"), A, PASSED, US)
    assert propose(unreleased(EVERY_TASK), A, PASSED, US).candidate == A


def test_a_candidate_comes_from_proposal_over_shadow_and_canary_to_live_with_its_gates() -> None:
    first = shadow(proposed(), US)
    second = canary(canary(first, 10, US), 50, US)
    third = live(second, US)
    assert [each.stage for each in (first, second, third)] == ["shadow", "canary", None]
    assert (second.live, second.candidate, second.canary_percent) == (None, A, 50)
    assert (third.live, third.previous, third.candidate, third.canary_percent) == (A, None, None, 0)
    assert third.gates == PASSED


def test_what_was_live_is_kept_as_the_way_back_and_then_what_the_settings_name() -> None:
    second = live(canary(propose(released(), B, PASSED, US), 10, US), US)
    assert (second.live, second.previous) == (B, A)
    back = roll_back(second, US)
    assert (back.live, back.previous) == (A, None)
    assert roll_back(back, US).live is None


def test_a_rollback_of_a_candidate_leaves_what_is_live() -> None:
    back = roll_back(canary(propose(released(), B, PASSED, US), 10, US), US)
    assert (back.live, back.candidate, back.stage, back.canary_percent) == (A, None, None, 0)


@pytest.mark.parametrize(
    ("release", "step"),
    [
        (unreleased(TASK), lambda one: shadow(one, US)),
        (unreleased(TASK), lambda one: canary(one, 10, US)),
        (unreleased(TASK), lambda one: roll_back(one, US)),
        (proposed(), lambda one: live(one, US)),
        (shadow(proposed(), US), lambda one: live(one, US)),
        (proposed(), lambda one: canary(one, 0, US)),
        (proposed(), lambda one: canary(one, 100, US)),
        (shadow(proposed(), US), lambda one: propose(one, B, PASSED, US)),
        (released(), lambda one: propose(one, A, PASSED, US)),
    ],
)
def test_a_step_that_does_not_follow_is_refused(release: ModelRelease, step: Step) -> None:
    with pytest.raises(NotNow):
        step(release)


def test_each_step_says_who_took_it_and_when() -> None:
    later = replace(US, by="lead", unix_ms=NOW_MS + 1)
    one = shadow(proposed(), later)
    assert (one.action, one.released_by, one.released_unix_ms) == ("shadow", "lead", NOW_MS + 1)
