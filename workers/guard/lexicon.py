"""The vocabularies of one language: which words are materials, colours, kinds of products, features, banned claims.

A file `vocabulary/LANGUAGE/KIND.txt` has one term a line: `name: other form, other form < broader term`. Forms are
folded (`workers.guard.tokens`) and hyphens count as spaces, so `water-resistant`, `Water Resistant` are one form.
A form that starts with `=` counts only as written (no plural folding), one that starts with `~` only in the record,
one that starts with `^` only with a capital.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from workers.guard.tokens import Token, tokens

VOCABULARY: Final = Path(__file__).parent / "vocabulary"
WORD_LISTS: Final = ("words", "capitalised", "plain")
"""The files that are lists of words, not of terms: common ones, capitalised ones, ones that state nothing."""

HARMLESS: Final = "harmless"
"""The kind of phrases that claim nothing: they keep the words in them from being read as claims."""

ONLY_IF_STATED: Final = frozenset({"season", "activity"})
"""Kinds that are idle talk unless the record's attributes have one: then another one contradicts it."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a text can claim: its kind, its name, and every broader term that it implies."""

    kind: str
    name: str
    broader: frozenset[str] = frozenset()
    key: str = field(init=False)
    """The term's name within all kinds."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", f"{self.kind}:{self.name}")


class Form(NamedTuple):
    """One way to write a term: folded words, and whether it counts only as written, in the record, with a capital."""

    words: tuple[str, ...]
    term: Term
    exact: str
    record_only: bool
    capital: bool


class Occurrence(NamedTuple):
    """Terms found at tokens [first, last); more than one when a word means several things (silver)."""

    terms: tuple[Term, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """All terms of a language, found in one pass, longest form first; and its lists of words.

    `forms` are by all their words, `lengths` has how many words forms have by the first of them, longest first; `lasts`
    are the last words of forms of several.
    """

    language: str
    forms: dict[tuple[str, ...], tuple[Form, ...]]
    lengths: dict[str, tuple[int, ...]]
    lasts: frozenset[str]
    words: frozenset[str]
    capitalised: frozenset[str]
    plain: frozenset[str]

    def find(self, row: list[Token], *, in_record: bool) -> Iterator[Occurrence]:
        """Give the terms in a row of tokens, left to right, none inside another; harmless phrases are terms too."""
        places = [index for index, token in enumerate(row) if token.text not in _JOINERS]
        folds = [row[place].fold for place in places]
        end = 0
        for position, fold in enumerate(folds):
            if position < end or fold not in self.lengths:
                continue
            for length in self.lengths[fold]:
                possible = self.forms.get(tuple(folds[position : position + length]))
                if not possible:
                    continue
                part = places[position : position + length]
                terms = tuple([form.term for form in possible if _reads(form, row, part, in_record=in_record)])
                if terms:
                    claiming = tuple([term for term in terms if term.kind != HARMLESS])
                    yield Occurrence(claiming or terms, part[0], part[-1] + 1)
                    end = position + length
                    break

    def begins_long(self, word: str) -> bool:
        """Say whether a form of several words begins with this one."""
        return self.lengths.get(word, (1,))[0] > 1

    def ends_long(self, word: str) -> bool:
        """Say whether a form of several words ends with this one."""
        return word in self.lasts


_FLAGS: Final = "=~^"
_JOINERS: Final = frozenset("-‐‑–'’\"")  # noqa: RUF001


def _reads(form: Form, row: list[Token], part: list[int], *, in_record: bool) -> bool:
    """Say whether tokens with the form's words are written as the form must be."""
    if form.record_only and not in_record:
        return False
    if form.capital and row[part[0]].text[0].islower():
        return False
    return not form.exact or row[part[-1]].text.lower() == form.exact


@cache
def lexicon(language: str) -> Lexicon | None:
    """Give the lexicon of a language (`en`), or None when there are no vocabularies for it."""
    folder = VOCABULARY / language
    if not language.isalpha() or not folder.is_dir():
        return None
    forms: dict[tuple[str, ...], dict[Form, None]] = defaultdict(dict)
    for file in sorted(folder.glob("*.txt")):
        if file.stem not in WORD_LISTS:
            for form in _forms(file.stem, file.read_text(encoding="utf-8")):
                forms[form.words][form] = None
    words, capitalised, plain = (word_list(folder / f"{name}.txt") for name in WORD_LISTS)
    by_words = {words: tuple(some) for words, some in forms.items()}
    lasts = frozenset(words[-1] for words in by_words if len(words) > 1)
    return Lexicon(language, by_words, _lengths(by_words), lasts, words, capitalised, plain)


def _lengths(forms: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = defaultdict(set)
    for words in forms:
        found[words[0]].add(len(words))
    return {first: tuple(sorted(some, reverse=True)) for first, some in found.items()}


NO_LEXICON: Final = Lexicon("und", {}, {}, frozenset(), frozenset(), frozenset(), frozenset())
"""What a text in a language without vocabularies is read with."""


def word_list(file: Path) -> frozenset[str]:
    """Read a list of words, one or more a line; lines that start with `#` are remarks."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _forms(kind: str, text: str) -> Iterator[Form]:
    entries = [_entry(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    direct = {name: broader for name, _, broader in entries}
    for name, written, _ in entries:
        term = Term(kind, name.lstrip(_FLAGS), frozenset(f"{kind}:{one}" for one in _all_broader(name, direct)))
        for form in (name, *written):
            yield _form(form, term)


def _entry(line: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    left, _, right = line.partition(" < ")
    name, _, others = left.partition(":")
    return name.strip(), _listed(others), _listed(right)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _all_broader(name: str, direct: dict[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(direct.get(name, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(direct.get(one, ()))
    return frozenset(found)


def _form(written: str, term: Term) -> Form:
    flags = written[: len(written) - len(written.lstrip(_FLAGS))]
    bare = written.lstrip(_FLAGS)
    row = [token for token in tokens(bare) if token.text not in _JOINERS]
    exact = row[-1].text.lower() if "=" in flags else ""
    return Form(tuple(token.fold for token in row), term, exact, "~" in flags, "^" in flags)
