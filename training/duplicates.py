"""Near-duplicates: examples that say the same in almost the same words, within a set and across two.

Candidates are found by MinHash (Broder 1997) in bands and then compared by the Jaccard index of their runs of three
words, so that nothing is taken for a duplicate that is none; one that is as alike as the threshold is missed by chance
one time in a hundred.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np

from training.examples import Example

ALIKE: Final = 0.9
"""The share of common runs from which two examples count as the same."""

_RUN: Final = 3
_BANDS: Final = 12
_ROWS: Final = 8
_PRIME: Final = (1 << 61) - 1
_WORD: Final = re.compile(r"[^\W_]+")

Band = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """A training example and the evaluation example that it is like, by their sources."""

    source: str
    evaluation: str


def without_duplicates(examples: Iterable[Example]) -> tuple[list[Example], int]:
    """Give the first of each group of near-duplicates, and how many others there were.

    An answer that is not wanted is no duplicate of the one that is.
    """
    known = {True: _Known(), False: _Known()}
    kept: list[Example] = []
    count = 0
    for one in examples:
        count += 1
        runs = _runs(f"{one.asked} {one.answer}")
        if known[one.wanted].like(runs) is None:
            known[one.wanted].add(runs, one.source)
            kept.append(one)
    return kept, count - len(kept)


def overlaps(training: Sequence[Example], evaluation: Sequence[Example]) -> list[Overlap]:
    """Give the training examples that an evaluation set knows: the same prompt, or alike with its answer."""
    asked = {_plain(one.asked): one.source for one in evaluation if one.asked}
    known = _Known()
    for one in evaluation:
        known.add(_runs(f"{one.asked} {one.answer}"), one.source)
    found = (
        (one.source, asked.get(_plain(one.asked)) or known.like(_runs(f"{one.asked} {one.answer}"))) for one in training
    )
    return [Overlap(source, other) for source, other in found if other is not None]


class _Known:
    """Texts by the bands of their signatures."""

    def __init__(self) -> None:
        self._by_band: dict[Band, list[tuple[frozenset[int], str]]] = defaultdict(list)

    def add(self, runs: frozenset[int], source: str) -> None:
        for band in _bands(runs):
            self._by_band[band].append((runs, source))

    def like(self, runs: frozenset[int]) -> str | None:
        """Give the source of a known text that is alike, or None."""
        near = (pair for band in _bands(runs) for pair in self._by_band.get(band, ()))
        return next((source for other, source in near if _jaccard(runs, other) >= ALIKE), None)


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _runs(text: str) -> frozenset[int]:
    words = _WORD.findall(text.lower())
    places = range(max(1, len(words) - _RUN + 1))
    return frozenset(crc32(" ".join(words[place : place + _RUN]).encode()) for place in places)


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)


def _coefficients() -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(1)
    size = (_BANDS * _ROWS, 1)
    return chance.integers(1, 1 << 31, size, dtype=np.uint64), chance.integers(0, 1 << 31, size, dtype=np.uint64)


_FACTORS, _OFFSETS = _coefficients()


def _bands(runs: frozenset[int]) -> Iterator[Band]:
    """Give the signature's bands: of two texts alike by 0.9 one band of twelve is the same, but for 1 in 800 times."""
    values = np.fromiter((run & 0x7FFFFFFF for run in runs), dtype=np.uint64)[None, :]
    signature = ((_FACTORS * values + _OFFSETS) % np.uint64(_PRIME)).min(axis=1)
    for number in range(_BANDS):
        yield number, *map(int, signature[number * _ROWS : (number + 1) * _ROWS])
