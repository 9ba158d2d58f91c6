"""What a record says, ready to be asked: its terms, denials, quantities and words, each with the field it stands in."""

# ruff: noqa: SIM905  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeVar

from workers.guard.assertion import Assertion, assertion, denials
from workers.guard.bounds import bound_of
from workers.guard.counts import in_context
from workers.guard.gloss import is_native, native_texts, read_field
from workers.guard.glossary import BASE
from workers.guard.lexicon import Lexicon, Term
from workers.guard.open_words import OpenWords, together
from workers.guard.quantities import Quantity, quantities
from workers.guard.roles import role_of
from workers.guard.text import normalise, unescape
from workers.guard.tokens import Token, tokens
from workers.guard.units import INCH, Unit, unit_named
from workers.guard.verdict import Grounds, Source
from workers.guard.wording import NO_WORDING, Wording, wording

_YES: Final = frozenset("yes true y included ja oui si sí 是 有 支持 含".split())
_NO: Final = frozenset(
    ("not included", "no.", *"no false n none without never nein non not 否 无 没有 不 不含 不支持".split())
)
_NOTHING: Final = re.compile(r"0+([.,]0*)?\s*%?")
_UNKNOWN: Final = frozenset(
    [
        "",
        "-",
        "n/a",
        "na",
        "unknown",
        "null",
        "tbd",
        "?",
        "not tested",
        "not specified",
        "not applicable",
        "not_applicable",
        "not-applicable",
    ]
)
ATTRIBUTE: Final = "attributes."
_REVIEW: Final = "review:"
_VAGUE: Final = frozenset(
    "type name value unit number description information detail feature general collection option code count product "
    "item category bottom top kind note text title label list class group data spec specification property".split()
)
"""Words of an attribute's name that do not say which property it is."""

_QUALITIES: Final = frozenset({"material", "colour"})
"""The kinds of terms that one part of a thing can have and another not."""

_NO_PARTS: Final = frozenset("material colour color fabric composition finish pattern".split())
"""Words of an attribute's name that do not say which part it is of."""

_NO_UNITS: Final = frozenset("year month day hour minute second foot".split())
"""At the end of an attribute's name these are no unit: a model year is not so many years."""

_USES: Final = {
    "activity": frozenset("sport activity occasion lifestyle hobby discipline room".split()),
    "season": frozenset("season climate weather occasion lifestyle".split()),
}
"""Words of the names of attributes that say what a thing is for, whatever values they have."""

_AGES: Final = frozenset("age aged old girl boy kid child children toddler baby people player".split())
"""Words beside a number that make it an age."""

_SPOKEN_FIELDS: Final = frozenset(["price", "brand"])
"""Fields whose names are said with what stands in them: the price is 57 EUR."""

_SHORT_VALUE: Final = 3

