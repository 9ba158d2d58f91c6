"""Words, numbers and marks of a text, folded so that the same word in other spellings is the same."""

# ruff: noqa: RUF001  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"(?P<number>\d+(?:[.,]\d+)*)"
    r"|(?P<times>(?:(?<=\d)|(?<=\d ))[xX](?= ?\d)|×)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    r"|(?P<mark>[^\w\s]|_)"
)

# Letters of other scripts that look like Latin ones (Unicode UTS 39, the ones in common use for deception).
_LOOKALIKES: Final = str.maketrans(
    "аеорсухіјѕԁһԛԝкмтвнАВЕКМНОРСТУХІЈЅαορνικτχγηΑΒΕΖΗΙΚΜΝΟΡΤΥΧı",
    "aeopcyxijsdhqwkmtbhABEKMHOPCTYXIJSaopviktxynABEZHIKMNOPTYXi",
)


class Token(NamedTuple):
    """One word, number or mark: as written, where, and folded for comparison; `kind` is `n`, `x`, `w` or `m`."""

    kind: str
    text: str
    fold: str
    start: int
    end: int


_KINDS: Final = {"number": "n", "times": "x", "word": "w", "mark": "m"}


def tokens(text: str) -> list[Token]:
    """Cut a normalised text into tokens; hyphens and quotes are marks of their own."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = _KINDS[match.lastgroup or "mark"]
        written = match[0]
        found.append(Token(kind, written, stem(written) if kind == "w" else written, match.start(), match.end()))
    return found


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Fold a word: lower case, look-alike and accented letters to plain ones, no possessive, no plural."""
    plain = unaccented(word).lower()
    if plain.endswith(("'s", "’s")):
        plain = plain[:-2]
    return singular(plain)


def unaccented(word: str) -> str:
    """Give the word with look-alike letters of other scripts and accented letters as the plain Latin ones."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word.translate(_LOOKALIKES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def singular(word: str) -> str:
    """Take an English plural's ending off; other words stay, or lose a harmless `s` alike everywhere."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


def mixes_scripts(word: str) -> bool:
    """Say whether a word has Latin letters and look-alikes of another script together."""
    if word.isascii():
        return False
    names = {unicodedata.name(letter, "").split(" ")[0] for letter in word if letter.isalpha()}
    return "LATIN" in names and bool(names & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
