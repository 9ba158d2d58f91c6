"""What reviewers call the thing, and whether it is one thing or several: `these sandals`, `this charger`, `it`."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from schemas.request import ReviewFact
from workers.reviews.lexicon import lexicon, words_of

_CALLED: Final = re.compile(
    r"\b(?:this|these)\s+(?:\w+\s+)?(\w{3,})\b"
    r"(?=\s*(?:[.,!?;]|$)"
    r"|\s+(?:is|are|was|were|has|have|had|for|and|in|as|to|a|on|because|but|from|with|so|since|when)\b)"
)
_MANY: Final = frozenset("these they them those pair".split())
_ONE: Final = frozenset("this it its it's".split())
_CALLED_BY: Final = 2
"""So many reviewers must call it so, as they point at it: `this charger is`."""

_NO_NAMES: Final = frozenset(
    "thing things product products item items one ones price size sizes first second same best way time times day days "
    "week weeks month months year years box company seller store review reviews reviewer reviewers pair pairs money "
    "color colors colour back front top bottom side sides fact amazon brand other others all most rest quality look "
    "fit feel problem problems only last next end right wrong two three four are was were is has had have can will for "
    "and but with from that not very just out off when than because who which what how why too them they you your "
    "would could should did does get got getting make makes made use used using work works bit lot little big small "
    "large good great nice new old long short husband wife son daughter kids mom dad friend friends gift house home "
    "again job picture description reason point package order purchase shipping return kind type style design".split()
)


@dataclass(frozen=True, slots=True)
class Naming:
    """A product's name in prose: its noun, if its reviewers have one for it, and its number."""

    noun: str = ""
    plural: bool = False

    @property
    def this(self) -> str:
        """Give `these sandals` or `this product`."""
        if self.noun:
            return f"{'these' if self.plural else 'this'} {self.noun}"
        return "these products" if self.plural else "this product"

    @property
    def pronoun(self) -> str:
        """Give `they` or `it`."""
        return "they" if self.plural else "it"


def naming(reviews: tuple[ReviewFact, ...]) -> Naming:
    """Give the noun that most reviewers use for the thing, at least two of them, and the number most of them use."""
    words = Counter(word for review in reviews for word in set(words_of(review.body)))
    plural = sum(words[word] for word in _MANY) > sum(words[word] for word in _ONE)
    english = lexicon("en")
    called: Counter[str] = Counter()
    for review in reviews:
        said = {found[1] for found in _CALLED.finditer(review.body.lower())}
        called.update(noun for noun in said - _NO_NAMES if not (english and any(english.opinions((noun,)))))
    for noun, count in called.most_common(5):
        if count >= _CALLED_BY and _is_plural(noun) == plural:
            return Naming(noun, plural)
    return Naming("", plural)


def _is_plural(noun: str) -> bool:
    return noun.endswith("s") and not noun.endswith("ss")
