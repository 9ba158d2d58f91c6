"""A verdict says what was judged, who wrote it, and nothing that nobody said."""

from __future__ import annotations

import json

import pytest

from deploy.feedback.passages import passages_of
from deploy.feedback.read import NoVerdict, Published
from deploy.feedback.show import standings_table
from deploy.feedback.verdict import Given, Said, feedback_on, said
from schemas.keys import CopyKey
from tests.factories import COPY_BY_TASK, NOW_MS, description, feedback
from training.feedback import standings

GIVEN = Given("editor", NOW_MS, "F1")
TEXT = Published(CopyKey("P1", "en"), description())


def typed(kind: str, value: str | None = None, file: str = "{}") -> Said:
    return said(kind, value, read=lambda _: file)


@pytest.mark.parametrize("task", COPY_BY_TASK)
def test_every_text_has_pieces_that_can_be_judged(task: str) -> None:
    pieces = passages_of(COPY_BY_TASK[task]("S1"))
    assert pieces
    assert len({one.place for one in pieces}) == len(pieces)


def test_a_verdict_carries_who_wrote_the_text_and_how_it_read() -> None:
    told = feedback_on(TEXT, typed("rejected", "says nothing"), GIVEN)
    assert (told.content_id, told.subject, told.locale, told.by) == ("Q1", "P1", "en", "editor")
    assert (told.model, told.model_revision, told.origin) == ("smollm2-135m-instruct", "abc", "model")
    assert (told.reason, told.judged) == ("says nothing", passages_of(TEXT.copy))


def test_an_edit_is_what_a_person_wrote_for_pieces_that_are_there() -> None:
    told = feedback_on(TEXT, typed("edited", "f.json", json.dumps({"body": "Better."})), GIVEN)
    assert [(one.place, one.text) for one in told.edited] == [("body", "Better.")]
    with pytest.raises(NoVerdict, match="the text has no footer"):
        feedback_on(TEXT, typed("edited", "f.json", json.dumps({"footer": "Better."})), GIVEN)


@pytest.mark.parametrize(
    ("kind", "value", "file"),
    [
        ("liked", None, "{}"),
        ("approved", "word", "{}"),
        ("clicked", "word", "{}"),
        ("rejected", None, "{}"),
        ("rated", None, "{}"),
        ("rated", "6", "{}"),
        ("rated", "0", "{}"),
        ("rated", "good", "{}"),
        ("edited", None, "{}"),
        ("edited", "f", "{}"),
        ("edited", "f", "[]"),
        ("edited", "f", '{"body": 1}'),
        ("edited", "f", "Better."),
        ("edited", "f", json.dumps({"body": "x" * 20_001})),
    ],
)
def test_what_is_no_verdict_is_refused(kind: str, value: str | None, file: str) -> None:
    with pytest.raises(NoVerdict):
        typed(kind, value, file)


def test_what_nobody_judged_has_no_figure() -> None:
    table = standings_table(standings([feedback("Q1", kind="clicked")], [TEXT.copy.provenance]))
    cells = [next(iter(column.cells)) for column in table.columns]
    assert cells[3:10] == ["1", "0", "-", "-", "-", "-", "-"]
    assert str(cells[10]).startswith("100 %")
