"""Tuning with differential privacy: no example moves the weights by more than it may, and what is said was spent."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import Mock

import pytest
import torch
from opacus.accountants import RDPAccountant
from torch import nn

from tests.training.tiny import a_set, tiny_model
from training.learning import Learner
from training.privacy import ACCOUNTANT, Noise, Private, noise_of, private_gradient, private_steps
from training.recipe import Recipe, RecipeError
from training.tokens import Encoded
from training.tune import Asked, tune

PRIVATE = Recipe(method="lora", rank=4, epochs=2, accumulate=8, epsilon=8.0, delta=1e-3, check_every=3, seed=3)
SILENT = Noise(8.0, 1e-3, 0.0, 0.5, 4, 2.0)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_set(tmp_path_factory.mktemp("set"))


def told_by(run: Path) -> dict[str, float]:
    return dict(json.loads((run / "run.json").read_text())["privacy"])


def gradient(weight: nn.Parameter, *scales: float, clip: float = 1.0, noise: Noise = SILENT) -> torch.Tensor:
    losses = ((scale * weight).sum() for scale in scales)
    private_gradient([weight], losses, Private(noise, secret=9), clip=clip, step=5)
    assert weight.grad is not None
    return weight.grad.clone()


def test_no_example_moves_the_weights_by_more_than_the_clip() -> None:
    weight = nn.Parameter(torch.ones(4))
    without, with_it = gradient(weight, 0.1), gradient(weight, 0.1, 1e9)
    assert torch.linalg.vector_norm(with_it - without) * SILENT.expected == pytest.approx(1.0, abs=1e-5)
    torch.testing.assert_close(without * SILENT.expected, torch.full((4,), 0.1))
    assert torch.equal(gradient(weight, 0.1, float("nan")), without)


def test_noise_is_added_in_proportion_to_the_clip_even_where_nothing_was_drawn() -> None:
    weight = nn.Parameter(torch.zeros(20_000))
    loud = Noise(8.0, 1e-3, 3.0, 0.5, 4, 2.0)
    assert float(gradient(weight, clip=0.5, noise=loud).std()) == pytest.approx(3.0 * 0.5 / 2.0, rel=0.03)


def test_each_example_is_drawn_with_the_same_chance_and_by_itself() -> None:
    some = [Encoded((1,), (number,), (2,)) for number in range(200)]
    plan = private_steps(some, Private(Noise(8.0, 1e-3, 1.0, 0.1, 300, 20.0), secret=9))
    sizes = [len(step.packs) for step in plan]
    assert len(plan) == 300
    assert sum(sizes) / 300 == pytest.approx(20, abs=1.5)
    assert len(set(sizes)) > 10
    assert all(len(pack.examples) == 1 for step in plan for pack in step.packs)


def test_what_is_spent_is_what_was_asked_for_and_another_accountant_allows_no_less() -> None:
    noise = noise_of(PRIVATE, 24)
    assert noise
    assert 7.9 < noise.spent(noise.steps) <= 8.0
    assert noise.spent(noise.steps // 2) < noise.spent(noise.steps)
    coarser = RDPAccountant()
    coarser.history = [(noise.multiplier, noise.sample_rate, noise.steps)]
    assert coarser.get_epsilon(delta=noise.delta) >= noise.spent(noise.steps)


@pytest.mark.parametrize(
    "other", [{"method": "full"}, {"method": "adalora"}, {"accumulate": 24}, {"objective": "preference"}]
)
def test_what_cannot_be_private_is_refused(other: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        noise_of(Recipe(**{"epsilon": 8.0, "accumulate": 8} | other), 24)  # type: ignore[arg-type]


def test_a_private_run_says_what_it_spent_and_forgets_its_secret(model: Path, data: Path, tmp_path: Path) -> None:
    tune(Asked(data, model, tmp_path, report_to="none"), PRIVATE)
    told = told_by(tmp_path)
    assert str(told["accountant"]) == ACCOUNTANT
    assert (told["delta"], told["sample rate"], told["spent in steps"]) == (1e-3, 8 / 24, 6)
    assert 7.5 < told["spent epsilon"] <= 8.0
    assert not (tmp_path / ".secret").exists()
    assert (tmp_path / "adapter").is_dir()


def test_a_private_run_that_was_cut_off_goes_on_as_if_it_had_not_been(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.randbits", lambda _: 77)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    tune(Asked(data, model, whole, report_to="none"), PRIVATE)
    with monkeypatch.context() as breaking:
        breaking.setattr(Learner, "look", Mock(side_effect=[{"loss": 9.0}, KeyboardInterrupt]))
        with pytest.raises(KeyboardInterrupt):
            tune(Asked(data, model, cut, report_to="none"), PRIVATE)
    assert (cut / ".secret").stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr("secrets.randbits", lambda _: 78)
    tune(Asked(data, model, cut, resume=True, report_to="none"), PRIVATE)
    same = [(run / "model" / "model.safetensors").read_bytes() for run in (whole, cut)]
    assert same[0] == same[1]
    assert told_by(cut) == told_by(whole)
