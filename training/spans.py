"""The part of a piece of evidence that is nearest to what a person answered from it: true by being a quotation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

_BORDER: Final = re.compile(
    r"(?<=[,;:.!?)])\s+|\s+(?=\()|\s+(?:-|\u2013)\s+|\s+(?=(?:and|but|so|because|which)\b)",
    re.IGNORECASE,
)
_LOOSE: Final = re.compile(r"^(?:(?:and|but|so|because|which)\b|[\s,;:.()-])+|[\s,;:(-]+$", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W_]+")
_MOST_CLAUSES: Final = 24


def nearest(evidence: str, answer: str, *, at_least: float = 0.3) -> str | None:
    """Give the run of clauses with the best ROUGE-L (F1) to the answer, the shorter of two; None below `at_least`."""
    wanted = _words(answer)
    scored = ((_likeness(_words(run), wanted), -len(run), run) for run in _runs(evidence))
    best = max(scored, default=(0.0, 0, ""))
    return best[2] if best[0] >= at_least else None


def _runs(evidence: str) -> Iterator[str]:
    clauses = [one for one in _BORDER.split(evidence) if one][:_MOST_CLAUSES]
    for start in range(len(clauses)):
        for run in accumulate(clauses[start:], lambda left, right: f"{left} {right}"):
            if whole := _LOOSE.sub("", run):
                yield whole


def _likeness(said: Sequence[str], wanted: Sequence[str]) -> float:
    common = _common(said, wanted)
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Give the length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for place, theirs in enumerate(other, start=1):
            before, row[place] = row[place], before + 1 if word == theirs else max(row[place], row[place - 1])
    return row[-1]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
