"""Whether a text is in the language that was asked for."""

# ruff: noqa: SIM905  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

from workers.guard.claims import PassageReading, Reading

_LANGUAGES: Final = {
    "en": Language.ENGLISH,
    "de": Language.GERMAN,
    "fr": Language.FRENCH,
    "es": Language.SPANISH,
    "it": Language.ITALIAN,
    "pt": Language.PORTUGUESE,
    "nl": Language.DUTCH,
    "zh": Language.CHINESE,
    "ja": Language.JAPANESE,
}
_ENOUGH_CHARACTERS: Final = 45
"""In this much text without its names and measures the detector knows a language well."""

_DOUBT: Final = 0.1
"""The confidence in the asked language below which another one is believed."""

_MOSTLY: Final = 0.75
"""The share of common words of a language that makes a text one in it, names of materials and all."""

_OTHER_SCRIPTS: Final = (
    "CYRILLIC",
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "HANGUL",
    "ARABIC",
    "HEBREW",
    "THAI",
    "DEVANAGARI",
    "GREEK",
)
_LATIN: Final = frozenset("en de fr es it pt nl".split())


def language(reading: Reading) -> Iterator[str]:
    """Find passages in another language, letters of another script, and languages that the guard cannot judge."""
    code = reading.grounds.locale.split("-")[0].lower()
    if not reading.common_words or code not in _LANGUAGES:
        yield f"texts in '{reading.grounds.locale}' cannot be checked: there are no vocabularies for it"
        return
    for passage in reading.passages:
        if code in _LATIN and not passage.text.isascii() and (foreign := _foreign_letter(passage.text, reading)):
            yield f"{passage.passage.place}: {foreign!r} is not a letter of '{code}'"
        if not _reads_as(code, passage, reading.common_words):
            yield f"{passage.passage.place}: the text is not in '{code}'"


def _reads_as(code: str, passage: PassageReading, common: frozenset[str]) -> bool:
    """Say whether a passage is in a language: most of its words are common ones there, or the detector thinks so."""
    plain = [word for word in passage.text.split() if word.islower()]
    if sum(len(word) + 1 for word in plain) < _ENOUGH_CHARACTERS:
        return True
    known = sum(word.strip(".,;:!?()\"'") in common for word in plain)
    if known >= _MOSTLY * len(plain):
        return True
    return _detector().compute_language_confidence(" ".join(plain), _LANGUAGES[code]) >= _DOUBT


@cache
def _detector() -> LanguageDetector:
    """Build the detector once: trigrams only, 16 MB for these languages."""
    return LanguageDetectorBuilder.from_languages(*_LANGUAGES.values()).with_low_accuracy_mode().build()


def _foreign_letter(text: str, reading: Reading) -> str:
    for letter in text:
        if letter.isascii() or not letter.isalpha():
            continue
        if unicodedata.name(letter, "").startswith(_OTHER_SCRIPTS) and not _in_sources(letter, reading):
            return letter
    return ""


def _in_sources(letter: str, reading: Reading) -> bool:
    return any(letter in source.text for source in reading.grounds.sources)
