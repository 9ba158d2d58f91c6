"""The whole run laid out before it starts: which examples make which step, and at which rate it learns.

It depends on the seed and on nothing else, so that a run that was cut off goes on as if it had not been, and several
processes take one step's packs between them without asking each other.
"""

# ruff: noqa: S311  (the dice are for variety, not for secrets)

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import torch
from torch import nn

from training.packing import Pack, packs
from training.recipe import Recipe
from training.tokens import Encoded


@dataclass(frozen=True, slots=True)
class Step:
    """The packs whose gradients make one step, and how many tokens are learned in all of them together."""

    packs: tuple[Pack, ...]
    answer_tokens: int

    def share(self, process: int, processes: int) -> tuple[Pack | None, ...]:
        """Give what one of several processes computes; None where there is nothing left, so that all have as many."""
        most = math.ceil(len(self.packs) / processes)
        mine = self.packs[process::processes]
        return (*mine, *[None] * (most - len(mine)))


def steps(examples: Sequence[Encoded], recipe: Recipe, *, processes: int) -> tuple[Step, ...]:
    """Give every step of a run, epoch after epoch."""
    return tuple(
        Step(some, sum(pack.answer_tokens for pack in some))
        for epoch in range(recipe.epochs)
        for some in _batched(
            packs(examples, most_tokens=recipe.batch_tokens, dice=Random(f"{recipe.seed}-{epoch}"), alone=recipe.alone),
            recipe.accumulate * processes,
        )
    )


def rate_at(step: int, of: int, recipe: Recipe) -> float:
    """Give the learning rate of a step, counted from 0: rising, then as the schedule says."""
    rising = math.ceil(recipe.warm_up * of)
    if step < rising:
        return recipe.rate * (step + 1) / rising
    done = (step - rising) / max(1, of - rising)
    match recipe.schedule:
        case "cosine":
            return recipe.rate * (1 + math.cos(math.pi * done)) / 2
        case "linear":
            return recipe.rate * (1 - done)
        case "constant":
            return recipe.rate


def optimizer_of(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Give the optimizer of what is trained; norms and biases do not decay (Loshchilov and Hutter 2019)."""
    trained = [one for one in model.parameters() if one.requires_grad]
    groups = [
        {"params": [one for one in trained if one.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [one for one in trained if one.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=recipe.rate, momentum=recipe.momentum)
    return torch.optim.AdamW(groups, lr=recipe.rate)


def _batched(some: Sequence[Pack], size: int) -> Iterator[tuple[Pack, ...]]:
    for start in range(0, len(some), size):
        yield tuple(some[start : start + size])
