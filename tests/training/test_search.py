"""A search of settings on a tiny model: what it finds, that it goes on where it was cut off, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import optuna
import pytest

from tests.training.tiny import a_set, tiny_model
from training.learning import Learner
from training.recipe import Recipe, RecipeError, read_recipe
from training.run import RunExists
from training.search import Search, search
from training.search_report import Tried, write_report
from training.search_space import Choice, Range, Space, drawn, read_space

RECIPE = Recipe(method="lora", epochs=2, batch_tokens=512, check_every=1, warm_up=0.0, dropout=0.1)
SPACE: Space = {"learning_rate": Range(1e-4, 1e-1, log=True), "rank": Choice((2, 4))}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_set(tmp_path_factory.mktemp("set"), train=6, dev=2)


def space(folder: Path, text: str) -> Path:
    (folder / "space.toml").write_text(text)
    return folder / "space.toml"


def test_a_search_that_was_cut_off_goes_on_with_the_trials_it_would_have_made(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = search(Search(data, model, tmp_path / "whole", RECIPE, SPACE), trials=2)
    cut, look, looks = Search(data, model, tmp_path / "cut", RECIPE, SPACE), Learner.look, iter(range(99))

    def breaking(self: Learner, some: object) -> object:
        if next(looks) == 3:
            raise KeyboardInterrupt
        return look(self, some)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(Learner, "look", breaking)
        with pytest.raises(KeyboardInterrupt):
            search(cut, trials=2)
    assert (tmp_path / "cut" / "study.db").exists()
    assert search(cut, trials=2) == best
    assert (tmp_path / "cut" / "trials.md").read_text() == (tmp_path / "whole" / "trials.md").read_text()
    monkeypatch.setattr(Learner, "learn", Mock(side_effect=AssertionError("every trial has ended")))
    assert search(cut, trials=2) == best


def test_what_is_found_is_a_recipe_a_table_and_a_picture(model: Path, data: Path, tmp_path: Path) -> None:
    best = search(Search(data, model, tmp_path, RECIPE, SPACE), trials=2)
    assert replace(Recipe(), **read_recipe(tmp_path / "best.toml")) == best  # type: ignore[arg-type]
    assert (tmp_path / "trials.png").read_bytes().startswith(b"\x89PNG")
    losses = [float(line.split("|")[4]) for line in (tmp_path / "trials.md").read_text().splitlines()[2:]]
    assert len(losses) == 2
    runs = {json.loads((run / "run.json").read_text())["recipe"]["rank"] for run in (tmp_path / "trials").iterdir()}
    assert best.rank in runs <= {2, 4}
    assert not [*tmp_path.glob("trials/*/model"), *tmp_path.glob("trials/*/checkpoints")]
    with pytest.raises(RunExists, match="another --out"):
        search(Search(data, model, tmp_path, replace(RECIPE, seed=2), SPACE), trials=3)


def test_a_trial_that_does_worse_than_the_others_is_given_up(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([{"loss": loss} for loss in (2.0, 1.0, 2.1, 1.1, 2.2, 1.2, 2.3, 1.3, 9.0, 0.1)])
    monkeypatch.setattr(Learner, "look", lambda self, some: next(losses))
    monkeypatch.setattr(Learner, "learn", lambda self, step, recipe, **_: {"loss": 1.0, "gradient_norm": 1.0})
    recipe = replace(RECIPE, most_steps=2)
    search(Search(data, model, tmp_path, recipe, SPACE), trials=5)
    last = (tmp_path / "trials.md").read_text().splitlines()[-1]
    assert "9.0000 | given up" in last
    assert next(losses) == {"loss": 0.1}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[anchor]\nlow = 0.0\nhigh = 1.0", "over anchor dev losses cannot be compared"),
        ("[rank]\nlow = 9\nhigh = 3", "`low` below `high`"),
        ("[rank]\nchoices = []", "`choices`"),
        ('[method]\nchoices = ["lora", "magic"]', "method cannot be 'magic'"),
        ("[ranks]\nchoices = [1]", "there is no setting 'ranks'"),
        ("", "no setting to draw"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        read_space(space(tmp_path, line))


def test_every_space_of_the_house_can_be_read_and_drawn() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for path in (Path(__file__).parents[2] / "training" / "spaces").glob("*.toml"):
        found = drawn(read_space(path), study.ask())
        assert replace(Recipe(), **found).rate > 0  # type: ignore[arg-type]
        assert isinstance(found["rank"], int)


def test_a_trial_that_blew_up_is_in_the_table_without_a_loss(tmp_path: Path) -> None:
    some = [Tried({"method": "lora"}, 1.5, given_up=False), Tried({"method": "full"}, None, given_up=True)]
    write_report(tmp_path, some, Recipe())
    assert "| 2 | full | no number | given up |" in (tmp_path / "trials.md").read_text()
