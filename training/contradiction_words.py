"""Words made comparable, and what it mechanically means that a record has what a sentence says.

Nothing here asks the guard, or folds as it does: what judges must not also say what is true.
"""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_INCH: Final = re.compile(r"(?<=\d)\s*(?:[\"\u201d]|in\b(?=\s*(?:[.,;x)]|by\b|long|wide|tall|high|deep|$)))")
"""An inch's sign, or its letters where no word follows that would make a preposition of them."""

_GRAMMAR: Final = frozenset(
    "a an the this that these those it its they their them there he she his her you your we our i and or but nor so if "
    "then than as of in on at to from by for with into onto over under up out off about is are was were be been being "
    "has have had having do does did can could will would should may might must not no yes which who whom whose what "
    "when where while also both all each any some only just very too more most made make come include feature product "
    "item thing set kit people person s t isn aren doesn don".split()
)
"""Words of grammar, and the few without which nobody says what a product is or has; folded."""

NUMBER_WORDS: Final = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
_SAME: Final = {
    form: family
    for family in (
        "inch inche",
        "foot feet ft",
        "pound lb lbs",
        "ounce oz",
        "gram g",
        "kilogram kg",
        "millimeter millimetre mm",
        "centimeter centimetre cm",
        "meter metre",
        "hour hr",
        "minute min",
        "volt v",
        "watt w",
        "color colour",
        "gray grey",
        "man men male gentleman gentlemen",
        "woman women female lady ladies",
        "autumn fall",
        "macintosh mac",
        "child children kid",
    )
    for form in family.split()
}
"""Other ways to write the same word, for comparison; a way of spelling, not of meaning."""


def words(text: str) -> list[str]:
    """Give the words and numbers of a text, folded: lower case, no plural or verb ending, numbers in figures."""
    return [fold(word) for word in written_words(_INCH.sub(" inches ", text))]


def written_words(text: str) -> list[str]:
    """Give the words and numbers of a text as they are written."""
    return _WORD.findall(text)


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Fold one word: `Batteries` -> `battery`, `printed` -> `print`, `three` -> `3`, `10.0` -> `10`."""
    word = word.lower()
    if word[0].isdigit():
        plain = word.replace(",", "")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    word = NUMBER_WORDS.get(word, word)
    family = _SAME.get(word) or _SAME.get(re.sub(r"s$", "", word))
    return family.split()[0] if family else _without_ending(word)


def _without_ending(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending)
            break
    return word.removesuffix("e")


def content(text: str) -> frozenset[str]:
    """Give the folded words and numbers of a text that are not grammar."""
    return frozenset(words(text)) - _FOLDED_GRAMMAR


_FOLDED_GRAMMAR: Final = frozenset(fold(word) for word in _GRAMMAR)


def is_in_record(text: str, record: str) -> bool:
    """Say whether each content word and number of a text stands in the record's text: its facts are in the record.

    A text that denies something is in no record without a denial.
    """
    return content(text) <= frozenset(words(record)) and not (denies(text) and not denies(record))


def denies(text: str) -> bool:
    """Say whether a text has a word that denies; the `no` that begins an answer denies nothing yet."""
    return _DENIES.search(re.sub(r"(?i)^\W*no\W+", "", text)) is not None


_DENIES: Final = re.compile(
    r"(?i)\b(?:not|no|non|none|nor|never|without|cannot|false|free|except|0)\b|n['\u2019]t\b|\b(?:isnt|doesnt|dont|cant)\b"
    r"|\bun(?=\w{3,}ed\b)|\w{3}less\b"
)
