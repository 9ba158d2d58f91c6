"""One field of a record, read: its terms, denials, quantities and words, as they stand for facts."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from workers.guard.assertion import Assertion, assertions
from workers.guard.attribute_names import ATTRIBUTE, AttributeName, attribute_name
from workers.guard.counts import in_context
from workers.guard.denials import denials, denies_before
from workers.guard.gloss import read_field
from workers.guard.glossary import BASE
from workers.guard.lexicon import Lexicon, Occurrence, Term
from workers.guard.negated import negated_words
from workers.guard.open_words import OpenWords, plain
from workers.guard.origins import MADE_IN, made_where, places_of_making
from workers.guard.quantities import quantities
from workers.guard.quantity import Quantity
from workers.guard.text import normalise, unescape
from workers.guard.tokens import Token, tokens
from workers.guard.verdict import Source
from workers.guard.wording import NO_WORDING, root, wording

_YES: Final = frozenset("yes true y included ja oui si sí 是 有 支持 含".split())
_NO: Final = frozenset(
    ("not included", "no.", *"no false n none without never nein non not 否 无 没有 不 不含 不支持".split())
)
_NOTHING: Final = re.compile(r"0+([.,]0*)?\s*%?")
_ZERO: Final = re.compile(r"0+(?:[.,]0*)?\s*[^\W\d]+")
_UNKNOWN: Final = frozenset(
    ("", "not tested", "not specified", "not applicable", *"- n/a na unknown null tbd ? not_applicable".split())
)
_REVIEW: Final = "review:"

_QUALITIES: Final = frozenset({"material", "colour"})
"""The kinds of terms that one part of a thing can have and another not."""


_SPOKEN_FIELDS: Final = frozenset(["price", "brand"])
"""Fields whose names are said with what stands in them: the price is 57 EUR."""

_SHORT_VALUE: Final = 3


@dataclass(frozen=True, slots=True)
class Statement:
    """What one field of a record says, ready to be put beside the others, as in `FactIndex`."""

    source: Source
    affirmed: dict[str, Source]
    denied: dict[str, Source]
    mentioned: dict[str, Source]
    quantities: tuple[Quantity, ...]
    words: dict[str, Source]
    attributes: dict[str, Source]
    stated: frozenset[str]
    parts: tuple[tuple[tuple[str, str], str], ...]
    open_words: OpenWords
    figures: dict[Fraction, Source]


@lru_cache(maxsize=32_768)
def statement(field: str, text: str, lexicon: Lexicon, locale: str, *, native: bool = True) -> Statement:
    """Read one field. The same values stand in many records of a catalogue, so each is read once.

    `native` says that it is in the locale's language: a record may be in English, or in both.
    """
    reading = _Reading(Source(field, _as_shown(normalise(unescape(text)))), lexicon, locale, native=native)
    reading.read()
    return reading.done()


def _as_shown(text: str) -> str:
    """Give a value as a catalogue shows it: no escaped quotes, an identifier (`short_sleeve`) in words."""
    return text.replace('\\"', '"').replace('""', '"') if " " in text else text.replace("_", " ").strip()


class _Reading:
    """One field of a record being read."""

    def __init__(self, source: Source, lexicon: Lexicon, locale: str, *, native: bool) -> None:
        self._source = source
        self._native = native
        self._lexicon = lexicon
        self._locale = locale if native else BASE
        self._affirmed: dict[str, Source] = {}
        self._denied: dict[str, Source] = {}
        self._mentioned: dict[str, Source] = {}
        self._quantities: tuple[Quantity, ...] = ()
        self._words: dict[str, Source] = {}
        self._attributes: dict[str, Source] = {}
        self._stated: set[str] = set()
        self._parts: list[tuple[tuple[str, str], str]] = []
        self._wording = wording(lexicon.language) or NO_WORDING
        self._open_words = OpenWords()
        self._figures: dict[Fraction, Source] = {}

    def read(self) -> None:
        text, name = self._source.text, attribute_name(self._source.field, self._lexicon)
        answer = text.lower()
        if name.words:
            self._take_name(name, _plain_answer(answer))
        if answer in _YES or answer in _NO or answer in _UNKNOWN:
            return
        row = read_field(text, self._lexicon.language, sure=self._native)
        scopes = denials(row)
        all_found = tuple(self._lexicon.find(row, in_record=True))
        for found, how in assertions(row, all_found, in_record=True):
            if how == "affirmed" and denies_before(row, scopes, found.first, found.last):
                self._denied |= {apart(term.key): self._source for term in found.terms}
            self._say(found.terms, how)
            if name.part and how == "affirmed":
                self._say_of(name.part, found.terms)
        self._deny_bases(row, all_found)
        self._say_made(row, name, all_found)
        scopes = denials(row)
        if len(row) <= _SHORT_VALUE and not scopes:
            self._say_together(row, name)
        spelled = row if self._lexicon.language == BASE else (*row, *tokens(text))
        self._words.update({token.fold: self._source for token in spelled if token.kind == "w"})
        self._open_words.add_text(row, scopes, self._source, self._wording, is_value=bool(name.words))
        self._open_words.add_class(name.words, row, self._source, self._wording)
        if _ZERO.fullmatch(answer):
            # Both may be said: 0 g of fat, and no fat.
            named = (root(plain(token), self._wording.language) for token in name.words)
            self._open_words.denied.update(dict.fromkeys(named, self._source))
        if self._source.field in _SPOKEN_FIELDS:
            self._open_words.add_name(tokens(self._source.field), self._source, self._wording, denied=False)
        read = quantities(text, locale=self._locale, found=row, unit=name.unit, sized=name.is_size)
        self._quantities = tuple(name.of(quantity) for quantity in in_context(read, row))
        self._figures = {one.figure: self._source for one in read if one.figure is not None}

    def _take_name(self, name: AttributeName, answer: str) -> None:
        row = list(name.words)
        if answer in _UNKNOWN:
            self._open_words.add_name(row, self._source, self._wording, denied=True)
            return
        if answer not in _YES and answer != "no":
            self._stated |= name.uses
            if name.turns_on:
                self._attributes[name.turns_on] = self._source
        said: Assertion = "denied" if answer == "no" else "affirmed"
        self._open_words.add_name(row, self._source, self._wording, denied=answer == "no")
        for terms in name.terms:
            self._say(terms, said)
        if said == "affirmed":
            self._words.update({token.fold: self._source for token in row})

    def _say_together(self, row: list[Token], name: AttributeName) -> None:
        """Say what a value and the name of its attribute say together: `waist_style: High` is a high waist."""
        closing = [token for token in name.words if self._lexicon.ends_long(token.fold)]
        if not closing or not any(self._lexicon.begins_long(token.fold) for token in row):
            return
        for token in closing:
            for found in self._lexicon.find([*row, token], in_record=True):
                if found.first < len(row) < found.last:
                    self._say(found.terms, "affirmed")

    def _deny_bases(self, row: list[Token], said: tuple[Occurrence, ...]) -> None:
        """Say what a word of negation denies: `scent: Unscented` is not scented, though the name says so.

        What is `said` is not denied: `BPA` alone is short for BPA-free.
        """
        own = {term.key for found in said for term in found.terms}
        for _, base in negated_words(row):
            for found in self._lexicon.find(tokens(base), in_record=True):
                self._say(tuple(term for term in found.terms if term.key not in own), "denied")

    def _say(self, terms: tuple[Term, ...], how: Assertion) -> None:
        field = self._source.field
        for term in terms:
            self._mentioned[term.key] = self._source
            if field.startswith(ATTRIBUTE):
                self._stated.add(term.kind)
            if how == "denied" and not field.startswith(_REVIEW):
                self._denied[term.key] = self._source
            if how == "affirmed":
                self._affirmed[term.key] = self._source
                for broader in term.broader:
                    self._affirmed[broader] = self._source

    def _say_made(self, row: list[Token], name: AttributeName, found: tuple[Occurrence, ...]) -> None:
        """Say where the thing is made: all places of an attribute about that, elsewhere those said to be it."""
        named = (term.key for terms in name.terms for term in terms)
        places = found if MADE_IN in named else places_of_making(row, found)
        for one, how in assertions(row, tuple(places), in_record=True):
            if how == "affirmed":
                made = (made_where(term.key) for term in one.terms if term.key != MADE_IN)
                self._affirmed |= dict.fromkeys(made, self._source)
                self._mentioned[MADE_IN] = self._source

    def _say_of(self, part: str, terms: tuple[Term, ...]) -> None:
        for term in terms:
            if term.kind in _QUALITIES:
                self._parts += (((part, term.kind), key) for key in (term.key, *term.broader))

    def done(self) -> Statement:
        return Statement(
            source=self._source,
            affirmed=self._affirmed,
            denied=self._denied,
            mentioned=self._mentioned,
            quantities=self._quantities,
            words=self._words,
            attributes=self._attributes,
            stated=frozenset(self._stated),
            parts=tuple(self._parts),
            open_words=self._open_words,
            figures=self._figures,
        )


def apart(key: str) -> str:
    """Give the key under which a record says that a thing comes without this: needs batteries (not included)."""
    return f"apart {key}"


def _plain_answer(answer: str) -> str:
    """Give `no` for every way in which a value says that its attribute is not there."""
    denies = answer in _NO or answer.startswith(("no ", "not ", "without ")) or _NOTHING.fullmatch(answer)
    return "no" if denies else answer
