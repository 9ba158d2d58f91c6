"""What a record says, ready to be asked: its terms, denials, quantities and words, each with the field it stands in."""

# ruff: noqa: SIM905  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeVar

from workers.guard.assertion import Assertion
from workers.guard.attribute_names import ATTRIBUTE, NAME_BREAKS
from workers.guard.gloss import native_texts
from workers.guard.lexicon import Lexicon, Term
from workers.guard.open_words import OpenWords, plain, together
from workers.guard.quantity import Quantity
from workers.guard.statements import statement
from workers.guard.tokens import Token
from workers.guard.verdict import Grounds, Source
from workers.guard.wording import NO_WORDING, Wording, root, wording

_AGES: Final = frozenset("age aged old girl boy kid child children toddler baby people player".split())
"""Words beside a number that make it an age."""

_LONGEST_QUOTE: Final = 80
"""The most characters of a title or a value that a text quotes whole."""

_PROSE: Final = "description"
_SHORTEST_SENTENCE: Final = 4
"""Fewer words are no sentence."""

_OF_NOTHING: Final = ("nothing", "none", "nobody", "no one")
"""A sentence of these may praise by denying, and is no ground for itself: nothing is more waterproof."""

_ANSWERED: Final = re.compile(r"^(?:yes|no)[ ,]+")

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, eq=False)
class FactIndex:
    """A record's facts by what a text may claim. Terms are known by key, and a narrow term says its broader ones.

    `attributes` has the source of each attribute by the word that its name turns on (`chain_type` -> `chain`);
    `stated` are the kinds of terms that attributes have; `parts` has, by a part of the thing and a kind of term, what
    the attributes of that part say (`handle`, `material` of `handle_material: Wood`); `open_words` has all its words,
    `figures` every number without its unit, `wording` is what its language says in other words, `quotes` are names
    and values in another language than the text's, `sources` all that it was read from.
    """

    affirmed: dict[str, Source]
    denied: dict[str, Source]
    mentioned: dict[str, Source]
    quantities: dict[str, tuple[tuple[Quantity, Source], ...]]
    words: dict[str, Source]
    attributes: dict[str, Source]
    stated: frozenset[str]
    parts: dict[tuple[str, str], dict[str, Source]]
    open_words: OpenWords
    figures: dict[Fraction, Source]
    wording: Wording
    quotes: tuple[str, ...]
    sources: tuple[Source, ...]

    def quoted(self, sentence: str, row: Sequence[Token], terms: Iterable[Term]) -> Source | None:
        """Give the source that has a sentence, with these tokens and terms, word for word as one of its own.

        None where another field denies anything in it, unless that is prose: a description does not outweigh a field.
        """
        bare = _ANSWERED.sub("", sentence.lower()).strip(" .!?")
        if bare.count(" ") < _SHORTEST_SENTENCE - 1 or bare.startswith(_OF_NOTHING):
            return None
        whole = re.compile(rf"(?:^|[.!?;]\s*|\b(?:yes|no)[ ,]+){re.escape(bare)}\s*(?:$|[.!?;])")
        roots = (root(plain(token), self.wording.language) for token in row if token.kind == "w")
        keys = (key for term in terms for key in (term.key, *term.broader))
        denials = {*map(self.open_words.denied.get, roots), *map(self.denied.get, keys)}
        fields = {one for one in denials if one is not None and one.field != _PROSE}
        possible = (one for one in self.sources if fields <= {one})
        return next((one for one in possible if bare in (text := one.text.lower()) and whole.search(text)), None)

    def part_term(self, part: str, terms: tuple[Term, ...], how: Assertion) -> Source | None:
        """Give the source that says this of one part: the part's own where it says such a thing, else any."""
        own = [self.parts[part, term.kind] for term in terms if (part, term.kind) in self.parts]
        anywhere = self.term(terms, how)
        if not own or how != "affirmed" or anywhere is None:
            return anywhere
        said = (by_key[term.key] for by_key in own for term in terms if term.key in by_key)
        return next(said, None)

    def term(self, terms: tuple[Term, ...], how: Assertion) -> Source | None:
        """Give the source that says one of these terms in this way, or None. What is denied too is not affirmed."""
        for term in terms:
            if how == "denied":
                source = self.denied.get(term.key)
            else:
                said = self.affirmed if how == "affirmed" else self.mentioned
                source = said.get(term.key)
                source = None if source and self._outweighed(term.key, source) else source
            if source is not None:
                return source
        return None

    def _outweighed(self, key: str, said: Source) -> bool:
        """Say whether a denial stands against this: only a description's loses, to a field that is no prose."""
        denial = self.denied.get(key)
        return denial is not None and (denial.field != _PROSE or said.field == _PROSE)

    def quantity(self, claim: Quantity) -> Source | None:
        """Give the source that states this quantity; a size of several numbers must have them in the same order."""
        if claim.shape:
            return self._shape(claim)
        for stated, source in self.quantities.get(claim.dimension, ()):
            if not stated.shape and stated.supports(claim):
                return source
        return self._count(claim) if claim.dimension == "count" else None

    def _count(self, claim: Quantity) -> Source | None:
        """Give the source that counts the same in other words, or has the bare figure where the text names nothing."""
        named = self.wording.names(claim.nouns | {claim.before})
        if not named:
            return self.figures.get(claim.value) if not claim.denied and not claim.bound else None
        if not _AGES.isdisjoint(claim.nouns | {claim.before}) and (source := self._age(claim)):
            return source
        related = self.wording.related(named)
        if not claim.value and (source := self._nothing_of(related)):
            return source
        for stated, source in self.quantities.get("count", ()):
            alike = claim._replace(nouns=stated.nouns, before=stated.before)
            if stated.supports(alike) and related & self.wording.names(stated.nouns | {stated.before}):
                return source
        return None

    def _nothing_of(self, related: frozenset[str]) -> Source | None:
        """Give the source that measures nothing of what a text counts nothing of: zero fat, of `fat: 0 g`."""
        measured = (pair for some in self.quantities.values() for pair in some if not pair[0].value)
        return next((source for one, source in measured if related & self.wording.names(one.nouns)), None)

    def _age(self, claim: Quantity) -> Source | None:
        """Give the source of an age that a text gives in other words: for those 5 and older, 5 years and more."""
        for stated, source in self.quantities.get("calendar", ()):
            if stated.denied == claim.denied and stated.value in (claim.value, claim.value * 12):
                return source
        for stated, source in self.quantities.get("count", ()):
            if stated.value == claim.value and not _AGES.isdisjoint(stated.nouns | {stated.before}):
                return source
        return None

    def _shape(self, claim: Quantity) -> Source | None:
        stated = self.quantities.get(claim.dimension, ())
        same = [one for one in stated if one[0].shape and one[0].has_parts_of(claim)]
        if same:
            return next((source for stated, source in same if stated.has_shape_of(claim)), None)
        bare = claim.dimension == "count"
        parts = [self._value(part) or (self.figures.get(part.value) if bare else None) for part in claim.shape]
        return parts[0] if all(part is not None for part in parts) else None

    def _value(self, part: Quantity) -> Source | None:
        stated = self.quantities.get(part.dimension, ())
        return next((source for one, source in stated if not one.shape and one.is_as_much_as(part)), None)


