"""One step of learning and one look at the dev examples, in one process or in several that share the work."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import torch
from accelerate import Accelerator
from torch import nn

from training.language_model import answer_loss
from training.methods import after_step, regularisation
from training.packing import Pack, batch
from training.recipe import Recipe
from training.steps import Step


class Learner:
    """A model with its optimizer, as all processes of a run hold it."""

    def __init__(self, accelerator: Accelerator, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self._accelerator = accelerator
        self.model, prepared = accelerator.prepare(model, optimizer)
        self.optimizer: torch.optim.Optimizer = prepared.optimizer

    def learn(self, step: Step, recipe: Recipe, *, number: int, rate: float) -> tuple[float, float]:
        """Take a step, and give its loss per learned token and the norm of its gradient before clipping.

        Where either is no number, the weights stay as they were.
        """
        self.model.train()
        self.optimizer.zero_grad()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        total = self._gradients(step)
        norm = self._accelerator.clip_grad_norm_(self.model.parameters(), recipe.clip)
        total = self._accelerator.reduce(total, reduction="sum")
        if torch.isfinite(total) and torch.isfinite(norm):
            self.optimizer.step()
            after_step(self._accelerator.unwrap_model(self.model), number)
        return float(total) / step.answer_tokens, float(norm)

    def _gradients(self, step: Step) -> torch.Tensor:
        """Add up the gradients of this process's packs, and give their loss."""
        total = torch.zeros((), device=self._accelerator.device)
        mine = step.share(self._accelerator.process_index, self._accelerator.num_processes)
        for place, pack in enumerate(mine):
            is_last = place == len(mine) - 1
            with nullcontext() if is_last else self._accelerator.no_sync(self.model):
                loss = self._loss(pack, step.packs[0])
                total += loss.detach()
                loss = loss / step.answer_tokens
                if (extra := regularisation(self._accelerator.unwrap_model(self.model))) is not None:
                    loss = loss + extra / (len(mine) * self._accelerator.num_processes)
                # Processes average their gradients, and each example shall count as it would in one process.
                self._accelerator.backward(loss * self._accelerator.num_processes)
        return total

    def look(self, looks: Sequence[Pack]) -> float:
        """Give the loss per token of the dev examples' answers."""
        self.model.eval()
        whole = Step(tuple(looks), sum(pack.answer_tokens for pack in looks))
        total = torch.zeros((), device=self._accelerator.device)
        with torch.no_grad():
            for pack in whole.share(self._accelerator.process_index, self._accelerator.num_processes):
                total += self._loss(pack, whole.packs[0])
        return float(self._accelerator.reduce(total, reduction="sum")) / whole.answer_tokens

    def _loss(self, pack: Pack | None, instead: Pack) -> torch.Tensor:
        """Give a pack's loss; without one that of another, counting nothing: the other processes wait for this one."""
        return answer_loss(self.model, batch(pack or instead), self._accelerator.device) * (pack is not None)
