"""Differential privacy: how much one example can have moved the weights, and what is done so that it is little.

DP-SGD (Abadi et al. 2016): each step draws every example with the same small chance (Poisson sampling), brings each
one's gradient to a norm of at most `clip`, adds them up, and adds Gaussian noise. What is promised is about one line of
`train.jsonl` more or less. Each gradient is computed alone, whatever layer it is of; the accountant is opacus's
numerical composition of privacy loss random variables (PRV; Gopi et al. 2021).
"""

# ruff: noqa: S311  (the seed of these dice is a secret of the run)

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

import torch
from opacus.accountants import PRVAccountant
from opacus.accountants.utils import get_noise_multiplier

from training.packing import Pack
from training.recipe import Recipe, RecipeError
from training.steps import Step
from training.tokens import Encoded

ACCOUNTANT: Final = "PRV (opacus)"
METHODS: Final = frozenset({"lora", "dora"})
"""The methods that can be private: few weights, so that the noise does not drown what is learned."""

_OF_ONE: Final = 0.1
"""Without a delta it is this share of one example's."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What makes a run private: the noise in units of `clip`, the chance of an example to be in a step, and the steps.

    `epsilon` is the most that may be spent, `expected` the examples of a step on average.
    """

    epsilon: float
    delta: float
    multiplier: float
    sample_rate: float
    steps: int
    expected: float

    def spent(self, steps: int) -> float:
        """Give the epsilon of so many steps at the run's delta: an upper bound."""
        if not steps:
            return 0.0
        accountant = PRVAccountant()
        accountant.history = [(self.multiplier, self.sample_rate, steps)]
        with _mesh_chosen_in_peace():
            return float(accountant.get_epsilon(delta=self.delta))

    def told(self) -> dict[str, str | float]:
        """Give what a run's folder says about it."""
        return {
            "accountant": ACCOUNTANT,
            "most epsilon": self.epsilon,
            "delta": self.delta,
            "noise multiplier": self.multiplier,
            "sample rate": self.sample_rate,
            "steps": self.steps,
            "protects": "one line of train.jsonl, added or removed",
        }


@dataclass(frozen=True, slots=True)
class Private:
    """The noise of a run, and the secret that its chance comes from."""

    noise: Noise
    secret: int

    def chance(self, step: int) -> int:
        """Give the seed of a step's noise."""
        return Random(f"noise-{self.secret}-{step}").getrandbits(63)


def noise_of(recipe: Recipe, examples: int) -> Noise | None:
    """Give the noise that a recipe needs for so many examples; None where it asks for none. Raises RecipeError."""
    if recipe.epsilon is None:
        return None
    if recipe.objective != "answer":
        raise RecipeError("epsilon is for the objective answer: a pair of texts is two lines of a set")
    if recipe.method not in METHODS:
        raise RecipeError(f"epsilon is for the methods {', '.join(sorted(METHODS))}, not for {recipe.method}")
    if recipe.accumulate >= examples:
        raise RecipeError(f"accumulate is the examples of a private step: fewer than the {examples} that there are")
    delta = _OF_ONE / examples if recipe.delta is None else recipe.delta
    rate = recipe.accumulate / examples
    steps = max(1, round(recipe.epochs / rate))
    multiplier = _multiplier(recipe.epsilon, delta, rate, steps)
    return Noise(recipe.epsilon, delta, multiplier, rate, steps, float(recipe.accumulate))


@cache
def _multiplier(epsilon: float, delta: float, rate: float, steps: int) -> float:
    """Give the least noise that keeps to epsilon; some seconds of search."""
    asked = {"target_epsilon": epsilon, "target_delta": delta, "sample_rate": rate, "steps": steps}
    try:
        with _mesh_chosen_in_peace():
            return float(get_noise_multiplier(**asked, accountant="prv"))
    except ValueError as error:
        raise RecipeError(f"no noise gives an epsilon of {epsilon}: {error}") from error


@contextmanager
def _mesh_chosen_in_peace() -> Iterator[None]:
    """Silence opacus's coarser accountant, of which the finer one takes only how wide to compute."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Optimal order is the", category=UserWarning)
        yield


def private_steps(examples: Sequence[Encoded], private: Private) -> tuple[Step, ...]:
    """Give every step of a private run: each example is in each with the same chance; a step may be empty."""
    found = []
    for number in range(private.noise.steps):
        dice = Random(f"{private.secret}-{number}")
        drawn = tuple(Pack((one,)) for one in examples if dice.random() < private.noise.sample_rate)
        found.append(Step(drawn, sum(pack.answer_tokens for pack in drawn)))
    return tuple(found)


def private_gradient(
    weights: Sequence[torch.nn.Parameter], losses: Iterable[torch.Tensor], private: Private, *, clip: float, step: int
) -> torch.Tensor:
    """Set the weights' gradients to the noisy mean of the losses' clipped gradients, and give the norm of what is set.

    Losses come one at a time, each of one example; the mean is over as many examples as there are on average, since how
    many there are is private as well.
    """
    sums = [torch.zeros_like(weight, dtype=torch.float32) for weight in weights]
    for loss in losses:
        gradients = torch.autograd.grad(loss, weights)
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(one.float()) for one in gradients]))
        if not torch.isfinite(norm):  # one example could otherwise be anything
            continue
        for whole, one in zip(sums, gradients, strict=True):
            whole.add_(one.float() * (clip / norm.clamp(min=clip)))
    noise, dice = private.noise, torch.Generator().manual_seed(private.chance(step))
    for weight, whole in zip(weights, sums, strict=True):
        whole += noise.multiplier * clip * torch.randn(whole.shape, generator=dice).to(whole.device)  # noqa: PLW2901
        whole /= noise.expected  # noqa: PLW2901  in place
        weight.grad = whole.to(weight.dtype)
    norm_set: torch.Tensor = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(one) for one in sums]))
    return norm_set
