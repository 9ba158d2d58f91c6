"""How near review insight comes to people: `python -m deploy.evaluation.opinions --data FOLDER`.

| file | rows | figure |
|---|---|---|
| `*.tsv` | id, mean of people's ratings, text, no header | Pearson's correlation of our sentiment with the ratings |
| `*.txt` | `aspect[+2], other[-1]##sentence` (Hu and Liu 2004) | aspects decided, and of those the right ones |
| `*.csv` with tabs | `rev1`.. with `rating1`.. | Pearson's correlation with the stars |
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from schemas.request import ReviewFact
from training.bootstrap import Estimate, correlation, estimate
from workers.reviews.aspects import aspect_words, mentions
from workers.reviews.insight import insight
from workers.reviews.lexicon import words_of
from workers.reviews.sentiment import sentiment

_JUDGED = re.compile(r"([^,\[\]]+?)\s*\[([+-]\d?)\]")
_DECIDED = 0.05


def rated(file: Path) -> tuple[list[float], list[str]]:
    """Give the ratings and texts of a file of rated sentences; a line that is none is passed over."""
    ratings, texts = [], []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        fields = line.split("\t")
        if len(fields) == 3 and re.fullmatch(r"-?\d+(\.\d+)?", fields[1]):
            ratings.append(float(fields[1]))
            texts.append(fields[2])
    return ratings, texts


def starred(file: Path) -> Iterator[ReviewFact]:
    """Give the reviews of a tab-separated file with stars beside them."""
    with file.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)):
            for name, text in row.items():
                stars = row.get(name.replace("rev", "rating"), "") if name and re.fullmatch(r"rev\d+", name) else ""
                if stars and text:
                    yield ReviewFact(review_id=f"{number}-{name}", rating=round(float(stars)), body=text)


def aspect_verdicts(file: Path) -> Iterator[bool | None]:
    """Give for each judged aspect that we have a name for whether we find it on its side; None where not found.

    An aspect that is found with no side is neither.
    """
    known = aspect_words("en")
    for line in file.read_text(encoding="latin-1").splitlines() if known else ():
        labels, mark, sentence = line.partition("##")
        sides: dict[str, int] = defaultdict(int)
        for term, side in _JUDGED.findall(labels) if mark else ():
            for name in {name for word in words_of(term) for name in (known.of(word) if known else ())}:
                sides[name] += int(side) if len(side) > 1 else int(f"{side}1")
        yield from _compared(sentence, {name: side for name, side in sides.items() if side})


def _compared(sentence: str, sides: dict[str, int]) -> Iterator[bool | None]:
    ours: dict[str, list[float]] = defaultdict(list)
    for mention in mentions(sentence, "en") if sides else ():
        ours[mention.aspect].append(mention.value)
    for name, side in sides.items():
        value = sum(ours[name]) / len(ours[name]) if ours[name] else 0.0
        yield value * side > 0 if abs(value) >= _DECIDED else None


def figures(data: Path) -> Iterator[tuple[str, Estimate]]:
    """Give each figure of a folder, or of one file, by name."""
    for file in sorted(data.rglob("*")) if data.is_dir() else [data]:
        if file.suffix == ".tsv" and (read := rated(file))[0]:
            started = time.process_time()
            ours = [sentiment(text).value for text in read[1]]
            yield f"{file.name}: Pearson with people", correlation(ours, read[0])
            yield f"{file.name}: sentences a second", _alone(len(ours) / (time.process_time() - started))
        if file.suffix == ".txt" and (found := list(aspect_verdicts(file))):
            yield f"{file.name}: aspects decided, %", _share(one is not None for one in found)
            yield f"{file.name}: of these right, %", _share(one for one in found if one is not None)
        if file.suffix == ".csv" and (reviews := list(starred(file))):
            started = time.process_time()
            ours = [insight(review).sentiment for review in reviews]
            yield f"{file.name}: Pearson with stars", correlation(ours, [float(one.rating) for one in reviews])
            yield f"{file.name}: reviews a second", _alone(len(ours) / (time.process_time() - started))


def _share(some: Iterable[bool]) -> Estimate:
    return estimate([100.0 * one for one in some])


def _alone(value: float) -> Estimate:
    return Estimate(value, value, value)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures with their 95 % intervals."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a file, or a folder that is read with its folders")
    found = list(figures(parser.parse_args(arguments).data))
    for name, one in found:
        sys.stdout.write(f"{name:64}{one.value:10.3f} ({one.low:.3f} .. {one.high:.3f})\n")
    if not found:
        sys.exit("no file in a format that is known; see the head of this module")


if __name__ == "__main__":
    main()
