"""Many texts in one row: each sees its own prompt and itself and no other, and a shared prompt is computed once.

A pack is `[prefix][own 1][answer 1][own 2][answer 2]...`: every example attends to the prefix and to itself, and its
positions go on from the prefix's end, so that the loss of a pack is the sum of its examples' losses, each alone
(tests hold it to that). Prompts of one task share a few hundred tokens, answers have a few dozen: that is what is
saved. A pair of preference tuning is two texts of one pack: `[own][answer][own][rejected]`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import torch

from training.tokens import Encoded

IGNORED: Final = -100
"""The label of what is not learned: prompts."""

_SHARED: Final = -1
"""Stands for the number of a text in the prefix, which is every text's."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Examples with one prefix, to be computed together."""

    examples: tuple[Encoded, ...]

    @property
    def answer_tokens(self) -> int:
        """Count the tokens that are learned; the first token of a text without a prompt has nothing before it."""
        return sum(len(one.answer) - (not one.prefix and not one.own) for one in self.examples)


@dataclass(frozen=True, slots=True)
class Batch:
    """One pack as tensors: `ids`, `labels` and `positions` are [1, tokens], `mask` [1, 1, tokens, tokens].

    `labels` stand where they are predicted: one place before their token. `texts` [1, tokens] numbers the text that a
    label is of: of the pack's example i (from 0) the answer is 2i, the rejected text 2i + 1. The mask is True where a
    token may look; it is None for a single text, which is causal as it stands.
    """

    ids: torch.Tensor
    labels: torch.Tensor
    texts: torch.Tensor
    positions: torch.Tensor
    mask: torch.Tensor | None


def packs(examples: Sequence[Encoded], *, most_tokens: int, dice: Random, alone: bool = False) -> list[Pack]:
    """Give all examples in packs of at most so many tokens, both in the dice's order; `alone` packs none with another.

    No example may be longer than `most_tokens`.
    """
    by_prefix: dict[tuple[int, ...], list[Encoded]] = defaultdict(list)
    for one in dice.sample(examples, len(examples)):
        by_prefix[one.prefix].append(one)
    found = [pack for some in by_prefix.values() for pack in _filled(some, 0 if alone else most_tokens)]
    dice.shuffle(found)
    return found


def _filled(examples: Sequence[Encoded], most_tokens: int) -> Iterator[Pack]:
    prefix = len(examples[0].prefix)
    row: list[Encoded] = []
    size = prefix
    for one in examples:
        own = len(one) - prefix
        if row and size + own > most_tokens:
            yield Pack(tuple(row))
            row, size = [], prefix
        row.append(one)
        size += own
    yield Pack(tuple(row))


def batch(pack: Pack) -> Batch:
    """Give a pack as tensors."""
    prefix = pack.examples[0].prefix
    ids, positions, block = [*prefix], [*range(len(prefix))], [_SHARED] * len(prefix)
    learned = [False] * len(prefix)
    for number, own, text in _texts(pack):
        ids += (*own, *text)
        positions += range(len(prefix), len(prefix) + len(own) + len(text))
        block += [number] * (len(own) + len(text))
        learned += [False] * len(own) + [True] * len(text)
    labels = _labels(ids, learned, block)
    mask = _mask(torch.tensor(block)) if len(set(block) - {_SHARED}) > 1 else None
    # A label that the prefix predicts is of the text after it.
    texts = [*block[1:], _SHARED]
    return Batch(torch.tensor([ids]), torch.tensor([labels]), torch.tensor([texts]), torch.tensor([positions]), mask)


def _texts(pack: Pack) -> Iterator[tuple[int, tuple[int, ...], tuple[int, ...]]]:
    """Give each text with its number and its example's own part of the prompt."""
    for place, one in enumerate(pack.examples):
        for side, text in enumerate((one.answer, one.rejected)):
            if text:
                yield 2 * place + side, one.own, text


def _labels(ids: Sequence[int], learned: Sequence[bool], block: Sequence[int]) -> list[int]:
    """Give for each place the next token where it is to be learned from there."""
    labels = [IGNORED] * len(ids)
    for place in range(1, len(ids)):
        # Across the border of two texts nothing is predicted; the prefix is before all of them.
        if learned[place] and block[place - 1] in (_SHARED, block[place]):
            labels[place - 1] = ids[place]
    return labels


def _mask(block: torch.Tensor) -> torch.Tensor:
    causal = torch.ones(len(block), len(block), dtype=torch.bool).tril()
    own = block[:, None] == block[None, :]
    shared = block[None, :] == _SHARED
    return (causal & (own | shared))[None, None]
