"""How far a run is, and when it is finished."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from deploy.demo.progress import Progress, Tally
from deploy.demo.screen import progress_shown, waits_for
from schemas.topics import PRODUCT_QUESTIONS
from streams.replies import question_of
from tests.deploy.demo.story import Story
from tests.factories import activity

ALL_READ = {("product-created", 0): 2}


def _progress(story: Story, committed: dict[tuple[str, int], int]) -> Progress:
    tally = Tally()
    for each in story.messages:
        tally.add(each)
    return tally.progress(committed)


def _story() -> Story:
    story = Story()
    story.product("P1")
    story.product("P2")
    story.published(story.request("Q1", "P1"))
    return story


def test_a_run_is_not_done_while_an_event_is_unacknowledged() -> None:
    assert _progress(_story(), {}).events_to_go == 2
    assert _progress(_story(), {("product-created", 0): 1}).events_to_go == 1
    assert not _progress(_story(), {("product-created", 0): 1}).is_done


def test_a_question_that_was_handed_on_is_waited_for_and_is_no_event_of_its_own() -> None:
    story = _story()
    asked = question_of(activity(kind="question", text="Is it warm?"))
    assert asked is not None
    story.put(PRODUCT_QUESTIONS, "P1", asked)
    at = _progress(story, ALL_READ)
    assert (at.events, at.events_to_go, at.is_done) == (2, 1, False)
    assert _progress(story, ALL_READ | {(PRODUCT_QUESTIONS.name, 0): 1}).is_done


def test_a_run_is_not_done_while_a_request_has_no_outcome() -> None:
    story = _story()
    assert _progress(story, ALL_READ).is_done
    story.request("Q2", "P2")
    assert not _progress(story, ALL_READ).is_done


def test_an_outcome_told_twice_does_not_stand_in_for_a_missing_one() -> None:
    story = _story()
    asked = story.request("Q2", "P2")
    story.request("Q3", "P2")
    story.outcome(asked, "superseded")
    story.outcome(asked, "superseded")
    assert _progress(story, ALL_READ).requests_to_go == 1


def test_outcomes_and_pace_are_counted_as_they_come() -> None:
    story = _story()
    story.withheld(story.request("Q2", "P2"))
    at = _progress(story, ALL_READ)
    assert at.outcomes == {"model": 1, "withheld": 1}
    assert at.tokens_per_second == 100.0


@pytest.mark.parametrize(
    ("at", "engine", "says"),
    [
        (Progress(events=9, events_to_go=4), "vllm", "the streams take in 4 more events"),
        (Progress(), "vllm", "the first events to be readable"),
        (Progress(events=9, requests=3), "vllm", "the model loads, about 30 s"),
        (Progress(events=9, requests=3), "fake", "the worker takes its partitions"),
        (Progress(events=9, requests=3, finished=1, generating_seconds=1.0), "vllm", "2 texts to go"),
        (Progress(events=9, requests=3, finished=3), "vllm", "a moment of quiet, to be sure that nothing more comes"),
    ],
)
def test_it_says_what_it_waits_for(at: Progress, engine: str, says: str) -> None:
    assert waits_for(at, engine=engine) == says


def test_without_a_terminal_progress_is_plain_lines_and_not_too_many() -> None:
    written = io.StringIO()
    with progress_shown(Console(file=written)) as show:
        for number in range(50):
            show(Progress(events=number), "the streams")
    assert written.getvalue().split() == ["0", "s", "no", "text", "yet;", "the", "streams"]
