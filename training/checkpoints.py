"""Checkpoints that are whole or not there: one file each, of what is trained, from which a run goes on exactly.

A file holds the trained weights, the optimizer and how far the run had come, gathered from all processes, so that a run
may go on with another number of them. It is written beside its place, brought to the disk and then renamed.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import torch
from torch import nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_state_dict, set_state_dict

from training.methods import allocation, restore_allocation

_WHOLE: Final = StateDictOptions(full_state_dict=True, cpu_offload=True, ignore_frozen_params=True, strict=False)


class CheckpointFailed(Exception):
    """A checkpoint could not be written: a full disk, as a rule. What was there before is untouched."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: steps done, tokens learned, and the dev loss at its best."""

    step: int = 0
    learned_tokens: int = 0
    best_step: int = 0
    best_loss: float = float("inf")
    worse_looks: int = 0

    def learned(self, tokens: int) -> Progress:
        """Give the progress after one more step."""
        return replace(self, step=self.step + 1, learned_tokens=self.learned_tokens + tokens)

    def looked(self, loss: float) -> Progress:
        """Give the progress after a look at the dev examples."""
        if loss < self.best_loss:
            return replace(self, best_step=self.step, best_loss=loss, worse_looks=0)
        return replace(self, worse_looks=self.worse_looks + 1)


class Checkpoints:
    """The checkpoints of one run, the latest and the best kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, model: nn.Module, optimizer: torch.optim.Optimizer, progress: Progress, *, writes: bool) -> None:
        """Write a checkpoint, and drop those that are neither it nor the best. Raises CheckpointFailed.

        All processes call it, for what is spread over them; one of them `writes`.
        """
        weights, moments = get_state_dict(model, optimizer, options=_WHOLE)
        if not writes:
            return
        whole = {
            "weights": weights,
            "optimizer": moments,
            "allocation": allocation(model),
            "progress": asdict(progress),
        }
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for left_behind in self._folder.glob(".step-*.part"):
                left_behind.unlink()
            _write(self._path(progress.step), whole)
        except (OSError, RuntimeError) as error:  # torch tells of a full disk as a RuntimeError
            kept = self.latest()
            left = f"the run can go on from {kept}" if kept else "there was none before it"
            raise CheckpointFailed(f"the checkpoint of step {progress.step} could not be written; {left}") from error
        for other in self._folder.glob("step-*.pt"):
            if other not in (self._path(progress.step), self._path(progress.best_step)):
                other.unlink()

    def latest(self) -> Path | None:
        """Give the newest checkpoint."""
        return max(self._folder.glob("step-*.pt"), default=None)

    def restore(self, path: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> Progress:
        """Put a checkpoint's weights and moments in place, and say how far it had come."""
        whole = torch.load(path, weights_only=True, map_location="cpu")
        set_state_dict(
            model, optimizer, model_state_dict=whole["weights"], optim_state_dict=whole["optimizer"], options=_WHOLE
        )
        restore_allocation(model, whole["allocation"])
        return Progress(**whole["progress"])

    def weights(self, step: int) -> dict[str, torch.Tensor]:
        """Give what a step's checkpoint has of the model: what was trained, by name."""
        return dict(torch.load(self._path(step), weights_only=True, map_location="cpu")["weights"])

    def _path(self, step: int) -> Path:
        return self._folder / f"step-{step:08}.pt"


def _write(path: Path, whole: object) -> None:
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            torch.save(whole, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
