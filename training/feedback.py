"""What people made of each revision's texts, as figures that can be compared, each with its interval of 95 %.

Shares: Wilson's score interval (1927), which stays honest for a handful of verdicts. Means: percentile bootstrap.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from schemas.feedback import OVERALL, ContentFeedback
from schemas.provenance import Provenance
from schemas.request import CopyPassage
from training.bootstrap import Estimate, estimate

_Z = 1.959964
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True, order=True)
class Author:
    """Who wrote a text of a task: a model's revision with or without an adapter, or the task's template."""

    task: str
    model: str
    revision: str
    adapter: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How one author's texts were received.

    `published` counts the texts that stand now, `judged` those with a verdict. Shares are percentages: of the judged
    texts `approved`, `edited` and `rejected`, of the known ones (published now, or told of) `clicked` and `purchased`.
    `edit_distance` is the percentage of words that people changed in an edited text, `rating` the mean of 1 to 5.
    """

    author: Author
    published: int
    judged: int
    rated: int
    approved: Estimate
    edited: Estimate
    rejected: Estimate
    clicked: Estimate
    purchased: Estimate
    rating: Estimate
    edit_distance: Estimate


def standings(feedback: Iterable[ContentFeedback], published: Iterable[Provenance]) -> tuple[Standing, ...]:
    """Give how each author stands; what was told twice counts once, of several verdicts on a text the latest."""
    told = _once(feedback)
    authors: defaultdict[Author, list[ContentFeedback]] = defaultdict(list)
    standing: defaultdict[Author, set[str]] = defaultdict(set)
    for one in told:
        authors[author_of(one)].append(one)
    for text in published:
        standing[_writer(text)].add(text.request_id)
    return tuple(_standing(each, authors[each], standing[each]) for each in sorted({*authors, *standing}))


def author_of(one: ContentFeedback) -> Author:
    """Give who wrote the text that was judged."""
    return Author(one.task, one.model, one.model_revision, one.adapter or "")


def share(holds: int, of: int) -> Estimate:
    """Give a percentage with Wilson's interval; of nothing it may be anything."""
    if not of:
        return Estimate(0.0, 0.0, 100.0)
    found, spread = holds / of, _Z**2 / of
    centre = (found + spread / 2) / (1 + spread)
    half = _Z * sqrt(found * (1 - found) / of + spread / (4 * of)) / (1 + spread)
    return Estimate(100 * found, 100 * max(0.0, centre - half), 100 * min(1.0, centre + half))


def edit_distance(judged: Sequence[CopyPassage], edited: Sequence[CopyPassage]) -> float:
    """Give how many words were put in, taken out or replaced, in percent of the longer text (Levenshtein 1966).

    Only the pieces that a person wrote anew are compared, each with the one of its place.
    """
    before = {one.place: one.text for one in judged}
    pairs = [(_words(before.get(one.place, "")), _words(one.text)) for one in edited]
    longest = sum(max(len(old), len(new)) for old, new in pairs)
    return 100 * sum(_changes(old, new) for old, new in pairs) / longest if longest else 0.0


def _once(feedback: Iterable[ContentFeedback]) -> list[ContentFeedback]:
    return list({one.feedback_id: one for one in feedback}.values())


def _writer(text: Provenance) -> Author:
    return Author(text.task, text.model, text.model_revision, text.adapter or "")


def _standing(author: Author, told: Sequence[ContentFeedback], published: set[str]) -> Standing:
    verdicts = _latest(told)
    known = len(published | {one.content_id for one in told})
    ratings = [float(one.rating) for one in told if one.kind == "rated" and one.rating is not None]
    changes = [edit_distance(one.judged, one.edited) for one in verdicts.values() if one.kind == "edited"]
    return Standing(
        author,
        published=len(published),
        judged=len(verdicts),
        rated=len(ratings),
        approved=share(sum(one.kind == "approved" for one in verdicts.values()), len(verdicts)),
        edited=share(sum(one.kind == "edited" for one in verdicts.values()), len(verdicts)),
        rejected=share(sum(one.kind == "rejected" for one in verdicts.values()), len(verdicts)),
        clicked=share(len({one.content_id for one in told if one.kind == "clicked"}), known),
        purchased=share(len({one.content_id for one in told if one.kind == "purchased"}), known),
        rating=estimate(ratings),
        edit_distance=estimate(changes),
    )


def _latest(told: Sequence[ContentFeedback]) -> Mapping[str, ContentFeedback]:
    """Give the verdict on each text that was given last."""
    overall = (one for one in told if one.kind in OVERALL)
    return {one.content_id: one for one in sorted(overall, key=lambda one: one.given_unix_ms)}


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _changes(old: Sequence[str], new: Sequence[str]) -> int:
    row = list(range(len(new) + 1))
    for number, word in enumerate(old, start=1):
        ahead = [number]
        for (left, above), other in zip(pairwise(row), new, strict=True):
            ahead.append(min(above + 1, ahead[-1] + 1, left + (word != other)))
        row = ahead
    return row[-1]
