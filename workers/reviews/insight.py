"""What one review thinks, computed: no model is asked, so every review can have it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from schemas.outputs import AspectOpinion
from schemas.request import ReviewFact
from workers.guard.text import normalise, sentences
from workers.reviews.aspects import Mention, mentions
from workers.reviews.language import language_written
from workers.reviews.lexicon import lexicon
from workers.reviews.sentiment import sentiment
from workers.tasks.hostile import is_hostile

Label = Literal["negative", "neutral", "positive"]

HOSTILE, SAFETY, NOT_ABOUT_PRODUCT = "hostile", "safety", "not-about-product"
RATING_MISMATCH, NOT_READ = "rating-mismatch", "not-read"

_NEUTRAL_BELOW: Final = 0.1
_SURE_FROM: Final = 0.4
"""From this strength on the side is right in 98 of 100 sentences, at nothing it is a coin's toss; straight between."""

_LEAST, _MOST = 0.5, 0.98
_OTHER_LANGUAGE: Final = 0.75
"""Other languages' lists are short, and their grammar is read with English eyes."""

_STARS_ALONE: Final = 0.4
_OPPOSED: Final = 0.3
_MIDDLE_STARS: Final = 3
_OF_THE_SHOP: Final = frozenset(("delivery", "service"))


@dataclass(frozen=True, slots=True)
class Insight:
    """What a review thinks: `sentiment` from -1 to 1, how sure that is from 0 to 1, and of what it speaks."""

    sentiment: float
    label: Label
    confidence: float
    language: str
    aspects: tuple[AspectOpinion, ...] = ()
    flags: tuple[str, ...] = ()


def insight(review: ReviewFact, expected_language: str = "en") -> Insight:
    """Read a review. In a language without a lexicon its stars speak alone, with low confidence and a flag."""
    title, body = normalise(review.title or ""), normalise(review.body)
    language = language_written(f"{title} {body}", expected_language)
    if lexicon(language) is None:
        return _of_stars(review, language)
    read = (*sentences(title), *sentences(body))
    values = [sentiment(sentence, language).value for sentence in read]
    value = sum(values) / (sum(each != 0 for each in values) + 0.5)
    aspects = _aspects([mention for sentence in read for mention in mentions(sentence, language)], language)
    return Insight(
        sentiment=round(value, 3),
        label=_label(value),
        confidence=_confidence(value, language),
        language=language,
        aspects=aspects,
        flags=tuple(_flags(review, value, aspects)),
    )


def _of_stars(review: ReviewFact, language: str) -> Insight:
    value = (review.rating - _MIDDLE_STARS) / _MIDDLE_STARS
    flags = (*((HOSTILE,) if _is_hostile(review) else ()), NOT_READ)
    return Insight(round(value, 3), _label(value), _STARS_ALONE, language, flags=flags)


def _label(value: float) -> Label:
    if abs(value) < _NEUTRAL_BELOW:
        return "neutral"
    return "positive" if value > 0 else "negative"


def _confidence(value: float, language: str) -> float:
    sure = _LEAST + (_MOST - _LEAST) * min(1.0, abs(value) / _SURE_FROM)
    return round(sure if language == "en" else _OTHER_LANGUAGE * sure, 3)


def _aspects(found: list[Mention], language: str) -> tuple[AspectOpinion, ...]:
    """Give each aspect once, the one spoken of most first; clauses that judge it themselves outweigh the others."""
    by_name: dict[str, list[Mention]] = {}
    for mention in found:
        by_name.setdefault(mention.aspect, []).append(mention)
    ranked = sorted(by_name.items(), key=lambda item: -len(item[1]))
    return tuple(_opinion(name, some, language) for name, some in ranked)


def _opinion(name: str, some: Iterable[Mention], language: str) -> AspectOpinion:
    weights = [(1.0 if mention.own else 0.5, mention.value) for mention in some]
    value = sum(weight * each for weight, each in weights) / sum(weight for weight, _ in weights)
    strength = max(abs(each) for _, each in weights)
    return AspectOpinion(
        aspect=name,
        sentiment=round(value, 3),
        strength=round(strength, 3),
        confidence=_confidence(value, language),
    )


def _flags(review: ReviewFact, value: float, aspects: tuple[AspectOpinion, ...]) -> Iterable[str]:
    """Give what people should look at."""
    if _is_hostile(review):
        yield HOSTILE
    if any(one.aspect == SAFETY and one.sentiment < 0 for one in aspects):
        yield SAFETY
    if aspects and all(one.aspect in _OF_THE_SHOP for one in aspects):
        yield NOT_ABOUT_PRODUCT
    if abs(value) > _OPPOSED and value * (review.rating - _MIDDLE_STARS) < 0:
        yield RATING_MISMATCH


def _is_hostile(review: ReviewFact) -> bool:
    return is_hostile(f"{review.title or ''}\n{review.body}")
