"""What reviews praise and criticise, by a vocabulary of points: each with the reviews that make it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal, NamedTuple

from schemas.request import ReviewFact
from workers.guard.text import normalise, sentences
from workers.reviews.lexicon import VOCABULARY
from workers.tasks.hostile import is_hostile

Side = Literal["pro", "con"]

DISAPPOINTING: Final = "is disappointing"
UNHAPPY_STARS: Final = 2
"""With so few stars a review praises nothing, whatever words it has."""

_MACROS: Final = {
    "VERY": r"(?:(?:very|so|really|too|pretty|quite|extremely|super|just|a (?:bit|little)|incredibly|absolutely|still"
    r"|fairly|as|more|much|perfectly) )*",
    "TOO": r"(?:very|so|really|too|pretty|quite|extremely|super|a (?:bit|little)|rather) ",
    "NOT": r"(?:\w+n't|not|never|hardly|no|nor|doesnt|isnt|didnt) (?:\w+ ){0,2}?",
}
_DENIED_BEFORE: Final = re.compile(
    r"\b(?:not|no|never|less|hardly|barely|scarcely|without|lacks?|neither|nor|cannot|\w+n't|anything but|far from"
    r"|nowhere near)\W+(?:\w+\W+){0,2}$"
    r"|\b(?:hop(?:ed|ing)|expect(?:ed|ing)?|wish(?:ed|ing)?|want(?:ed)?|should|could|supposed|claims?|claimed"
    r"|advertised|promised|if|instead of|needs? to|going to|worried|afraid|feared|thought|unless|until|before)"
    r"\b\W+(?:\w+\W+){0,5}$"
)
"""What takes a word back or only wishes for it: not soft, anything but soft, hoping for something soft."""


class Made(NamedTuple):
    """One review that makes a point, in its own words."""

    review_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that reviewers say, as a predicate of the product in the singular (`is soft`, `fits well`)."""

    side: Side
    predicate: str
    aspect: str
    made: tuple[Made, ...]

    @property
    def review_ids(self) -> tuple[str, ...]:
        """Give the reviews that make it, in their order."""
        return tuple(one.review_id for one in self.made)

    @property
    def label(self) -> str:
        """Give the point as it stands in a list: `Soft`, `Fits well`."""
        said = self.predicate.removeprefix("is ")
        return said[:1].upper() + said[1:]


class _Known(NamedTuple):
    side: Side
    predicate: str
    aspect: str
    pattern: re.Pattern[str]


@lru_cache(maxsize=64)  # a summary asks for them a dozen times
def points(reviews: tuple[ReviewFact, ...]) -> tuple[Point, ...]:
    """Give what the reviews say, most often said first, then in the vocabulary's order; hostile reviews say nothing.

    An unhappy review whose reason is not recognised still counts, as a disappointment.
    """
    found: dict[tuple[Side, str, str], list[Made]] = {}
    for review in reviews:
        for known, words in _said(review).items():
            found.setdefault(known, []).append(Made(review.review_id, words))
    order = {(one.side, one.predicate, one.aspect): number for number, one in enumerate(_vocabulary())}
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), order[item[0]]))
    return tuple(Point(*key, tuple(made)) for key, made in ranked)


def _said(review: ReviewFact) -> dict[tuple[Side, str, str], str]:
    """Give each point that a review makes with the first words that make it."""
    if is_hostile(f"{review.title or ''}\n{review.body}"):
        return {}
    unhappy = review.rating <= UNHAPPY_STARS
    said: dict[tuple[Side, str, str], str] = {}
    for sentence in (*sentences(normalise(review.title or "")), *sentences(normalise(review.body))):
        for known, words in _in_sentence(sentence.replace("\u2019", "'")):
            if not (unhappy and known.side == "pro"):
                said.setdefault((known.side, known.predicate, known.aspect), words)
    if unhappy and not said:
        said["con", DISAPPOINTING, "verdict"] = f"{review.rating} of 5 stars"
    return said


def _in_sentence(sentence: str) -> Iterator[tuple[_Known, str]]:
    low = sentence.lower()
    for known in _vocabulary():
        match = next(
            (one for one in known.pattern.finditer(low) if not _DENIED_BEFORE.search(low[: one.start()])), None
        )
        if match:
            yield known, sentence[match.start() : match.end()]


@cache
def _vocabulary() -> tuple[_Known, ...]:
    """Read the English points; a file of another language would be read beside it."""
    lines = (VOCABULARY / "en" / "points.txt").read_text(encoding="utf-8").splitlines()
    return tuple(_known(line) for line in lines if line and not line.startswith("#"))


def _known(line: str) -> _Known:
    head, _, pattern = line.partition(": ")
    named = re.fullmatch(r"([+-]) (.+) \[(\w+)\]", head)
    if named is None:
        raise ValueError(f"not a point: {head!r}")
    for macro, meaning in _MACROS.items():
        pattern = pattern.replace(macro, meaning)
    side: Side = "pro" if named[1] == "+" else "con"
    return _Known(side, named[2], named[3], re.compile(rf"(?<![\w'])(?:{pattern})(?!\w)"))
