"""What English reviews praise and criticise, found by words: each point with the reviews that make it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from schemas.request import ReviewFact
from workers.guard.text import normalise, sentences
from workers.tasks.hostile import is_hostile

Side = Literal["pro", "con"]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that reviewers say, in our words; `words` are theirs, one quotation a review."""

    side: Side
    text: str
    review_ids: tuple[str, ...]
    words: tuple[str, ...]


_TOO = r"too (?:tight|small|large|big|short|long|narrow|wide|loose)"
_LEXICON: Final[tuple[tuple[Side, str, str], ...]] = (
    ("pro", "Comfortable", r"comfortable|comfy|cosy|cozy|comfort"),
    ("pro", "Warm", r"(?:stayed|was|is|keeps? (?:me|you)|very|still|nice and) warm|warm enough|warmth|^warm"),
    ("pro", "Soft", r"soft"),
    ("pro", "Light", r"(?:very|really|so|nice and) light|light enough|lightweight|^light (?:and|enough)"),
    ("pro", "Fits well", r"fits? (?:very |really |so )?(?:well|perfectly|great|right)|(?:good|great|nice|perfect) fit"),
    ("pro", "Looks good", r"looks? (?:really |so |very )?(?:good|great|nice|awesome)|beautiful|lovely|stylish|elegant"),
    ("pro", "Sturdy", r"sturdy|solid build|well[- ]made|durable|good quality|great quality|built to last"),
    ("pro", "Keeps dry", r"(?:stays?|stayed|keeps? (?:me|you)|keeps? it) (?:so )?dry|keeps the rain out"),
    ("pro", "Worth its price", r"fair price|good value|great value|great price|worth (?:every|the|it)"),
    ("pro", "Easy to clean", r"easy to clean|comes clean|washes well|easy to wash"),
    ("pro", "Quiet", r"quiet|silently|silent"),
    ("pro", "Easy to put together", r"easy to assemble|assembled in|up in \w+ minutes"),
    ("pro", "Good sound", r"(?:good|great|warm) (?:sound|bass)|loud enough"),
    ("pro", "Keeps its heat", r"(?:still|keeps|stays) (?:\w+ )?hot|holds the heat"),
    ("con", "Sizing is off for some", rf"runs? (?:a (?:bit|little) )?(?:small|large|big)|{_TOO}|wrong size"),
    ("con", "Too heavy for some", r"too heavy|heavier than|bulky"),
    ("con", "Feels scratchy", r"itchy|scratchy|itches|sandpaper|rough"),
    ("con", "Uncomfortable for some", r"uncomfortable|hurts?|sore|digs? into|too hard"),
    (
        "con",
        "Breaks early for some",
        r"broke|broken|tore|torn|cracked|fell apart|ripped|failed|flimsy|unravell?ed|stopped (?:working|charging)"
        r"|rusted|separate|seam opened|holes? (?:at|in|after)|got thin|came off",
    ),
    ("con", "Lets water in", r"leaks|leaked|soaked|rain came in"),
    ("con", "Expensive for some", r"overpriced|too expensive|for the price i expected"),
    ("con", "Shrinks in the wash", r"shrunk|shrank|shrinks"),
    ("con", "Noisy in use", r"noisy|squeaks?|rustles|rattles"),
    ("con", "Smells at first", r"smells?(?: of)?|smelled"),
    ("con", "Hard to put together", r"instructions are poor|long assembly|had to drill|did not fit"),
    ("con", "Arrived incomplete or damaged", r"arrived (?:broken|in pieces|damaged)|(?:piece|part) (?:was|is) missing"),
    ("con", "Marks easily", r"scratches easily|scratches|stains?|stained|snags|dirty quickly|pill(?:s|ing)?"),
    ("con", "Looks disappoint some", r"ugly|unflattering|not (?:very )?flattering"),
    ("con", "Battery disappoints some", r"(?:battery|charge)[^.]{0,30}(?:only|under|not)"),
)
_PATTERNS: Final = tuple(
    (side, text, re.compile(rf"(?:(?<=^)|\b)(?:{words})\b", re.IGNORECASE)) for side, text, words in _LEXICON
)
_DENIED_BEFORE: Final = re.compile(
    r"\b(?:not|no|never|less|hardly|barely|scarcely|without|lacks?|neither|nor|cannot|can't|couldn't|won't|wasn't"
    r"|weren't|isn't|aren't|doesn't|don't|didn't|wouldn't|anything but|far from|nowhere near)\W+(?:\w+\W+){0,2}$"
    r"|\b(?:hop(?:ed|ing)|expect(?:ed|ing)?|wish(?:ed|ing)?|want(?:ed)?|should|could|would|supposed|claims?|claimed"
    r"|advertised|promised|if|instead of|needs? to)\b\W+(?:\w+\W+){0,5}$"
)
"""What takes a word back or only wishes for it: not soft, anything but soft, hoping for something soft."""

_UNSAID = "Some reviewers were disappointed"
_UNHAPPY_STARS: Final = 2


@lru_cache(maxsize=64)  # a summary asks for them a dozen times
def points(reviews: tuple[ReviewFact, ...]) -> tuple[Point, ...]:
    """Give what the reviews say, most often said first; hostile reviews say nothing.

    A review with few stars praises nothing, whatever words it has, and counts as not satisfied where its reason is not
    recognised.
    """
    found: dict[tuple[Side, str], dict[str, str]] = {}
    for review in reviews:
        unhappy = review.rating <= _UNHAPPY_STARS
        said = {point: words for point, words in _said(review) if not (unhappy and point[0] == "pro")}
        if unhappy and not said:
            said["con", _UNSAID] = f"{review.rating} of 5 stars"
        for point, words in said.items():
            found.setdefault(point, {})[review.review_id] = words
    ranked = sorted(found.items(), key=lambda item: -len(item[1]))
    return tuple(Point(side, text, tuple(by), tuple(by.values())) for (side, text), by in ranked)


def share_of_unhappy(reviews: tuple[ReviewFact, ...]) -> float:
    """Give the share of reviews with one or two stars."""
    return sum(review.rating <= _UNHAPPY_STARS for review in reviews) / max(1, len(reviews))


def _said(review: ReviewFact) -> Iterator[tuple[tuple[Side, str], str]]:
    whole = f"{review.title or ''}\n{review.body}"
    if is_hostile(whole):
        return
    for sentence in (*sentences(normalise(review.title or "")), *sentences(normalise(review.body))):
        for side, text, pattern in _PATTERNS:
            match = pattern.search(sentence)
            if match and not _DENIED_BEFORE.search(sentence[: match.start()].lower()):
                yield (side, text), match[0]
