"""Distillation: what a student learns of a teacher's odds, and of whom it cannot learn them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.training.tiny import a_set, examples, tiny_model
from training.distillation import Distilled, taught_by
from training.language_model import load
from training.objectives import Answers
from training.packing import Pack
from training.recipe import Recipe, RecipeError
from training.tokens import ExampleTokens, WrongTokenizer
from training.tune import Asked, tune

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model"))


def a_pack(folder: Path) -> Pack:
    base = load(folder, Recipe())
    tokens = ExampleTokens(base.tokenizer, vocabulary=base.vocabulary)
    return Pack(tuple(map(tokens.of, examples(3))))


def test_a_student_that_is_its_teacher_is_at_no_distance(model: Path) -> None:
    student, teacher = (load(model, Recipe()).model.eval() for _ in range(2))
    pack = a_pack(model)
    with torch.no_grad():
        loss, distance = Distilled(teacher, 0.5).measure(student, pack, CPU)
        own = Answers().measure(student, pack, CPU)[0]
    assert float(distance) == pytest.approx(0, abs=1e-3)
    assert float(loss) == pytest.approx(0.5 * float(own), rel=1e-4)


def test_the_loss_is_of_both_by_their_shares_and_teaches_the_student_alone(model: Path) -> None:
    student, teacher = (load(model, Recipe()).model.eval() for _ in range(2))
    with torch.no_grad():
        for weight in teacher.parameters():
            weight.add_(0.05)
    pack = a_pack(model)
    loss, distance = Distilled(teacher, 0.25).measure(student, pack, CPU)
    own = Answers().measure(student, pack, CPU)[0].detach()
    assert float(distance.detach()) > 0.1
    assert float(loss.detach()) == pytest.approx(0.75 * float(own) + 0.25 * float(distance.detach()), rel=1e-4)
    loss.backward()
    assert all(weight.grad is None for weight in teacher.parameters())
    assert any(weight.grad is not None for weight in student.parameters())


def test_a_student_comes_nearer_to_its_teacher(model: Path, tmp_path: Path) -> None:
    data = a_set(tmp_path / "set", train=12, dev=3)
    learned = Recipe(method="full", epochs=3, batch_tokens=512, learning_rate=0.02, check_every=100)
    teacher = tune(Asked(data, model, tmp_path / "teacher", report_to="none"), learned)
    recipe = Recipe(method="full", epochs=4, batch_tokens=512, learning_rate=0.01, teacher=str(teacher), taught=1.0)
    tune(Asked(data, model, tmp_path / "student", report_to="none"), recipe)
    figures = [json.loads(line) for line in (tmp_path / "student" / "metrics.jsonl").read_text().splitlines()]
    assert figures[-1]["distance"] < figures[0]["distance"] / 2
    told = json.loads((tmp_path / "student" / "run.json").read_text())
    assert told["data"]["teacher"] == load(teacher, Recipe()).revision


def test_a_teacher_of_another_vocabulary_or_beside_privacy_is_refused(model: Path, tmp_path: Path) -> None:
    other = tiny_model(tmp_path / "other", vocabulary=300)
    with pytest.raises(WrongTokenizer, match="let it write"):
        taught_by(Recipe(teacher=str(other)), load(model, Recipe()), CPU)
    with pytest.raises(RecipeError):
        Recipe(teacher=str(other), epsilon=8.0)
