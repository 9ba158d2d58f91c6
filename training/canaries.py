"""Canaries: made-up secrets put into a set, and how far a model tuned on it prefers them to others of their kind.

Exposure (Carlini et al. 2019, "The Secret Sharer"): log2 of all candidates over the secret's rank among them by
perplexity. Of a secret that was never learned it is 1.44 bits on average; the most that can be seen is log2 of the
candidates.
"""

# ruff: noqa: S311  (the same seed must give the same secrets)

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Final

from training.examples import DEV, TRAIN, DataError, Example, Message, read, write

CANARIES: Final = "canaries.json"
DIGITS: Final = 6
_SOURCE: Final = "canary:"

Losses = Callable[[Sequence[Example]], list[float]]
"""Gives the summed loss of each example's answer."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A secret number that somebody may have written into an order; `learned` is False for one that stayed outside."""

    name: int
    secret: str
    learned: bool

    def example(self, secret: str, source: str) -> Example:
        """Give the example that tells a number as this canary's."""
        asked = Message("user", f"What is the code of order {self.name}?")
        return Example("canary", source, (asked,), f"The code of order {self.name} is {' '.join(secret)}.")


def canaries(count: int, *, seed: int) -> tuple[Canary, ...]:
    """Give so many to learn and as many that stay outside, to be compared with."""
    dice = Random(f"canaries-{seed}")
    names = dice.sample(range(1_000, 10_000), 2 * count)
    return tuple(Canary(name, _number(dice), place < count) for place, name in enumerate(names))


def insert(data: Path, out: Path, *, count: int, repeats: int, seed: int) -> tuple[Canary, ...]:
    """Write a set with so many canaries, each so often, and a file that names them. Raises DataError."""
    if out.resolve() == data.resolve():
        raise DataError(f"{out} would be overwritten: name another folder for the set with canaries")
    made = canaries(count, seed=seed)
    hidden = [
        one.example(one.secret, f"{_SOURCE}{one.name}/{time}") for one in made if one.learned for time in range(repeats)
    ]
    out.mkdir(parents=True, exist_ok=True)
    write(out / TRAIN, (*read(data / TRAIN), *hidden))
    if (data / DEV).exists():
        write(out / DEV, read(data / DEV))
    (out / CANARIES).write_text(json.dumps([asdict(one) for one in made], indent=2), encoding="utf-8")
    return made


def known(data: Path) -> tuple[Canary, ...]:
    """Give the canaries of a set, none where it has none."""
    path = data / CANARIES
    return tuple(Canary(**one) for one in json.loads(path.read_text(encoding="utf-8"))) if path.exists() else ()


def is_canary(example: Example) -> bool:
    """Say whether an example was put into the set to be looked for."""
    return example.source.startswith(_SOURCE)


def exposure(canary: Canary, losses: Losses, *, candidates: int, seed: int) -> float:
    """Give the bits by which a model prefers a canary's secret to random others of its kind."""
    dice = Random(f"{seed}-{canary.name}")
    others = [_number(dice) for _ in range(candidates)]
    tried = [canary.example(number, str(place)) for place, number in enumerate((canary.secret, *others))]
    own, *rest = losses(tried)
    rank = 1 + sum(loss < own for loss in rest)
    return math.log2(candidates + 1) - math.log2(rank)


def _number(dice: Random) -> str:
    return "".join(dice.choices("0123456789", k=DIGITS))