@lru_cache(maxsize=256)
def index(grounds: Grounds, lexicon: Lexicon) -> FactIndex:
    """Read a record once; the candidates for one text share it. Where several fields say the same, the first counts."""
    names = (source.field[len(ATTRIBUTE) :] for source in grounds.sources if source.field.startswith(ATTRIBUTE))
    native = native_texts(
        tuple(source.text for source in grounds.sources),
        lexicon.language,
        names=(NAME_BREAKS.sub(" ", name) for name in names),
    )
    said = [
        statement(source.field, source.text, lexicon, grounds.locale, native=here)
        for source, here in zip(grounds.sources, native, strict=True)
    ]
    quantities: dict[str, list[tuple[Quantity, Source]]] = defaultdict(list)
    parts: dict[tuple[str, str], dict[str, Source]] = defaultdict(dict)
    for one in said:
        for quantity in one.quantities:
            quantities[quantity.dimension].append((quantity, one.source))
        for place, key in one.parts:
            parts[place].setdefault(key, one.source)
    quotes = (one.source for one, own in zip(said, native, strict=True) if not own)
    return FactIndex(
        affirmed=_first([one.affirmed for one in said]),
        denied=_first([one.denied for one in said]),
        mentioned=_first([one.mentioned for one in said]),
        quantities={dimension: tuple(some) for dimension, some in quantities.items()},
        words=_first([one.words for one in said]),
        attributes=_first([one.attributes for one in said]),
        stated=frozenset().union(*[one.stated for one in said if one.stated]),
        parts=dict(parts),
        open_words=together([one.open_words for one in said], wording(lexicon.language)),
        figures=_first([one.figures for one in said]),
        wording=wording(lexicon.language) or NO_WORDING,
        sources=tuple(one.source for one in said),
        quotes=tuple(source.text for source in quotes if _is_short(source)),
    )


def _is_short(source: Source) -> bool:
    return len(source.text) <= _LONGEST_QUOTE


def _first(said: list[dict[Key, Source]]) -> dict[Key, Source]:
    """Give by key the source that is first to have it."""
    first: dict[Key, Source] = {}
    for one in reversed(said):
        if one:
            first.update(one)
    return first