_PROSE: Final = "description"
_PLACELESS: Final = _NO_PARTS | _VAGUE
_NAME_BREAKS: Final = re.compile(r"[_.:/()\[\]]+|(?<=[a-z])(?=[A-Z])")


Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, eq=False)
class FactIndex:
    """A record's facts by what a text may claim. Terms are known by key, and a narrow term says its broader ones.

    `attributes` has the source of each attribute by the word that its name turns on (`chain_type` -> `chain`);
    `stated` are the kinds of terms that attributes have; `parts` has, by a part of the thing and a kind of term, what
    the attributes of that part say (`handle`, `material` of `handle_material: Wood`); `open_words` has all its words,
    `figures` every number without its unit, `wording` is what its language says in other words, `titles` are product
    names in another language than the text's.
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
    titles: tuple[str, ...]

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
        for stated, source in self.quantities.get("count", ()):
            alike = replace(claim, nouns=stated.nouns, before=stated.before)
            if stated.supports(alike) and related & self.wording.names(stated.nouns | {stated.before}):
                return source
        return None

    def _age(self, claim: Quantity) -> Source | None:
        """Give the source of an age that a text gives in other words: for girls 8 and up, ages 8 years and more."""
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
    names = " ".join(source.field[len(ATTRIBUTE) :] for source in grounds.sources if source.field.startswith(ATTRIBUTE))
    native = native_texts(
        tuple(source.text for source in grounds.sources), lexicon.language, names=_NAME_BREAKS.sub(" ", names)
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
    return FactIndex(
        affirmed=_first(one.affirmed for one in said),
        denied=_first(one.denied for one in said),
        mentioned=_first(one.mentioned for one in said),
        quantities={dimension: tuple(some) for dimension, some in quantities.items()},
        words=_first(one.words for one in said),
        attributes=_first(one.attributes for one in said),
        stated=frozenset().union(*(one.stated for one in said)),
        parts=dict(parts),
        open_words=together((one.open_words for one in said), wording(lexicon.language)),
        figures=_first(dict.fromkeys(one.figures, one.source) for one in said),
        wording=wording(lexicon.language) or NO_WORDING,
        titles=tuple(
            one.source.text for one, own in zip(said, native, strict=True) if _is_title(one.source) and not own
        ),
    )


def _is_title(source: Source) -> bool:
    return source.field in ("title", "categories") or source.field.startswith("history:")


def _first(said: Iterable[dict[Key, Source]]) -> dict[Key, Source]:
    """Give by key the source that is first to have it."""
    first: dict[Key, Source] = {}
    for one in reversed(list(said)):
        first.update(one)
    return first


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
    figures: frozenset[Fraction]


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
    return text.replace('\\"', '"') if " " in text else text.replace("_", " ").strip()


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
        self._figures: frozenset[Fraction] = frozenset()

    def read(self) -> None:
        text = self._source.text
        name = attribute_name(self._source.field, self._lexicon.language)
        answer = text.lower()
        if name:
            self._take_name(name, _plain_answer(answer))
        if answer in _YES or answer in _NO or answer in _UNKNOWN:
            return
        row = read_field(text, self._lexicon.language, sure=self._native)
        part = self._part(name) if name else ""
        for found in self._lexicon.find(row, in_record=True):
            how = assertion(row, found, in_record=True)
            self._say(found.terms, how)
            if part and how == "affirmed":
                self._say_of(part, found.terms)
        self._say_together(row, name)
        spelled = row if self._lexicon.language == BASE else (*row, *tokens(text))
        self._words |= dict.fromkeys((token.fold for token in spelled if token.kind == "w"), self._source)
        self._open_words.add_text(row, self._source, self._wording, is_value=bool(name))
        self._open_words.add_class(name, row, self._source, self._wording)
        if self._source.field in _SPOKEN_FIELDS:
            self._open_words.add_name(tokens(self._source.field), self._source, self._wording, denied=False)
        read = quantities(text, locale=self._locale, found=row, unit=_unit_of(name), sized=_is_size(name))
        self._quantities = tuple(_named(quantity, name) for quantity in in_context(read, row))
        self._figures = frozenset(one.figure for one in read if one.figure is not None)

    def _take_name(self, name: tuple[Token, ...], answer: str) -> None:
        row = list(name)
        if answer in _UNKNOWN:
            self._open_words.add_name(row, self._source, self._wording, denied=True)
            return
        turns_on = next((token.fold for token in reversed(row) if token.fold not in _VAGUE and len(token.fold) > 2), "")
        if turns_on and answer not in _YES and answer != "no":
            self._attributes[turns_on] = self._source
        if answer not in _YES and answer != "no":
            self._stated |= {kind for kind, names in _USES.items() if any(token.fold in names for token in row)}
        said: Assertion = "denied" if answer == "no" else "affirmed"
        self._open_words.add_name(row, self._source, self._wording, denied=answer == "no")
        for found in self._lexicon.find(row, in_record=True):
            self._say(found.terms, said)
        if said == "affirmed":
            self._words |= dict.fromkeys((token.fold for token in row), self._source)

    def _say_together(self, row: list[Token], name: tuple[Token, ...]) -> None:
        """Say what a value and the name of its attribute say together: `waist_style: High` is a high waist."""
        if name and len(row) <= _SHORT_VALUE and not denials(row):
            for token in name:
                for found in self._lexicon.find([*row, token], in_record=True):
                    if found.first < len(row) < found.last:
                        self._say(found.terms, "affirmed")

    def _say(self, terms: tuple[Term, ...], how: Assertion) -> None:
        field = self._source.field
        for term in terms:
            self._mentioned[term.key] = self._source
            if field.startswith(ATTRIBUTE):
                self._stated.add(term.kind)
            if how == "denied" and not field.startswith(_REVIEW):
                self._denied[term.key] = self._source
            if how == "affirmed":
                self._affirmed |= dict.fromkeys((term.key, *term.broader), self._source)

    def _part(self, name: tuple[Token, ...]) -> str:
        """Give the part of the thing that an attribute's name turns on, unless that is the thing itself (`mug`)."""
        row = [token for token in name if token.fold not in _PLACELESS]
        kinds = {term.kind for found in self._lexicon.find(row, in_record=True) for term in found.terms}
        if not row or "product" in kinds:
            return ""
        return row[-1].fold

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


def _plain_answer(answer: str) -> str:
    """Give `no` for every way in which a value says that its attribute is not there."""
    denies = answer in _NO or answer.startswith(("no ", "not ", "without ")) or _NOTHING.fullmatch(answer)
    return "no" if denies else answer


@lru_cache(maxsize=4_096)
def attribute_name(field: str, language: str) -> tuple[Token, ...]:
    """Give the words of an attribute's name out of its field (`attributes.width_cm`), none for other fields."""
    if not field.startswith(ATTRIBUTE):
        return ()
    text = normalise(_NAME_BREAKS.sub(" ", field[len(ATTRIBUTE) :]))
    native = bool(is_native(text, language))
    return tuple(token for token in read_field(text, language, sure=native, counted=True) if token.kind in "wn")


def _unit_of(name: tuple[Token, ...]) -> Unit | None:
    """Give the unit that a name ends in: `width_cm`, `weight (g)`, `Height in`."""
    if len(name) < 2:
        return None
    last = name[-1].text.lower()
    return INCH if last == "in" else None if last in _NO_UNITS else unit_named(name[-1].text)


def _is_size(name: tuple[Token, ...]) -> bool:
    return any(token.fold == "size" for token in name)


def _named(quantity: Quantity, name: tuple[Token, ...]) -> Quantity:
    """Give the quantity with what its attribute's name says of it: which side is measured, what is counted."""
    if not name:
        return quantity
    words = frozenset(one for token in name for one in (token.fold, role_of(token.fold)) if one)
    role = quantity.role or next((role for token in reversed(name) if (role := role_of(token.fold))), "")
    bound = quantity.bound or next((bound for token in name if (bound := bound_of(token.fold))), "")
    return replace(quantity, nouns=quantity.nouns | words, role=role, bound=bound)
