"""A proposal rests on evaluations of the models that are meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.evaluation.report import report
from deploy.evaluation.run import Answer
from deploy.release.evaluations import gates_of, read_evaluation, require_meant
from deploy.release.show import follows, lines
from deploy.release.state import releasing
from schemas.releases import EVERY_TASK
from tests.deploy.release.writer import FakeWriter
from tests.deploy.test_evaluate import examples
from tests.factories import release, revision
from training.release import NotComparable, NotNow

TEXTS = 'data,text\n"size: { height: { unit:cm, value:40.0 } }","A thing of 40 cm."\n"colour: red","A red thing."\n'


def evaluated(folder: Path, name: str, texts: tuple[str, str], *, by: str = "a") -> Path:
    """Give the file that `shelftalk evaluate --json` would make of these texts of one revision."""
    found = [
        Answer(example, text, "model", (), 9)
        for example, text in zip(examples(folder, "a.csv", TEXTS, "product-description"), texts, strict=True)
    ]
    path = folder / name
    path.write_text(report("product-description", "m", found, revision=revision(by).revision).json())
    return path


def test_what_evaluate_prints_is_compared_figure_by_figure(tmp_path: Path) -> None:
    good = evaluated(tmp_path, "good.json", ("A thing of 40 cm.", "A red thing."))
    bad = evaluated(tmp_path, "bad.json", ("Nothing.", "Nothing."))
    assert all(gate.is_passed for gate in gates_of([good], [bad]))
    assert "rougeL" in {gate.figure for gate in gates_of([bad], [good]) if not gate.is_passed}


def test_evaluations_come_in_pairs(tmp_path: Path) -> None:
    one = evaluated(tmp_path, "one.json", ("A.", "B."))
    for candidates in ([one], []):
        with pytest.raises(NotComparable, match="--against"):
            gates_of(candidates, [])


def test_an_evaluation_of_another_model_is_refused(tmp_path: Path) -> None:
    one = evaluated(tmp_path, "one.json", ("A.", "B."), by="b")
    require_meant([one], revision("b"), "is live")
    with pytest.raises(NotComparable, match="is live"):
        require_meant([one], revision("a"), "is live")


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"task": "x"})])
def test_a_file_that_is_no_evaluation_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "no.json").write_text(text)
    with pytest.raises(NotComparable, match="shelftalk evaluate"):
        read_evaluation(tmp_path / "no.json")


def test_what_is_live_for_all_tasks_is_live_for_one_without_its_own() -> None:
    found = {EVERY_TASK: release(EVERY_TASK, live=revision("a")), "ad-copy": release("ad-copy", live=revision("b"))}
    assert releasing(found, "ad-copy", FakeWriter()).live == revision("b")
    assert releasing(found, "social-post", FakeWriter()).live == revision("a")
    with pytest.raises(NotNow, match="there is no task"):
        releasing(found, "add-copy", FakeWriter())


def test_a_release_is_told_with_what_follows() -> None:
    one = release(live=revision("a"), candidate=revision("b"), stage="canary", canary_percent=10, action="canary")
    told = "\n".join(each.plain for each in lines(one))
    assert "live       tuned aaaaaaaaaaaaaaaa" in told
    assert "candidate  tuned bbbbbbbbbbbbbbbb (canary, 10 % of the subjects)" in told
    assert "10 % of the subjects" in follows(one).plain
