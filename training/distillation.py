"""Word-level distillation: a small model learns a larger one's odds for every word of an answer (Hinton et al. 2015).

Both must have one vocabulary. Where they do not, let the teacher write: its texts are answers like any other
(`shelftalk dataset --teacher`; sequence-level, Kim and Rush 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from training.language_model import LanguageModel, load, odds
from training.packing import Pack, batch
from training.recipe import Recipe
from training.tokens import WrongTokenizer


@dataclass(frozen=True, slots=True)
class Distilled:
    """The answers' loss and, by `share` of the whole, how far the odds are from the teacher's (Kullback-Leibler).

    `revision` is the hash of the teacher's weights.
    """

    teacher: nn.Module
    share: float
    revision: str = ""
    figures: tuple[str, ...] = ("distance",)

    def units(self, pack: Pack) -> int:
        """Count the learned tokens."""
        return pack.answer_tokens

    def measure(self, model: nn.Module, pack: Pack, device: torch.device) -> torch.Tensor:
        """Give the loss of a pack's answers and the distance from the teacher, in nats."""
        found = odds(model, batch(pack), device)
        with torch.no_grad():
            taught = odds(self.teacher, batch(pack), device).logits
        own = nn.functional.cross_entropy(found.logits, found.labels, reduction="sum")
        ours, theirs = (nn.functional.log_softmax(one, dim=-1) for one in (found.logits, taught))
        distance = nn.functional.kl_div(ours, theirs, reduction="sum", log_target=True)
        return torch.stack(((1 - self.share) * own + self.share * distance, distance.detach()))


def taught_by(recipe: Recipe, student: LanguageModel, device: torch.device) -> Distilled | None:
    """Load the teacher that a recipe names, not to be trained; None without. Raises ModelError and WrongTokenizer."""
    if recipe.teacher is None:
        return None
    teacher = load(Path(recipe.teacher), recipe)
    if teacher.vocabulary != student.vocabulary or _words(teacher) != _words(student):
        raise WrongTokenizer(
            f"{recipe.teacher} has another vocabulary: let it write with `shelftalk dataset --teacher`"
        )
    fixed = teacher.model.to(device).eval().requires_grad_(requires_grad=False)
    return Distilled(fixed, recipe.taught, teacher.revision)


def _words(model: LanguageModel) -> list[str]:
    return [model.tokenizer.decode([number], skip_special_tokens=False) for number in range(len(model.tokenizer))]
