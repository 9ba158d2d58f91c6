"""What models betray of the set that they learned from: `python -m training.leaks insert` and `... measure`.

`insert` hides canaries in a set before it is learned; `measure` gives, for each model, the canaries' exposure and how
well its losses tell what it learned from what it did not. A model tuned with `--epsilon` belongs beside one tuned
without, and beside the one that both started from.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import torch
from rich.console import Console
from rich.table import Table

from training.bootstrap import Estimate, estimate
from training.canaries import exposure, insert, is_canary, known
from training.examples import DEV, TRAIN, DataError, Example, digest, read
from training.language_model import ModelError, load
from training.membership import membership
from training.objectives import Answers
from training.packing import Pack
from training.recipe import Recipe
from training.tokens import ExampleTokens, WrongTokenizer


@dataclass(frozen=True, slots=True)
class Leaks:
    """What one model betrays: bits of exposure, and the area under the curve in percent; None without canaries."""

    model: str
    learned_canaries: Estimate | None
    other_canaries: Estimate | None
    membership: Estimate


class Losses:
    """A model's summed losses of answers, each example alone."""

    def __init__(self, folder: Path) -> None:
        base = load(folder, Recipe(method="full", dropout=0.0))
        self._model = base.model.eval()
        self._tokens = ExampleTokens(base.tokenizer, vocabulary=base.vocabulary)

    def __call__(self, examples: Sequence[Example]) -> list[float]:
        """Give each example's loss."""
        return [loss for loss, _ in map(self._of, examples)]

    def per_token(self, examples: Sequence[Example]) -> list[float]:
        """Give each example's loss by its answer's tokens."""
        return [loss / tokens for loss, tokens in map(self._of, examples)]

    def _of(self, example: Example) -> tuple[float, int]:
        pack = Pack((self._tokens.of(example),))
        with torch.no_grad():
            return float(Answers().measure(self._model, pack, torch.device("cpu"))[0]), pack.answer_tokens


@dataclass(frozen=True, slots=True)
class Measuring:
    """How much is measured: numbers that each canary is held against, and examples of each side."""

    candidates: int = 255
    most_examples: int = 200
    seed: int = 1


def leaks(model: Path, data: Path, how: Measuring) -> Leaks:
    """Give what a model betrays of a set. Raises DataError, ModelError and WrongTokenizer."""
    losses = Losses(model)
    members, others = _sides(data, how)
    found = {
        learned: [
            exposure(one, losses, candidates=how.candidates, seed=how.seed)
            for one in known(data)
            if one.learned == learned
        ]
        for learned in (True, False)
    }
    bits = {learned: estimate(some) if some else None for learned, some in found.items()}
    told = membership(losses.per_token(members), losses.per_token(others), seed=how.seed)
    return Leaks(str(model), bits[True], bits[False], told)


def _sides(data: Path, how: Measuring) -> tuple[list[Example], list[Example]]:
    """Give as many examples that were learned as such that were not, without canaries."""
    learned = [one for one in read(data / TRAIN) if one.wanted and not is_canary(one)]
    unknown = [one for one in read(data / DEV) if one.wanted]
    size = min(len(learned), len(unknown), how.most_examples)
    if not size:
        raise DataError(f"{data} needs wanted examples in {TRAIN} and in {DEV}")
    dice = Random(how.seed)  # noqa: S311  the same seed must give the same figure
    return dice.sample(learned, size), dice.sample(unknown, size)


def table(found: Sequence[Leaks]) -> Table:
    """Give the figures for people."""
    shown = Table("model", "exposure of canaries, bits", "of unlearned ones", "membership, AUC %")
    for one in found:
        shown.add_row(one.model, _told(one.learned_canaries), _told(one.other_canaries), _told(one.membership))
    return shown


def _told(figure: Estimate | None) -> str:
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})" if figure else "no canaries"


def main(arguments: Sequence[str] | None = None) -> None:
    """Insert canaries into a set, or measure what models betray of one."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.what == "insert":
            insert(asked.data, asked.out, count=asked.count, repeats=asked.repeats, seed=asked.seed)
            return
        how = Measuring(asked.candidates, asked.most_examples, asked.seed)
        found = [leaks(model, asked.data, how) for model in asked.models]
    except (DataError, ModelError, WrongTokenizer) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    if asked.json:
        told = {"data": digest(asked.data / TRAIN), "measuring": asdict(how), "models": [asdict(one) for one in found]}
        sys.stdout.write(f"{json.dumps(told)}\n")
    else:
        Console().print(table(found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=1)
    told = parser.add_subparsers(dest="what", required=True)
    into = told.add_parser("insert", help="write a set with canaries hidden in it")
    into.add_argument("--data", type=Path, required=True, help="a folder with train.jsonl")
    into.add_argument("--out", type=Path, required=True, help="a folder for the set with canaries")
    into.add_argument("--count", type=int, default=8, help="canaries (default 8), and as many that stay outside")
    into.add_argument("--repeats", type=int, default=4, help="how often each one stands in it (default 4)")
    of = told.add_parser("measure", help="exposure and membership, model by model")
    of.add_argument("models", type=Path, nargs="+", help="folders of whole models")
    of.add_argument("--data", type=Path, required=True, help="the set that they learned from, with its dev.jsonl")
    of.add_argument("--candidates", type=int, default=255, help="numbers beside each canary (default 255)")
    of.add_argument("--most-examples", type=int, default=200, help="of each side (default 200)")
    of.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    main()
