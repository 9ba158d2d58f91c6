"""How much a sentence praises or criticises, from -1 to 1: words, what stands around them, and how much else is said.

A bag of words with grammar: what is denied counts against (not comfortable), only wished counts little (would be nice),
what follows a "but" counts more than what stands before it. It reads some thousand sentences a second on one core.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import tanh
from typing import Final

from workers.reviews.lexicon import Lexicon, Opinion, lexicon, words_of

_REACH: Final = 5
"""So many words before an opinion are looked at for what changes it."""

_NEAR: Final = 2
_DENIED_PRAISE, _DENIED_BLAME = -0.75, -0.45
_WISHED_PRAISE, _WISHED_BLAME = 0.3, 0.6
_BEFORE_TURN, _AFTER_TURN = 0.6, 1.3
_EXCLAIMED, _ASKED = 1.1, 0.5
_EXCESS: Final = -0.8
_SCALE: Final = 1.0
"""Brings the sum of a usual sentence to what people say of it, in quarters of their scale from -4 to 4."""

_ENDS: Final = frozenset(".;:!?()\u3002")
_COMMAS: Final = frozenset(",\u3001")


@dataclass(frozen=True, slots=True)
class Sentiment:
    """What a text thinks: `value` from -1 to 1; `opinions` are the worth, from -4 to 4, of what it says one by one."""

    value: float = 0.0
    opinions: tuple[float, ...] = ()


NOTHING: Final = Sentiment()


@lru_cache(maxsize=4_096)  # a review's sentences are asked for by insight, summary and reply
def sentiment(text: str, language: str = "en") -> Sentiment:
    """Give what one sentence or clause thinks; nothing in a language without a lexicon."""
    known = lexicon(language)
    row = words_of(text)
    if known is None or not row:
        return NOTHING
    found = tuple((each, _in_context(each, row, known)) for each in known.opinions(row))
    weighted = [worth * _emphasis(each, row, known) for each, worth in found]
    total = sum(weighted) * (_EXCLAIMED if "!" in row else 1.0) * (_ASKED if row[-1] == "?" else 1.0)
    # Between a sum and a mean: three praises say more than one, and one among thirty words less than one alone.
    spread = (len(found) + 0.5) ** 0.6 * (len(row) + 20) ** 0.35
    return Sentiment(tanh(_SCALE * total / spread), tuple(worth for _, worth in found))


def _in_context(opinion: Opinion, row: tuple[str, ...], known: Lexicon) -> float:
    """Give what an opinion is worth after the words before it."""
    denied = unreal = lessened = False
    worth = opinion.worth
    own = row[opinion.first : opinion.last]
    settled = len(own) > 1 and any(known.is_a("deny", word) for word in own)
    for distance, word, after in _before(opinion.first, row, known):
        denied = denied or (known.is_a("deny", word) and not settled and after not in {"only", "more", "doubt"})
        lessened = lessened or (distance < _NEAR and known.is_a("lessen", word))
        if distance <= _NEAR:
            worth *= known.degrees.get(word, 1.0) ** (1.0 if distance == 0 else 0.6)
            unreal = unreal or known.is_a("unreal", word)
    if len(own) == 1 and opinion.first and known.is_a("excess", row[opinion.first - 1]) and worth > -1:
        worth = _EXCESS - abs(worth) / 2
    if denied or (lessened and worth < 0):
        worth *= _DENIED_PRAISE if worth > 0 else _DENIED_BLAME
    if unreal and not any(word.startswith("recommend") for word in own):
        worth *= _WISHED_PRAISE if worth > 0 else _WISHED_BLAME
    return worth


def _before(first: int, row: tuple[str, ...], known: Lexicon) -> list[tuple[int, str, str]]:
    """Give the words before a place, nearest first, with their distance and the word after each, within the clause."""
    found = []
    for distance, at in enumerate(range(first - 1, max(-1, first - 1 - _REACH), -1)):
        word = row[at]
        if word in _ENDS or (word in _COMMAS and distance) or known.is_a("stop", word):
            break
        found.append((distance, word, row[at + 1]))
    return found


def _emphasis(opinion: Opinion, row: tuple[str, ...], known: Lexicon) -> float:
    """Give how much an opinion counts beside those on the other side of a "but"."""
    turn = next((at for at, word in enumerate(row) if at and known.is_a("turn", word)), None)
    if turn is None:
        return 1.0
    return _BEFORE_TURN if opinion.first < turn else _AFTER_TURN
