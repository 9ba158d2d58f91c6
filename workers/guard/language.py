"""Whether a text is in the language that was asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from typing import Final

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

from workers.guard.claims import PassageReading, Reading
from workers.guard.glossary import fold
from workers.guard.tokens import stem, tokens
from workers.guard.units import unit_named

LANGUAGES: Final = {
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
_FUNCTION_WORDS: Final = {
    "en": "the and of to is with for it this that are you your from which on at by be has have not or its can will was",
    "de": "der die das und ist mit für ein eine einen einem einer nicht auf von zu den dem im sich auch aus bei sie "
    "wird oder durch ihr für zum zur sind",
    "fr": "le la les des et est avec pour un une dans du sur qui que ne pas vous votre au aux par ce cette sont ou ses",
    "es": "el la los las y es con para un una en del que no su por se al lo como más sus este esta son",
    "it": "il lo gli e è con per un una di del della che non nel alla sono da questo questa le dei più",
    "pt": "o os as e é com para um uma de do da que não no na em por se mais seu sua ao são",
    "nl": "de het een en is met voor van niet op te zijn dat die aan ook als bij uit of deze",
}
_FUNCTION_SETS: Final = {code: frozenset(words.split()) for code, words in _FUNCTION_WORDS.items()}
"""The commonest small words of a language: a sixth of them or more, and few of another's, are no accident."""

_ENOUGH_CHARACTERS: Final = 45
"""In this much text without its names and measures the detector knows a language well."""

_DOUBT: Final = 0.1
"""The confidence in the asked language below which another one is believed."""

_MOSTLY: Final = 0.75
"""The share of common words of a language that makes a text one in it, names of materials and all."""

_FUNCTION_SHARE: Final = 6
"""One word of so many is a small word of the language, and of no other language half as many are."""

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
_ELISION: Final = re.compile(r"^\w{1,2}['\u2019]")
_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA_HANGUL: Final = re.compile("[\u3040-\u30ff\uac00-\ud7af]")


def language(reading: Reading) -> Iterator[str]:
    """Find passages in another language, letters of another script, and languages that the guard cannot judge."""
    code = reading.grounds.locale.split("-")[0].lower()
    if not reading.common_words or code not in LANGUAGES:
        yield f"texts in '{reading.grounds.locale}' cannot be checked: there are no vocabularies for it"
        return
    for passage in reading.passages:
        if (
            code in _FUNCTION_SETS
            and not passage.text.isascii()
            and (foreign := _foreign_letter(passage.text, reading))
        ):
            yield f"{passage.passage.place}: {foreign!r} is not a letter of '{code}'"
        if not _reads_as(code, passage, reading.common_words, reading.facts.words):
            yield f"{passage.passage.place}: the text is not in '{code}'"


def _reads_as(code: str, passage: PassageReading, common: frozenset[str], words_of_record: Collection[str]) -> bool:
    """Say whether a passage is in a language: by its script, its common and small words, or the detector."""
    if code == "zh":
        return _is_chinese(passage.text, words_of_record)
    plain = [word for word in passage.text.split() if word.islower()]
    if sum(map(len, plain)) + len(plain) < _ENOUGH_CHARACTERS:
        return True
    bare = [word for one in plain if unit_named(word := _ELISION.sub("", one.strip(".,;:!?()\"'"))) is None]
    known = sum(word in common or fold(word) in common for word in bare)
    if known >= _MOSTLY * len(bare) or _only_quotes(code, bare, known, words_of_record):
        return True
    return _has_its_small_words(code, bare) or _sounds_like(code, " ".join(plain))


def _only_quotes(code: str, bare: list[str], known: int, words_of_record: Collection[str]) -> bool:
    """Say whether few words are left without those of the record, and no more small ones of another than known ones."""
    others = (some for other, some in _FUNCTION_SETS.items() if other != code)
    small = frozenset().union(*_FUNCTION_SETS.values())
    left = [word for word in bare if word in small or stem(word) not in words_of_record]
    strange = max(sum(word in some for word in bare) for some in others)
    return known >= strange and sum(len(word) + 1 for word in left) < _ENOUGH_CHARACTERS


def _is_chinese(text: str, words_of_record: Collection[str]) -> bool:
    """Say whether a text is of Chinese characters, none of them Japanese or Korean; the record's own words stay Latin.

    As in other languages, so few small words as a title has tell nothing.
    """
    if _KANA_HANGUL.search(text):
        return False
    words = (token.text for token in tokens(text) if token.kind == "w" and len(token.text) > 1)
    latin = [word for word in words if not _HAN.match(word)]
    strange = sum(stem(word) not in words_of_record for word in latin)
    few = sum(len(word) + 1 for word in latin if word.islower()) < _ENOUGH_CHARACTERS
    return 2 * strange <= len(_HAN.findall(text)) and (few or len(latin) <= len(_HAN.findall(text)))


def _has_its_small_words(code: str, bare: list[str]) -> bool:
    counts = {other: sum(word in some for word in bare) for other, some in _FUNCTION_SETS.items()}
    own = counts.pop(code, 0)
    return own * _FUNCTION_SHARE >= len(bare) and own >= 2 * max(counts.values())


@lru_cache(maxsize=512)
def _sounds_like(code: str, text: str) -> bool:
    """Ask the detector: milliseconds, so only where words leave a doubt."""
    return _detector().compute_language_confidence(text, LANGUAGES[code]) >= _DOUBT


@cache
def _detector() -> LanguageDetector:
    """Build the detector once: trigrams only, 16 MB for these languages."""
    return LanguageDetectorBuilder.from_languages(*LANGUAGES.values()).with_low_accuracy_mode().build()


def _foreign_letter(text: str, reading: Reading) -> str:
    if text.isascii():
        return ""
    for letter in dict.fromkeys(text):
        if letter.isascii() or not letter.isalpha():
            continue
        if unicodedata.name(letter, "").startswith(_OTHER_SCRIPTS) and not _in_sources(letter, reading):
            return letter
    return ""


def _in_sources(letter: str, reading: Reading) -> bool:
    return any(letter in source.text for source in reading.grounds.sources)
