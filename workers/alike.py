"""Texts that read alike: which of the last texts of a category one repeats, names and numbers aside."""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from schemas.request import GenerationRequest
from workers.guard.text import normalise
from workers.tasks.task import Candidate

NEAR_DUPLICATE: Final = "near-duplicate"
"""The rule that has a text written anew which reads like another product's."""

_BINS: Final = 64
_EMPTY: Final = 0xFFFF_FFFF
_GRAM: Final = 3
_WORD: Final = re.compile(r"[^\W\d_]+|[\u4e00-\u9fff]")
_LEAST_GRAMS: Final = 5
"""A shorter text says too little to be told apart."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is remembered, and from which share of common runs of words on two texts are alike."""

    groups: int = 500
    texts: int = 100
    alike: float = 0.6


@dataclass(slots=True)
class RecentTexts:
    """The last texts of each task, category and language, as MinHash sketches of their runs of three words.

    One-permutation hashing (Li, Owen, Zhang 2012): 256 bytes a text, so that a worker holds at most about 13 MB.
    """

    bounds: Bounds = field(default_factory=Bounds)
    _groups: OrderedDict[str, deque[tuple[str, array[int]]]] = field(default_factory=OrderedDict)

    def is_alike(self, candidate: Candidate, request: GenerationRequest) -> bool:
        """Say whether a text reads like one of another subject in its group."""
        own = _sketch(candidate, request)
        if own is None:
            return False
        others = (sketch for subject, sketch in self._groups.get(_group(request), ()) if subject != request.subject)
        return any(resemblance(own, other) >= self.bounds.alike for other in others)

    def remember(self, candidate: Candidate, request: GenerationRequest) -> None:
        """Remember a text that is going to be published; the oldest of its group, and the idlest group, go."""
        sketch = _sketch(candidate, request)
        if sketch is None:
            return
        group = self._groups.setdefault(_group(request), deque(maxlen=self.bounds.texts))
        self._groups.move_to_end(_group(request))
        group.append((request.subject, sketch))
        if len(self._groups) > self.bounds.groups:
            self._groups.popitem(last=False)


def resemblance(one: array[int], other: array[int]) -> float:
    """Estimate the share of common runs among all runs of two texts (Jaccard), from 0 to 1."""
    same = sum(left == right != _EMPTY for left, right in zip(one, other, strict=True))
    empty = sum(left == right == _EMPTY for left, right in zip(one, other, strict=True))
    return same / (_BINS - empty) if empty < _BINS else 0.0


def sketched(text: str, *, without: str = "") -> array[int] | None:
    """Give the sketch of a text, the words of `without` (a product's name) left out; None for a text too short."""
    names = frozenset(_WORD.findall(normalise(without).lower()))
    words = [word for word in _WORD.findall(normalise(text).lower()) if word not in names]
    grams = set(_grams(words))
    if len(grams) < _LEAST_GRAMS:
        return None
    sketch = array("I", [_EMPTY] * _BINS)
    for gram in grams:
        number = int.from_bytes(blake2b(gram.encode(), digest_size=8).digest(), "big")
        sketch[number % _BINS] = min(sketch[number % _BINS], (number >> 32) % _EMPTY)
    return sketch


def _grams(words: list[str]) -> Iterator[str]:
    return (" ".join(words[at : at + _GRAM]) for at in range(len(words) - _GRAM + 1))


def _sketch(candidate: Candidate, request: GenerationRequest) -> array[int] | None:
    product = request.facts.product if request.facts else None
    longest = max((one.text for one in candidate.passages), key=len, default="")
    return sketched(longest, without=f"{product.title} {product.brand or ''}") if product else None


def _group(request: GenerationRequest) -> str:
    product = request.facts.product if request.facts else None
    category = product.categories[0] if product and product.categories else ""
    return f"{request.task}|{request.locale}|{category}"
