"""What a summary says: the points that reviewers agree on and the sentences that speak for many, in fair shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from schemas.request import ReviewFact
from workers.reviews.points import UNHAPPY_STARS, Point, Side, points
from workers.reviews.quotes import Quote, Tone, beginnings, quotes

MAX_PROS, MAX_CONS, MAX_QUOTES = 5, 4, 6
FEWEST_QUOTED_WORDS, MAX_QUOTED_WORDS = 25, 52
MANY_REVIEWS: Final = 4
"""From so many reviews on, what "reviewers" say must be said by two of them."""

SHARE_BOUND: Final = 0.25
"""How far the share of criticism in a summary may be from its share in the reviews."""

UNHAPPY_SHARE_TO_SHOW: Final = 0.2
"""From this share of one- and two-star reviews on, a summary must say what they criticise."""

_MIDDLE_STARS: Final = 3
_NEW_SHARE: Final = 0.4
"""So much of a quote must be what was not said before."""

VERDICT: Final = "verdict"


@dataclass(frozen=True, slots=True)
class Digest:
    """What is said: points by side, a verdict if two reviewers or more give it, quotes; each with its reviews."""

    pros: tuple[Point, ...] = ()
    cons: tuple[Point, ...] = ()
    verdicts: tuple[Point, ...] = ()
    quotes: tuple[Quote, ...] = ()
    mood: Tone = "neutral"
    """The side that most of the reviewers' stars are on."""

    def of(self, side: Side) -> tuple[Point, ...]:
        """Give the points of one side, most often made first."""
        return self.pros if side == "pro" else self.cons

    @property
    def negative_share(self) -> float:
        """Give the share of criticism in what is said, neutral quotes left out."""
        tones = [*("pro" for _ in self.pros), *("con" for _ in self.cons), *(one.side for one in self.verdicts)]
        return _share_of_cons([*tones, *(one.tone for one in self.quotes)])


@lru_cache(maxsize=64)  # a summary asks for it a dozen times
def digest(reviews: tuple[ReviewFact, ...], *, names: str = "") -> Digest:
    """Give what a summary of these reviews says; an author who wrote several of them speaks once, with the newest."""
    heard = one_per_author(reviews)
    least = 2 if len(heard) >= MANY_REVIEWS else 1
    supported = [point for point in points(heard) if len(point.made) >= least]
    share = negative_share(heard)
    said = [point for point in supported if point.aspect != VERDICT]
    pros, cons = _in_fair_shares(_of_side(said, "pro")[:MAX_PROS], _of_side(said, "con")[:MAX_CONS], share)
    found = Digest(pros, cons, tuple(point for point in supported if point.aspect == VERDICT), mood=_mood(heard))
    return replace(found, quotes=_fitting(quotes(heard, names=names), found, share))


def one_per_author(reviews: tuple[ReviewFact, ...]) -> tuple[ReviewFact, ...]:
    """Give the last review of each author; a review without an author's key is an author of its own."""
    last = {review.author_key or f"review:{review.review_id}": review for review in reviews}
    kept = {review.review_id for review in last.values()}
    return tuple(review for review in reviews if review.review_id in kept)


def negative_share(reviews: tuple[ReviewFact, ...]) -> float:
    """Give how much of the reviews is criticism by their stars: few stars wholly, three stars by half."""
    weights = [1.0 if one.rating <= UNHAPPY_STARS else 0.5 if one.rating == _MIDDLE_STARS else 0.0 for one in reviews]
    return sum(weights) / max(1, len(weights))


def _mood(reviews: tuple[ReviewFact, ...]) -> Tone:
    happy = sum(one.rating > _MIDDLE_STARS for one in reviews)
    unhappy = sum(one.rating < _MIDDLE_STARS for one in reviews)
    return "pro" if 2 * happy > len(reviews) else "con" if 2 * unhappy > len(reviews) else "neutral"


def must_criticise(reviews: tuple[ReviewFact, ...]) -> bool:
    """Say whether so many reviewers are unhappy that a summary must say why."""
    return sum(one.rating <= UNHAPPY_STARS for one in reviews) >= UNHAPPY_SHARE_TO_SHOW * max(1, len(reviews))


def _of_side(some: list[Point], side: Side) -> tuple[Point, ...]:
    return tuple(point for point in some if point.side == side)


def _in_fair_shares(
    pros: tuple[Point, ...], cons: tuple[Point, ...], share: float
) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Leave out what fewest say of the side that says too much, but never the last point of a side."""
    while len(cons) > 1 and _share(pros, cons) > share + SHARE_BOUND:
        cons = cons[:-1]
    while len(pros) > 1 and _share(pros, cons) < share - SHARE_BOUND:
        pros = pros[:-1]
    return pros, cons


def _share(pros: tuple[Point, ...], cons: tuple[Point, ...]) -> float:
    return len(cons) / max(1, len(pros) + len(cons))


def _fitting(some: tuple[Quote, ...], said: Digest, share: float) -> tuple[Quote, ...]:
    """Choose what says something new and keeps or brings the share of criticism near the reviews'.

    One a review, each with a tone; where too little is said so, two, and without a tone what has an aspect.
    """
    chosen = _chosen((quote for quote in some if quote.tone != "neutral"), said, share, each=1)
    if _words(chosen.quotes) < FEWEST_QUOTED_WORDS:
        about = (quote for quote in some if quote.tone != "neutral" or quote.speaks_of_aspects)
        chosen = _chosen(about, chosen, share, each=2)
    return chosen.quotes


def _chosen(some: Iterable[Quote], said: Digest, share: float, *, each: int) -> Digest:
    heard = beginnings(" ".join((*(point.predicate for point in (*said.pros, *said.cons)), *_texts(said.quotes))))
    for quote in some:
        full = len(said.quotes) == MAX_QUOTES or _words((*said.quotes, quote)) > MAX_QUOTED_WORDS
        cited = sum(one.review_id == quote.review_id for one in said.quotes) >= each
        if full or cited or len(quote.beginnings - heard) < _NEW_SHARE * len(quote.beginnings):
            continue
        longer = replace(said, quotes=(*said.quotes, quote))
        if abs(longer.negative_share - share) <= max(SHARE_BOUND, abs(said.negative_share - share)):
            said, heard = longer, heard | quote.beginnings
    return said


def _words(some: tuple[Quote, ...]) -> int:
    return sum(len(text.split()) for text in _texts(some))


def _texts(some: tuple[Quote, ...]) -> tuple[str, ...]:
    return tuple(one.text for one in some)


def _share_of_cons(tones: list[str]) -> float:
    sided = [tone for tone in tones if tone != "neutral"]
    return sum(tone == "con" for tone in sided) / max(1, len(sided))
