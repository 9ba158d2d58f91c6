"""What the guard knows of each language: the English terms, with the language's own words beside them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from workers.guard.gloss import ambiguous_name
from workers.guard.glossary import BASE, JOINERS, Glossary, fold, glossary
from workers.guard.lexicon import VOCABULARY, Form, Lexicon, lexicon, word_list
from workers.guard.tokens import Token


@cache
def lexicon_of(language: str) -> Lexicon | None:
    """Give the lexicon by which a language's glossed texts are judged, or None where there are no vocabularies."""
    english, words = lexicon(BASE), glossary(language)
    if language == BASE or english is None or words is None:
        return english if language == BASE else None
    folder = VOCABULARY / language
    own = _own_words(folder) | {word for word in words.entries if len(word) > 1}
    several = _ambiguous_forms(words, english)
    return replace(
        english,
        language=language,
        forms=english.forms | several,
        lengths=english.lengths | {name: (1,) for (name,) in several},
        words=own,
        capitalised=english.capitalised | _listed(folder / "capitalised.txt"),
        plain=english.plain | _listed(folder / "plain.txt"),
    )


def _own_words(folder: Path) -> frozenset[str]:
    listed = _listed(folder / "words.txt")
    return listed | {fold(word) for word in listed}


def _ambiguous_forms(words: Glossary, english: Lexicon) -> dict[tuple[str], tuple[Form, ...]]:
    """Give each word with several meanings the terms of all of them: a record that has one supports it."""
    found: dict[tuple[str], tuple[Form, ...]] = {}
    for entries in words.entries.values():
        for entry in entries:
            if len(entry.english) > 1:
                name = ambiguous_name(entry)
                found[(name,)] = tuple(_form(name, form) for one in entry.english for form in _named(one, english))
    return found


def _named(name: tuple[Token, ...], english: Lexicon) -> list[Form]:
    folds = tuple(token.fold for token in name if token.text not in JOINERS)
    return [form for form in english.forms.get(folds, ()) if not form.record_only]


def _form(name: str, form: Form) -> Form:
    return Form((name,), form.term, "", record_only=False, capital=False)


def _listed(file: Path) -> frozenset[str]:
    return word_list(file) if file.is_file() else frozenset()
