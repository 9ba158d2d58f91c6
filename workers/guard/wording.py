"""The words of a language beyond its terms: what states nothing, what says the same, and the root that words share.

The folder `vocabulary/LANGUAGE/wording` has lists of words that state nothing by themselves (`IDLE`), `synonym.txt`
(words that say the same, a line each; those before ` < ` are supported by those after it) and `opposite.txt` (words of
which only one is true, a line each). In a language without the folder no open words are judged.
"""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import simplemma

from workers.guard.lexicon import VOCABULARY, word_list
from workers.guard.tokens import stem

_ENDINGS: Final = (
    "ability ibility ization isation ational ations ation ition ities ness ment able ible ance ence ship ized ised "
    "ical ally ated ator ate age ing ity ion ist ive ize ise ous ful ed er or al ic ly en es y e s"
).split()
_ENDINGS_BY_LETTER: Final = {
    letter: tuple(ending for ending in _ENDINGS if ending.endswith(letter)) for letter in {one[-1] for one in _ENDINGS}
}
_BRITISH: Final = re.compile(r"(?<=[bt])re$")
"""Fibre, centre, litre: an American ends them otherwise."""

_LIGHT_ENDINGS: Final = frozenset(["e", "ing", "ed"])
_SHORTEST_ROOT: Final = 4
"""Letters that stay of a word; one fewer before a light ending."""

_DOUBLED: Final = frozenset("bb dd gg mm nn pp rr tt".split())
_MOST_CUTS: Final = 3


IDLE: Final = ("grammar", "verbs", "general", "quality", "scale")
"""The lists of idle words: grammar; verbs of being and having; words about copy, choice and use; judgements; and words
that place, size and class, which do state something where a sentence says nothing else."""


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """The open words of a language: idle ones in their base form, `synonyms` and `opposites` by root.

    `idle` has all of `IDLE`, the others the lists of these names.
    """

    language: str
    idle: frozenset[str]
    grammar: frozenset[str]
    scale: frozenset[str]
    quality: frozenset[str]
    synonyms: dict[str, tuple[str, ...]]
    opposites: dict[str, frozenset[str]]

    def is_idle(self, word: str) -> bool:
        """Say whether a word in lower case states nothing by itself, in any of its forms."""
        return _is_one_of(word, self.idle, self.language)

    def is_scale(self, word: str) -> bool:
        """Say whether a word in lower case places, sizes or classes."""
        return _is_one_of(word, self.scale, self.language)

    def is_quality(self, word: str) -> bool:
        """Say whether a word in lower case judges."""
        return _is_one_of(word, self.quality, self.language)

    def names(self, words: Iterable[str]) -> frozenset[str]:
        """Give the roots of the words that state something."""
        return frozenset(root(word, self.language) for word in words if word and not self.is_idle(word))

    def related(self, roots: Iterable[str]) -> frozenset[str]:
        """Give roots with their synonyms."""
        return frozenset(other for one in roots for other in (one, *self.synonyms.get(one, ())))


NO_WORDING: Final = Wording("und", frozenset(), frozenset(), frozenset(), frozenset(), {}, {})
"""The open words of a language without lists."""


@cache
def wording(language: str) -> Wording | None:
    """Give the open words of a language (`en`), or None when there are no lists of them."""
    folder = VOCABULARY / language / "wording"
    if not language.isalpha() or not folder.is_dir():
        return None
    synonyms: dict[str, list[str]] = defaultdict(list)
    for line in _lines(folder / "synonym.txt"):
        named, _, narrower = line.partition(" < ")
        grounds = _roots(narrower or named, language)
        for one in _roots(named, language):
            synonyms[one].extend(other for other in grounds if other != one)
    opposites: dict[str, frozenset[str]] = defaultdict(frozenset)
    for line in _lines(folder / "opposite.txt"):
        words = frozenset(line.split())
        for word in words:
            opposites[word] |= words - {word}
    said = {word: tuple(dict.fromkeys(some)) for word, some in synonyms.items()}
    lists = {name: word_list(folder / f"{name}.txt") for name in IDLE}
    idle = frozenset[str]().union(*lists.values())
    return Wording(language, idle, lists["grammar"], lists["scale"], lists["quality"], said, dict(opposites))


def _roots(words: str, language: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(root(word, language) for word in words.split()))


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


@lru_cache(maxsize=65_536)
def lemma(word: str, language: str) -> str:
    """Give the base form of a word in lower case: `batteries` -> `battery`, `worn` -> `wear`."""
    return simplemma.lemmatize(word, lang=language).lower() if language != NO_WORDING.language else word


@lru_cache(maxsize=65_536)
def root(word: str, language: str) -> str:
    """Give what a word in lower case shares with the words derived from it: install, installed, installation.

    English endings are cut off (after Porter 1980, cruder: what is joined wrongly supports a little too much).
    """
    # Twice: some base forms have one of their own.
    base = stem(lemma(lemma(word, language), language))
    if language != "en":
        return base
    if len(base) > _SHORTEST_ROOT:
        base = _BRITISH.sub("er", base.replace("our", "or"))
    for _ in range(_MOST_CUTS):
        shorter = _cut(base)
        if shorter == base:
            break
        base = shorter
    return base


def _cut(word: str) -> str:
    for ending in _ENDINGS_BY_LETTER.get(word[-1:], ()):
        kept = len(word) - len(ending)
        if word.endswith(ending) and kept >= (_SHORTEST_ROOT - (ending in _LIGHT_ENDINGS)):
            word = word[:kept]
            if word[-2:] in _DOUBLED and kept > _SHORTEST_ROOT:
                word = word[:-1]
            break
    return word[:-1] + "y" if word.endswith("i") else word


@lru_cache(maxsize=131_072)
def _is_one_of(word: str, listed: frozenset[str], language: str) -> bool:
    bare, apostrophe, _ = word.partition("'")
    if apostrophe and bare in listed:
        return True
    if word in listed or lemma(word, language) in listed or stem(word) in listed:
        return True
    if language == "en" and word.endswith("ly"):
        bare = word[:-2]
        return not listed.isdisjoint((bare, bare + "e", bare + "y", bare[:-1] + "y", bare + "le", bare + "al"))
    return False
