"""A language's words for what the English vocabularies name: `vocabulary/LANGUAGE/*.txt`, lines `english: form, form`.

The left side is a term's name as in `vocabulary/en`, or any English words that the guard knows (`not`, `up to`,
`width`, `cm`); `_` is nothing. The first form of a name's first line is the one that templates say. A form that stands
under several names means all of them (`Tasche`: pocket, bag), small words excepted, which mean the first. A form `=so`
counts only as written, accents and all; `so-` only begins a compound word, `-so` only ends one. Forms in `unit.txt`
count only after a number.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from workers.guard.lexicon import VOCABULARY, word_list
from workers.guard.tokens import Token, tokens, unaccented

BASE: Final = "en"
"""The language that all others are read in terms of."""

JOINERS: Final = frozenset("-‐‑–'’")  # noqa: RUF001  (dashes are meant)
_LISTS: Final = frozenset(
    ("words", "plain", "capitalised", "endings", "elisions", "counters", "links", "clitics", "refusal", "residue")
)
"""Files that are no glossaries: lists of words or phrases, endings, and what a language's words are cut by."""

_CHINESE: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_APOSTROPHE: Final = re.compile("['’]")  # noqa: RUF001
_SHORTEST_STEM: Final = 3
FIRST_MEANING: Final = ("function", "number", "unit")
"""Files of small words, number words and units."""


class Entry(NamedTuple):
    """One form: its folded words, the English tokens of each meaning, its file, and how it must be written, if so."""

    words: tuple[str, ...]
    english: tuple[tuple[Token, ...], ...]
    file: str
    exact: str


@dataclass(frozen=True, slots=True, eq=False)
class Glossary:
    """The forms of one language by their first word, longest first; `starts` and `ends` are parts of compounds only.

    `endings` are (written, instead) of inflected words, `elisions` the words that an apostrophe ties to the next,
    `links` the letters between the parts of a compound: none where the language writes no compounds. `clitics` are
    pronouns that a verb may end in. A language is `spaced` when its words have spaces between them; `counters` are the
    words between a number and what it counts.
    """

    language: str
    entries: dict[str, tuple[Entry, ...]]
    starts: dict[str, Entry]
    ends: dict[str, Entry]
    endings: tuple[tuple[str, str], ...]
    elisions: frozenset[str]
    links: tuple[str, ...]
    clitics: frozenset[str]
    counters: frozenset[str]
    spaced: bool
    natives: dict[str, str]

    def native(self, name: str, kind: str = "") -> str:
        """Give the language's own form for an English name, of that kind where there are several, or nothing."""
        return self.natives.get(f"{kind}:{name}".lower(), "") or self.natives.get(name.lower(), "")

    def named(self, word: str) -> Iterator[str]:
        """Give a folded word, and what it may be an inflected form of, the word itself first."""
        yield word
        for written, instead in self.endings:
            if word.endswith(written) and len(word) - len(written) >= _SHORTEST_STEM:
                yield word[: len(word) - len(written)] + instead


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Fold a word of any language: lower case, no accents, look-alike letters plain."""
    return unaccented(word).lower().replace("ß", "ss")


@cache
def glossary(language: str) -> Glossary | None:
    """Give the glossary of a language, or None for English and where there are no vocabularies."""
    folder = VOCABULARY / language
    if language == BASE or not language.isalpha() or not folder.is_dir():
        return None
    elisions = _listed(folder / "elisions.txt")
    lines = [
        (file.stem, *line) for file in sorted(folder.glob("*.txt")) if file.stem not in _LISTS for line in _lines(file)
    ]
    read = [(form, _entry(name, form, file)) for file, name, forms in lines for form in forms]
    entries = _by_first_word(entry for form, entry in read if form.strip("-") == form)
    return Glossary(
        language,
        entries,
        {"".join(entry.words): entry for form, entry in reversed(read) if form.endswith("-")},
        {"".join(entry.words): entry for form, entry in reversed(read) if form.startswith("-")},
        tuple(_endings(folder / "endings.txt")),
        elisions,
        tuple(sorted(_listed(folder / "links.txt"), key=len)),
        _listed(folder / "clitics.txt"),
        _listed(folder / "counters.txt"),
        not any(_CHINESE.search(word) for word in entries),
        _natives(lines),
    )


def _by_first_word(some: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """Give the entries by their first word, longest first; a term's form under several names has all their meanings."""
    found: dict[tuple[object, ...], Entry] = {}
    for entry in some:
        group = entry.file if entry.file in FIRST_MEANING else "terms"
        known = found.setdefault((entry.words, group, entry.exact), entry)
        if group == "terms" and _folds(entry.english[0]) not in map(_folds, known.english):
            found[entry.words, group, entry.exact] = known._replace(english=known.english + entry.english)
    by_word: dict[str, list[Entry]] = defaultdict(list)
    for entry in found.values():
        by_word[entry.words[0]].append(entry)
    return {
        word: tuple(sorted(here, key=lambda one: (-len(one.words), not one.exact))) for word, here in by_word.items()
    }


def _folds(english: tuple[Token, ...]) -> tuple[str, ...]:
    return tuple(token.fold for token in english)


def _natives(lines: list[tuple[str, str, tuple[str, ...]]]) -> dict[str, str]:
    """Give what templates say, by name alone (the first file's) and by kind and name: gold is a colour and a metal."""
    found: dict[str, str] = {}
    for file, name, forms in lines:
        if form := _said(forms):
            found.setdefault(name.lower(), form)
            found.setdefault(f"{file}:{name}".lower(), form)
    return found


def _said(forms: tuple[str, ...]) -> str:
    """Give the form that templates say: the first that is a word of its own."""
    return next((form.lstrip("=") for form in forms if form.strip("-") == form), "")


def is_chinese(text: str) -> bool:
    """Say whether a text has Chinese characters."""
    return not text.isascii() and _CHINESE.search(text) is not None


def _lines(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, forms = line.partition(":")
            yield name.strip(), tuple(one.strip() for one in forms.split(",") if one.strip())


def _entry(name: str, form: str, file: str) -> Entry:
    apart = _APOSTROPHE.sub("' ", form.strip("=-")).split()
    words = tuple(word for part in apart for word in _folded(part))
    return Entry(words, (_english(name),), file, form[1:].lower() if form.startswith("=") else "")


def _folded(part: str) -> tuple[str, ...]:
    """Give the folded words of a part of a form; a word before an elision keeps its apostrophe: `l'`."""
    if part.endswith("'"):
        return (fold(part),)
    return tuple(fold(token.text) for token in tokens(part) if token.text not in JOINERS)


def _english(name: str) -> tuple[Token, ...]:
    return () if name == "_" else tuple(tokens(name))


def _endings(file: Path) -> Iterator[tuple[str, str]]:
    """Give the rules `written>instead` of a file in its order: the first that makes a known word counts."""
    for rule in file.read_text(encoding="utf-8").split() if file.is_file() else ():
        written, _, instead = rule.partition(">")
        yield written, instead


def _listed(file: Path) -> frozenset[str]:
    return word_list(file) if file.is_file() else frozenset()
