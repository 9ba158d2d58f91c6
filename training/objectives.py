"""What a step makes better: the odds of answers, or how far an answer is preferred to the text that was rejected.

An objective measures a pack: it gives a loss that is summed over its units (learned tokens, or pairs) and figures
summed in the same way, so that packs, steps and processes add up.

Direct preference optimisation (Rafailov et al. 2023): the loss of a pair is `-log sigmoid(margin)`, its margin `beta`
times how much more the odds of the answer have risen than those of the rejected text, both against the model that the
run began with. A rejected text without an answer has a margin of its own part alone, which is negative preference
optimisation (Zhang et al. 2024). With few words between the two texts the margin grows even where both become less
likely (Pal et al. 2024); `anchor` adds the answer's own loss per token (Pang et al. 2024) against that. Repetition is
held down by unlikelihood (Welleck et al. 2020).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

import torch
from torch import nn

from training.language_model import Odds, odds
from training.packing import Pack, batch, packs
from training.recipe import Recipe
from training.tokens import Encoded

Reference = Mapping[Encoded, tuple[float, float]]
"""The log-probabilities of each pair's answer and rejected text, as the model gave them before the run."""


class Objective(Protocol):
    """What a run minimises."""

    @property
    def figures(self) -> tuple[str, ...]:
        """Name what is measured beside the loss."""
        ...

    def units(self, pack: Pack) -> int:
        """Count what the loss is a mean of."""
        ...

    def measure(self, model: nn.Module, pack: Pack, device: torch.device) -> torch.Tensor:
        """Give [1 + figures]: the loss, which has a gradient, and the figures, each summed over the pack's units."""
        ...


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers' loss, and with it, weighted, how likely each token is that the answer has already said.

    What the prompt says is no repetition: a text shall say its facts in their own words.
    """

    unlikelihood: float = 0.0

    @property
    def figures(self) -> tuple[str, ...]:
        """Name the term against repetition, where there is one."""
        return ("unlikelihood",) if self.unlikelihood else ()

    def units(self, pack: Pack) -> int:
        """Count the learned tokens."""
        return pack.answer_tokens

    def measure(self, model: nn.Module, pack: Pack, device: torch.device) -> torch.Tensor:
        """Give the loss of a pack's answers."""
        found = odds(model, batch(pack), device)
        loss = nn.functional.cross_entropy(found.logits, found.labels, reduction="sum")
        if not self.unlikelihood:
            return loss[None]
        again = repetition(found)
        return torch.stack((loss + self.unlikelihood * again, again.detach()))


@dataclass(frozen=True, slots=True)
class Preference:
    """Direct preference optimisation against the model that the run began with."""

    reference: Reference
    beta: float
    anchor: float
    per_token: bool
    figures: tuple[str, ...] = ("preference_loss", "reward_margin", "reward_accuracy", "chosen_reward")

    def units(self, pack: Pack) -> int:
        """Count the pairs."""
        return len(pack.examples)

    def measure(self, model: nn.Module, pack: Pack, device: torch.device) -> torch.Tensor:
        """Give the loss of a pack's pairs, the rewards' margin, how often it is above nothing, and the answers' reward.

        A reward is `beta` times the change of a text's log-probability.
        """
        said = _said(model, pack, device)
        known = torch.tensor([self.reference[one] for one in pack.examples], device=device)
        lengths = _lengths(pack, device)
        reward = self.beta * (said - known) / (lengths if self.per_token else 1)
        margin = reward[:, 0] - reward[:, 1]
        preferred = -nn.functional.logsigmoid(margin)
        anchored = preferred - self.anchor * said[:, 0] / lengths[:, 0]
        told = (preferred, margin, (margin > 0).float(), reward[:, 0])
        return torch.stack((anchored.sum(), *(one.detach().sum() for one in told)))


def objective_of(recipe: Recipe, reference: Reference) -> Objective:
    """Give what a recipe makes better."""
    if recipe.objective == "preference":
        return Preference(reference, recipe.beta, recipe.anchor, recipe.per_token)
    return Answers(recipe.unlikelihood)


def references(model: nn.Module, pairs: Sequence[Encoded], recipe: Recipe, device: torch.device) -> Reference:
    """Give what the model makes of each pair before the run; nothing where the recipe compares with nothing.

    So no second model is kept, whatever is trained, and the first loss is that of no preference.
    """
    if recipe.objective != "preference":
        return {}
    model.to(device).eval()
    some = packs(pairs, most_tokens=recipe.batch_tokens, dice=Random(0), alone=recipe.alone)  # noqa: S311  order only
    with torch.no_grad():
        said = [(pack.examples, _said(model, pack, device).tolist()) for pack in some]
    return {one: (answer, rejected) for pack, each in said for one, (answer, rejected) in zip(pack, each, strict=True)}


def repetition(found: Odds) -> torch.Tensor:
    """Give `-log(1 - p)`, summed over every place and every other token that its text has said before."""
    given = nn.functional.softmax(found.logits, dim=-1)[:, found.labels]
    same_token = found.labels[:, None] == found.labels[None, :]
    earlier = (found.texts[:, None] == found.texts[None, :]).tril(-1)
    first = ~(same_token & earlier).any(dim=1)
    said = earlier & ~same_token & first[None, :]
    return -torch.log1p(-given[said].clamp(max=1 - 1e-6)).sum()


def _said(model: nn.Module, pack: Pack, device: torch.device) -> torch.Tensor:
    """Give [examples, 2]: the log-probabilities of each answer and rejected text, 0 of one that is not there."""
    found = odds(model, batch(pack), device)
    each = -nn.functional.cross_entropy(found.logits, found.labels, reduction="none")
    return torch.zeros(2 * len(pack.examples), device=device).index_add(0, found.texts, each).view(-1, 2)


def _lengths(pack: Pack, device: torch.device) -> torch.Tensor:
    """Give [examples, 2]: how many tokens each text has; 1 of one that is not there, to divide nothing by."""
    sizes = [(max(1, len(one.answer)), max(1, len(one.rejected))) for one in pack.examples]
    return torch.tensor(sizes, device=device, dtype=torch.float32)
