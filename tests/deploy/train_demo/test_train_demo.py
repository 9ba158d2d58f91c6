"""`shelftalk train-demo`: what it learns from, what it is judged by, and when the next demo writes with it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from rich.console import Console
from typer.testing import CliRunner

from deploy.cli import app
from deploy.dataset.answers import answer_of, places_of_text
from deploy.dataset.lesson import lesson
from deploy.demo.tuned import choose, demo_model, go_back
from deploy.evaluation.examples import Asked, task_named
from deploy.evaluation.run import NoModel
from deploy.train_demo import command
from deploy.train_demo.improve import NotBetter, Plan, Processes, StepFailed, improve, prepare, release
from deploy.train_demo.judge import Judged, Text, judged
from deploy.train_demo.lessons import held_out, is_held_out, lessons
from deploy.train_demo.told import TASKS, fewer_facts, told
from schemas.releases import ModelRevision
from schemas.request import Facts
from tests.factories import description, facts_of, product, provenance
from tests.training.tiny import a_set, tiny_model
from training.examples import TRAIN, Example, read
from training.release import Evaluation, Figure, GatesNotPassed
from workers.model import DEFAULT_MODEL

PRODUCTS = [f"P{number}" for number in range(12)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    rows = [
        {"product_id": name, "title": f"Oak Stool {number}", "brand": "Northwind", "description": "A stool of oak.",
         "attributes": {"material": "Oak", "weight": f"{number + 2} kg", "colour": "Brown", "height": f"{number} cm"}}
        for number, name in enumerate(PRODUCTS, start=31)
    ]  # fmt: skip
    (folder / "products.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return folder


def plan_of(shop: Path, out: Path) -> Plan:
    return Plan(shop, out / "none", out / "base", out / "base", out / "out", minutes=10)


@pytest.mark.parametrize("task", TASKS)
def test_plain_sentences_about_a_record_pass_the_guard(task: str) -> None:
    for number in range(4):
        other = fewer_facts(facts_of(product()), Random(number))  # noqa: S311  variety
        text = told(task, other, Random(number))  # noqa: S311  variety
        request = Asked(task_named(task)).example("P1", Facts(product=other)).request
        assert text
        answer = answer_of(task, places_of_text(task, text, request))
        assert answer
        assert isinstance(lesson(request, answer), Example)


def test_nothing_is_learned_about_a_held_out_product(shop: Path, tmp_path: Path) -> None:
    prepared = prepare(plan_of(shop, tmp_path))
    judged_by = {one.request.subject for one in prepared.judged_by}
    assert judged_by == {name for name in PRODUCTS if is_held_out(name)}
    assert 2 <= len(judged_by) <= 12
    learned = read(tmp_path / "out" / "set" / TRAIN)
    assert {one.task for one in learned} == set(TASKS)
    assert {one.source.partition(":")[2].split("/")[0].split("+")[0] for one in learned}.isdisjoint(judged_by)
    assert not [one for one in learned for name in judged_by if f"Oak Stool {PRODUCTS.index(name) + 31}\n" in one.asked]


def test_what_a_demo_published_in_the_model_s_words_is_learned(shop: Path, tmp_path: Path) -> None:
    own = next(name for name in PRODUCTS if not is_held_out(name))
    said = {"body": "The stool is made of oak. Its colour is brown.", "headline": "Brown oak stool"}
    by_whom = [(own, "repaired"), (PRODUCTS[-1], "template"), (next(filter(is_held_out, PRODUCTS)), "model")]
    lines = (
        description(name).model_copy(update={**said, "provenance": provenance(origin=origin)})
        for name, origin in by_whom
    )
    told_ = "".join(f'{{"value": {one.model_dump_json()}}}\n' for one in lines)
    (tmp_path / "product-descriptions.jsonl").write_text(told_ + '{"value": null}\n')
    (found,) = (one for one in lessons(shop, tmp_path) if one.source.endswith("published"))
    assert isinstance(found, Example)
    assert (found.source, json.loads(found.answer)) == (f"product-description:{own}+published", said)


@dataclass
class Rehearsed:
    """A machine that says what is expected of a model and makes an empty one."""

    after: str = "model"
    figure: float = 50.0
    steps: list[str] = field(default_factory=list)

    def judge(self, model: Path, shop: Path, out: Path) -> Judged:
        self.steps.append(f"judge {model.name}")
        tuned = model.name == "model"
        texts = tuple(
            Text(task=one.request.task, subject=one.request.subject, origin=self.after if tuned else "template")
            for one in held_out(shop)
        )
        value = self.figure if tuned else 50.0
        figures = {"rouge1": Figure(value=value, low=value - 5, high=value + 5)}
        one = {"task": "ad-copy", "model": model.name, "revision": "r", "data": "d", "examples": 3, "figures": figures}
        return Judged(evaluations=(Evaluation.model_validate(one),), texts=texts)

    def tune(self, data: Path, base: Path, out: Path, *, most_examples: int) -> Path:
        self.steps.append("tune")
        (out / "model").mkdir(parents=True)
        (out / "model" / "model.safetensors").write_bytes(b"weights")
        return out / "model"


def improved(shop: Path, out: Path, machine: Rehearsed, models: Path) -> ModelRevision:
    plan = plan_of(shop, out)
    tuned, found = improve(plan, prepare(plan), machine, Console(quiet=True))
    return release(tuned, found, models)


def test_a_better_model_writes_in_the_next_demo_until_that_is_undone(shop: Path, tmp_path: Path) -> None:
    machine, models = Rehearsed(), tmp_path / "models"
    revision = improved(shop, tmp_path, machine, models)
    assert machine.steps == ["judge base", "tune", "judge model"]
    assert demo_model(models) == str(models / revision.revision)
    assert (models / revision.revision / "model.safetensors").read_bytes() == b"weights"
    assert go_back(models)
    assert demo_model(models) == DEFAULT_MODEL
    assert not go_back(models)


def test_a_model_that_is_worse_on_a_gate_or_no_better_is_not_released(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(GatesNotPassed, match="rouge1"):
        improved(shop, tmp_path / "worse", Rehearsed(figure=20.0), tmp_path / "models")
    with pytest.raises(NotBetter):
        improved(shop, tmp_path / "same", Rehearsed(after="repaired"), tmp_path / "models")
    assert demo_model(tmp_path / "models") == DEFAULT_MODEL


def test_a_chosen_model_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    choose(tmp_path, ModelRevision(name="demo-tuned", content_hash="0" * 64))
    assert demo_model(tmp_path) == DEFAULT_MODEL


def test_every_held_out_text_is_judged_and_scored(shop: Path) -> None:
    asked = held_out(shop)
    found = judged(asked, NoModel(), "none")
    assert {one.origin for one in found.texts} == {"template"}
    assert [(one.task, one.subject) for one in found.texts] == [
        (one.request.task, one.request.subject) for one in asked
    ]
    assert {one.task for one in found.evaluations} == set(TASKS)


def test_a_model_is_tuned_by_the_recipe(tmp_path: Path) -> None:
    model, data = tiny_model(tmp_path / "tiny"), a_set(tmp_path / "set")
    tuned = Processes().tune(data, model, tmp_path / "run", most_examples=8)
    assert any(tuned.glob("*.safetensors"))
    told_ = json.loads((tmp_path / "run" / "run.json").read_text())["recipe"]
    assert (told_["method"], told_["most_examples"]) == ("full", 8)


def test_a_step_that_ends_by_itself_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 3))
    with pytest.raises(StepFailed, match=r"`python -m training\.tune` ended with 3"):
        Processes().tune(tmp_path, tmp_path, tmp_path, most_examples=8)


def test_a_dry_run_says_what_it_would_take_and_trains_nothing(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELFTALK_HOME", str(tmp_path))
    monkeypatch.setattr(command, "prepare_model", lambda *_: tmp_path / "base")
    flags = ["--shop", str(shop), "--out", str(tmp_path / "out"), "--published", str(tmp_path), "--dry-run"]
    done = CliRunner().invoke(app, ["train-demo", *flags])
    assert done.exit_code == 0, done.output
    assert "about products of which nothing is learned" in done.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"set"}
    assert "nothing to undo" in CliRunner().invoke(app, ["train-demo", "--undo"]).output
