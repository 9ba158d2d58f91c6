"""Words, numbers and marks of a text, folded so that the same word in other spellings is the same."""

# ruff: noqa: RUF001  (look-alike letters are meant; word lists read best as lines)

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Final, NamedTuple

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN: Final = re.compile(
    r"\d+(?:[.,]\d+)*"
    r"|((?:(?<=\d)|(?<=\d ))[xX](?= ?\d)|×)"
    rf"|[{_HAN}]"
    rf"|[^\W\d_{_HAN}]+(?:['’][^\W\d_{_HAN}]+)*"
    r"|[^\w\s]|_"
)
_TIMES: Final = re.compile(r"\d ?[xX] ?\d")

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


class Gloss(Token):
    """A token that stands for a word of another language, at that word's place; its letters touch nothing there."""

    __slots__ = ()


_new_token: Final = partial(tuple.__new__, Token)
"""A quarter of the time of Token(...): a text is cut for each verdict."""


def tokens(text: str) -> list[Token]:
    """Cut a normalised text into tokens; hyphens and quotes are marks of their own, each Chinese character a word."""
    if _TIMES.search(text):
        return list(_cut(text))
    found: list[Token] = []
    at = 0
    for piece in text.split(" "):
        for kind, written, fold, start, end in _piece(piece):
            found.append(_new_token((kind, written, fold, at + start, at + end)))
        at += len(piece) + 1
    return found


@lru_cache(maxsize=32_768)
def _piece(text: str) -> tuple[Token, ...]:
    """Cut what stands between two spaces, which most texts share; only a sign of times looks across a space."""
    return tuple(_cut(text))


def _cut(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        written = text[start:end]
        kind, fold = ("x", written) if match.lastindex else _read(written)
        yield _new_token((kind, written, fold, start, end))


@lru_cache(maxsize=65_536)
def _read(written: str) -> tuple[str, str]:
    """Give the kind of a token and what it is folded to."""
    first = written[0]
    if first.isdecimal():
        return "n", written
    return ("w", stem(written)) if first.isalnum() else ("m", written)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Fold a word: lower case, look-alike and accented letters to plain ones, no possessive, no plural.

    Endings of verbs stay: what a word is derived from is `workers.guard.wording.root`'s to say.
    """
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
