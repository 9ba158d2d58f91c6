"""The fixed sentences of the templates, by language: `LANGUAGE.txt` has one a line, `name: text with {parts}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from workers.locale.formats import language_of

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """The sentences of one language, by name; the names and their parts are the same in all languages."""

    language: str
    texts: Mapping[str, str]

    def say(self, phrase: str, /, **parts: str) -> str:
        """Give a sentence with its parts put in; a phrase that is not there is a KeyError."""
        return self.texts[phrase].format(**parts)

    def joined(self, texts: Iterable[str], by: str = "") -> str:
        """Give texts as running text, a phrase named `by` between them, and a space where the language has spaces."""
        mark = self.texts[by] if by else ""
        return f"{mark}{' ' if self.texts['spaces'] == 'yes' else ''}".join(texts)


@cache
def phrases(locale: str) -> Phrases | None:
    """Give the phrases of a locale's language, or None where it has no file."""
    language = language_of(locale)
    file = FOLDER / f"{language}.txt"
    if not language.isalpha() or not file.is_file():
        return None
    lines = file.read_text(encoding="utf-8").splitlines()
    entries = (line.partition(": ") for line in lines if line.strip() and not line.startswith("#"))
    return Phrases(language, MappingProxyType({name.strip(): text.rstrip() for name, _, text in entries}))
