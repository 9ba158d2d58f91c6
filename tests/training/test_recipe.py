"""Recipes: files and flags of the same names, wrong ones named, and the rate of every step."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from training.recipe import Recipe, RecipeError, add_flags, recipe_of
from training.steps import rate_at

RECIPES = Path(__file__).parents[2] / "training" / "recipes"


def parsed(*flags: str) -> Recipe:
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return recipe_of(parser.parse_args(flags))


def test_flags_override_the_file(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text('method = "dora"\nepochs = 3\nwarm_up = 0\n')
    found = parsed("--recipe", str(tmp_path / "r.toml"), "--epochs", "5", "--no-pack")
    assert found == Recipe(method="dora", epochs=5, warm_up=0, pack=False)


@pytest.mark.parametrize("line", ['method = "magic"', "epoch = 3", 'epochs = "3"', "epochs = 2.5", "pack = 1", "x ="])
def test_a_setting_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "r.toml").write_text(line)
    with pytest.raises(RecipeError, match=r"r\.toml"):
        parsed("--recipe", str(tmp_path / "r.toml"))


@pytest.mark.parametrize(
    "flag", ["--epochs=0", "--dropout=1.0", "--warm-up=2", "--learning-rate=0", "--clip=0", "--beta=0"]
)
def test_a_setting_out_of_its_bounds_is_refused(flag: str) -> None:
    with pytest.raises(RecipeError):
        parsed(flag)


def test_the_rate_rises_and_then_does_as_the_schedule_says() -> None:
    for schedule, middle, last in (("cosine", 0.5, 0.0), ("linear", 0.5, 0.0), ("constant", 1.0, 1.0)):
        recipe = parsed("--schedule", schedule, "--learning-rate", "1", "--warm-up", "0.1")
        rates = [rate_at(step, 100, recipe) for step in range(100)]
        assert rates[:10] == pytest.approx([0.1 * step for step in range(1, 11)])
        assert rates[55] == pytest.approx(middle, abs=0.01)
        assert rates[99] == pytest.approx(last, abs=0.02)


def test_every_recipe_of_the_house_can_be_read() -> None:
    found = sorted(RECIPES.glob("*.toml"))
    assert found
    for path in found:
        parsed("--recipe", str(path))
