"""The open words of a record: which roots it affirms, which it only denies, and which words its attributes exclude."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final

from workers.guard.attribute_names import ATTRIBUTE
from workers.guard.denials import AND, THERE, Scope, denials, denies
from workers.guard.negated import negated_words
from workers.guard.tokens import Token
from workers.guard.verdict import Source
from workers.guard.wording import NO_WORDING, Wording, root

HYPHENS: Final = frozenset("-\u2010\u2011")
_LONGEST_VALUE_WORDS: Final = 4
"""A longer value is prose: its words are not the one that holds of several."""

_LEADS_ON: Final = frozenset(
    "be been being is are have has had come comes came make makes made need needs require requires use uses used get "
    "include includes feature features contain contains offer offers meant designed intended suitable available "
    "lot lots do does did".split()
)
"""Between a denial and what it denies these, and grammar, are passed over: does not have a pull handle."""

_SUITS: Final = frozenset("compatible compatibility fit fits".split())
_NEAR: Final = 8

_BOUNDS: Final = frozenset("above over under below more less than exceed exceeding beyond until".split())


@dataclass(frozen=True, slots=True)
class OpenWords:
    """A record's words by root, each with its source: affirmed, denied, affirmed otherwise than by a field's name.

    `chosen` are the words of short values that have opposites, as written in lower case; `opposites` are those that
    they rule out. `named` are the words of attributes' names, `refuted` those right after a denial, `negated` those
    that a word is the negation of (unscented: scented), `apart` those that do not come with the thing (batteries not
    included); `classed` those that end the name of an attribute whose values are words that elsewhere state nothing
    (`climate: Warm`).
    """

    affirmed: dict[str, Source] = field(default_factory=dict)
    denied: dict[str, Source] = field(default_factory=dict)
    told: dict[str, Source] = field(default_factory=dict)
    chosen: dict[str, Source] = field(default_factory=dict)
    opposites: dict[str, Source] = field(default_factory=dict)
    named: dict[str, Source] = field(default_factory=dict)
    refuted: dict[str, Source] = field(default_factory=dict)
    negated: dict[str, Source] = field(default_factory=dict)
    apart: dict[str, Source] = field(default_factory=dict)
    classed: dict[str, Source] = field(default_factory=dict)

    def add_text(
        self, row: list[Token], scopes: list[Scope], source: Source, words: Wording, *, is_value: bool
    ) -> None:
        """Take the words of a value or text, with what its denials reach, and neighbours written as one."""
        denying = ((first, last) for first, last in scopes if not is_bound(row[first:last]))
        denied = {place for first, last in denying if not _is_fitted(row, first, last) for place in range(first, last)}
        written = [(place, plain(token)) for place, token in enumerate(row) if token.kind == "w"]
        roots = [(place, root(word, words.language)) for place, word in written]
        roots += [(place, root(left + right, words.language)) for (_, left), (place, right) in pairwise(written)]
        for place, one in roots:
            if place in denied:
                self.denied[one] = source
            else:
                self.affirmed[one] = self.told[one] = source
        for place, base in negated_words(row):
            if place not in denied and not words.is_idle(base):
                self.negated[root(base, words.language)] = self.denied[root(base, words.language)] = source
        self._add_refuted(row, scopes, source, words)
        for denial in self.denied:
            # What a value denies its attribute's name does not affirm: `chain_type: no chain`, `scent: Unscented`.
            for one in (denial, *words.synonyms.get(denial, ())):
                if one in self.named and one not in self.told:
                    self.affirmed.pop(one, None)
        if is_value and len(written) <= _LONGEST_VALUE_WORDS:
            self.chosen.update({word: source for _, word in written if word in words.opposites})

    def _add_refuted(self, row: list[Token], scopes: list[Scope], source: Source, words: Wording) -> None:
        """Take what is denied by itself (`no operating system`, `not identical,`), and what is not included."""
        for first, last in scopes:
            at = next((place for place in range(max(first - 1, 0), last) if denies(row, place)), first - 1)
            if at > first:
                said = (plain(token) for token in row[first:at] if token.kind == "w")
                self.apart.update({root(word, words.language): source for word in said if word not in words.grammar})
            run = denied_directly(row, at + 1, last, words)
            ends = bool(run) and (
                run[-1] + 1 == len(row) or row[run[-1] + 1].kind == "m" or row[run[-1] + 1].fold in AND
            )
            if ends or row[at].text.lower() in ("no", "without"):
                said = (plain(row[place]) for place in run if row[place].fold not in THERE)
                self.refuted.update({root(word, words.language): source for word in said})

    def add_class(self, name: tuple[Token, ...], row: list[Token], source: Source, words: Wording) -> None:
        """Take the name of an attribute whose short value has a word that elsewhere states nothing."""
        said = [plain(token) for token in row if token.kind == "w"]
        measured = any(token.kind == "n" for token in row)
        if not measured and len(said) <= _LONGEST_VALUE_WORDS and any(words.is_idle(word) for word in said):
            self.classed.update({root(plain(token), words.language): source for token in name})

    def add_name(self, row: list[Token], source: Source, words: Wording, *, denied: bool) -> None:
        """Take the words of an attribute's name; `not_for_kids: No` affirms kids."""
        scopes = denials(row)
        said = self.denied if denied != bool(scopes) else self.affirmed
        for token in row[scopes[0][0] :] if scopes else row:
            said[root(plain(token), words.language)] = source
            self.named[root(plain(token), words.language)] = source


