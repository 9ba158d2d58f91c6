"""One step of learning and one look at the dev examples, in one process or in several that share the work."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import nullcontext

import torch
from accelerate import Accelerator
from torch import nn

from training.methods import after_step, regularisation
from training.objectives import Answers, Objective
from training.packing import Pack
from training.privacy import Private, private_gradient
from training.recipe import Recipe
from training.steps import Step

Figures = dict[str, float]
"""What was measured, by name: `loss` and what else the objective tells, each a mean over its units."""


class Learner:
    """A model with its optimizer, as all processes of a run hold it."""

    def __init__(
        self,
        accelerator: Accelerator,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        objective: Objective | None = None,
        private: Private | None = None,
    ) -> None:
        self._accelerator, self._private = accelerator, private
        self._objective = objective or Answers()
        self.model, prepared = accelerator.prepare(model, optimizer)
        self.optimizer: torch.optim.Optimizer = prepared.optimizer
        self._trained = [one for one in self.model.parameters() if one.requires_grad]

    def learn(self, step: Step, recipe: Recipe, *, number: int, rate: float) -> Figures:
        """Take a step, and give its figures, with `gradient_norm`, that of its gradient before clipping.

        Where it or the loss is no number, the weights stay as they were.
        """
        self.model.train()
        self.optimizer.zero_grad()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        units = self._units(step)
        if self._private is None:
            total = self._gradients(step, units)
            norm = self._accelerator.clip_grad_norm_(self.model.parameters(), recipe.clip)
        else:
            total = self._nothing()
            losses = self._losses(step, total)
            norm = private_gradient(self._trained, losses, self._private, clip=recipe.clip, step=number)
        found = self._means(total, units)
        if math.isfinite(found["loss"]) and torch.isfinite(norm):
            self.optimizer.step()
            after_step(self._accelerator.unwrap_model(self.model), number)
        return found | {"gradient_norm": float(norm)}

    def _gradients(self, step: Step, units: int) -> torch.Tensor:
        """Add up the gradients of this process's packs, and give what was measured in them."""
        total = self._nothing()
        mine = step.share(self._accelerator.process_index, self._accelerator.num_processes)
        for place, pack in enumerate(mine):
            is_last = place == len(mine) - 1
            with nullcontext() if is_last else self._accelerator.no_sync(self.model):
                measured = self._measured(pack, step.packs[0])
                total += measured.detach()
                loss = measured[0] / units
                if (extra := regularisation(self._accelerator.unwrap_model(self.model))) is not None:
                    loss = loss + extra / (len(mine) * self._accelerator.num_processes)
                # Processes average their gradients, and each example shall count as it would in one process.
                self._accelerator.backward(loss * self._accelerator.num_processes)
        return total

    def _losses(self, step: Step, total: torch.Tensor) -> Iterator[torch.Tensor]:
        """Give the loss of each example of a private step, one at a time, and add what was measured to the total."""
        for pack in step.packs:
            measured = self._measured(pack, pack)
            total += measured.detach()
            yield measured[0] / self._objective.units(pack)

    def look(self, looks: Sequence[Pack]) -> Figures:
        """Give the figures of the dev examples."""
        self.model.eval()
        whole = Step(tuple(looks), sum(pack.answer_tokens for pack in looks))
        total = self._nothing()
        with torch.no_grad():
            for pack in whole.share(self._accelerator.process_index, self._accelerator.num_processes):
                total += self._measured(pack, whole.packs[0])
        return self._means(total, self._units(whole))

    def _measured(self, pack: Pack | None, instead: Pack) -> torch.Tensor:
        """Measure a pack; without one another, counting nothing: the other processes wait for this one."""
        return self._objective.measure(self.model, pack or instead, self._accelerator.device) * (pack is not None)

    def _units(self, step: Step) -> int:
        return sum(self._objective.units(pack) for pack in step.packs)

    def _nothing(self) -> torch.Tensor:
        return torch.zeros(1 + len(self._objective.figures), device=self._accelerator.device)

    def _means(self, total: torch.Tensor, units: int) -> Figures:
        """Give what all processes measured together, by name."""
        values = (self._accelerator.reduce(total, reduction="sum") / max(1, units)).tolist()
        return dict(zip(("loss", *self._objective.figures), values, strict=True))
