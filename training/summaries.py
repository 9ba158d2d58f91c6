"""Review summaries beside what needs no writer: the most central review, the first sentences, a review by chance.

`python -m training.summaries --data FILE_OR_FOLDER --ours TEXTS` reads tab-separated files with `rev1`.. and `summ1`..
and what `shelftalk evaluate review-summary --out TEXTS` kept of them, and prints ROUGE (`training.metrics`) of each
with 95 % intervals, and by how much ours is above each other one, example by example.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from training.bootstrap import Estimate, estimate
from training.metrics import Sample, rouge

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_LEAD_WORDS = 60
FIGURES = ("rouge1", "rouge2", "rougeL")
OURS = "ours"

Writer = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One product's reviews and the summaries that people wrote of them, under its name among the evaluated texts."""

    name: str
    reviews: tuple[str, ...]
    references: tuple[str, ...]


def read(data: Path) -> tuple[Reviewed, ...]:
    """Give the products of a tab-separated file, or of all such files of a folder that have reviews and summaries."""
    files = sorted(data.glob("*.csv")) if data.is_dir() else [data]
    return tuple(one for file in files for one in _products(file))


def _products(file: Path) -> Iterator[Reviewed]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        for number, row in enumerate(rows):
            reviews, references = _columns(row, "rev"), _columns(row, "summ")
            if reviews and references:
                yield Reviewed(f"{file.stem}-{number}", reviews, references)


def _columns(row: dict[str, str], start: str) -> tuple[str, ...]:
    return tuple(text for name, text in row.items() if name and re.fullmatch(rf"{start}\d+", name) and text)


def most_central(reviews: Sequence[str]) -> str:
    """Give the review that is most like all others, by ROUGE-1 and ROUGE-L."""
    return max(reviews, key=lambda one: _likeness(one, [other for other in reviews if other is not one]))


def _likeness(one: str, others: Sequence[str]) -> float:
    scores = rouge(Sample(one, tuple(others))) if others else dict.fromkeys(FIGURES, 0.0)
    return scores["rouge1"] + scores["rougeL"]


def lead(reviews: Sequence[str]) -> str:
    """Give each review's first sentence, as many words as a summary has."""
    return " ".join(" ".join(_SENTENCE.split(review)[0] for review in reviews).split()[:_LEAD_WORDS])


def by_chance(reviews: Sequence[str]) -> str:
    """Give one of the reviews, always the same one of the same reviews."""
    return Random(reviews[0]).choice(reviews)  # noqa: S311  nothing is secret here


WRITERS: dict[str, Writer] = {
    "most central review": most_central,
    "first sentences": lead,
    "review by chance": by_chance,
}


def scores_of(products: Sequence[Reviewed], texts: Sequence[str]) -> dict[str, list[float]]:
    """Give each figure's score per product."""
    found = [rouge(Sample(text, one.references)) for one, text in zip(products, texts, strict=True)]
    return {figure: [each[figure] for each in found] for figure in FIGURES}


def compare(products: Sequence[Reviewed], ours: dict[str, str]) -> dict[str, dict[str, Estimate]]:
    """Give ROUGE of each writer by name and figure, and with ours that of the differences, as `above NAME`."""
    scores = {name: scores_of(products, [write(one.reviews) for one in products]) for name, write in WRITERS.items()}
    table = {name: {figure: estimate(some) for figure, some in one.items()} for name, one in scores.items()}
    if not ours:
        return table
    mine = scores_of(products, [ours.get(one.name, "") for one in products])
    table = {OURS: {figure: estimate(some) for figure, some in mine.items()}} | table
    for name, theirs in scores.items():
        table[f"above {name}"] = {
            figure: estimate([a - b for a, b in zip(mine[figure], theirs[figure], strict=True)]) for figure in FIGURES
        }
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--data", type=Path, required=True, help="a tab-separated file with rev1.. and summ1.., or a folder"
    )
    parser.add_argument("--ours", type=Path, help="what `shelftalk evaluate review-summary --out` wrote")
    asked = parser.parse_args(arguments)
    lines = asked.ours.read_text(encoding="utf-8").splitlines() if asked.ours else []
    ours = {one["subject"]: one["text"] for one in map(json.loads, lines)}
    products = read(asked.data)
    if not products:
        sys.exit(f"no reviews with summaries in {asked.data}")
    sys.stdout.write(f"{len(products)} products\n{'':26}{''.join(f'{figure:>24}' for figure in FIGURES)}\n")
    for name, figures in compare(products, ours).items():
        cells = "".join(f"{one.value:8.2f} ({one.low:5.2f} .. {one.high:5.2f})" for one in figures.values())
        sys.stdout.write(f"{name:26}{cells}\n")


if __name__ == "__main__":
    main()