def together(fields: list[OpenWords], words: Wording | None) -> OpenWords:
    """Give the words of all fields of a record, the first field's source first; what one has no other rules out."""
    known = words or NO_WORDING
    whole = OpenWords()
    for one in reversed(fields):
        whole.affirmed.update(one.affirmed)
        whole.denied.update(one.denied)
        whole.told.update(one.told)
        whole.named.update(one.named)
        whole.refuted.update(one.refuted)
        whole.negated.update(one.negated)
        whole.apart.update(one.apart)
        whole.classed.update(one.classed)
    for one in fields:
        whole.chosen.update(one.chosen)
    for base, source in whole.negated.items():
        # Beside `scent: Unscented` no other attribute's name, as `scent_family`, says that it has one.
        if source.field.startswith(ATTRIBUTE):
            for named in (base, *known.synonyms.get(base, ())):
                if named in whole.named and named not in whole.told:
                    whole.affirmed.pop(named, None)
    for word, source in whole.chosen.items():
        for other in known.opposites[word]:
            if root(other, known.language) not in whole.affirmed:
                whole.opposites[other] = source
    return whole


def _is_fitted(row: list[Token], first: int, last: int) -> bool:
    """Say whether what comes apart is what a thing goes with: compatible with motorized engines (sold separately)."""
    reaches_back = first == 0 or not denies(row, first - 1)
    comes_apart = reaches_back and any(denies(row, place) for place in range(first + 1, last))
    return comes_apart and not _SUITS.isdisjoint([token.fold for token in row[max(0, first - _NEAR) : last]])


def denied_directly(row: list[Token], first: int, last: int, words: Wording) -> list[int]:
    """Give the places of the words that a denial at tokens [first, last) is of first: `a pull handle` of its clause."""
    run: list[int] = []
    for place in range(first, last):
        if row[place].text in HYPHENS:
            continue
        word = plain(row[place])
        passed_over = word in words.grammar or (not run and word in _LEADS_ON)
        if row[place].kind != "w" or (run and passed_over):
            break
        if not passed_over:
            run.append(place)
    return run


def is_bound(scope: list[Token]) -> bool:
    """Say whether a denial is of a bound, and so no denial of the rest: do not wash above 30 degrees."""
    return any(token.kind == "n" for token in scope) and any(token.text.lower() in _BOUNDS for token in scope)


def plain(token: Token) -> str:
    """Give a word as it is looked for: in lower case, without a possessive's ending."""
    return _plain(token.text)


@lru_cache(maxsize=16_384)
def _plain(written: str) -> str:
    return written.lower().replace("\u2019", "'").removesuffix("'s")
