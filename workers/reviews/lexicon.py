"""What words are worth in a review, by language: our own lists, and VADER's behind them in English.

`vocabulary/LANGUAGE/opinions.txt` has one word or phrase a line with its worth from -4 to 4, `modifiers.txt` the words
that change others: a number multiplies; `deny` turns round, `lessen` turns only criticism round (less noisy), `unreal`
is only wished or supposed, `turn` outweighs what stood before it, `stop` ends a denial, `excess` makes praise of
nothing (too soft). General words that our list lacks have the worth that ten people gave them (VADER: Hutto and
Gilbert 2014).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

VOCABULARY: Final = Path(__file__).parent / "vocabulary"
_LETTER: Final = r"[^\W\d_\u3400-\u9fff]"
_WORD: Final = re.compile(rf"[\u3400-\u9fff]|{_LETTER}+(?:'{_LETTER}+)*|\d+|[.,;:!?()\u3001\u3002]")
_PUNCTUATION: Final = frozenset(".,;:!?()\u3001\u3002")
_SHORTEST_STEM: Final = 3


class Opinion(NamedTuple):
    """A word or phrase that is worth something: words [first, last) of a row, from -4 to 4."""

    first: int
    last: int
    worth: float


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The worth of a language's words; `phrases` go by their first word, longest first, and `stems` lack their star."""

    language: str
    words: dict[str, float]
    stems: dict[str, float]
    phrases: dict[str, tuple[tuple[tuple[str, ...], float], ...]]
    modifiers: dict[str, frozenset[str]]
    degrees: dict[str, float]

    def opinions(self, row: tuple[str, ...]) -> Iterator[Opinion]:
        """Find what is worth something, left to right; a degree before such a word is only its degree (pretty good)."""
        at = 0
        while at < len(row):
            length, worth = self._longest(row, at)
            if worth and not (length == 1 and row[at] in self.degrees and self._worth_at(row, at + 1)):
                yield Opinion(at, at + length, worth)
            at += length

    def is_a(self, kind: str, word: str) -> bool:
        """Say whether a word modifies others in this way."""
        return word in self.modifiers.get(kind, ())

    def _longest(self, row: tuple[str, ...], at: int) -> tuple[int, float]:
        for phrase, worth in self.phrases.get(row[at], ()):
            if row[at : at + len(phrase)] == phrase:
                return len(phrase), worth
        return 1, self._worth(row[at])

    def _worth_at(self, row: tuple[str, ...], at: int) -> float:
        return self._longest(row, at)[1] if at < len(row) else 0.0

    def _worth(self, word: str) -> float:
        found = self.words.get(word)
        if found is not None or word in _PUNCTUATION:
            return found or 0.0
        starts = (word[:length] for length in range(len(word), _SHORTEST_STEM - 1, -1))
        return next((self.stems[start] for start in starts if start in self.stems), 0.0)


def words_of(text: str) -> tuple[str, ...]:
    """Give the words, numbers and punctuation of a text in lower case; a Chinese character is a word."""
    return tuple(_WORD.findall(text.lower().replace("\u2019", "'")))


@cache
def lexicon(language: str) -> Lexicon | None:
    """Give the lexicon of a language (`en`), or None where we have none."""
    folder = VOCABULARY / language
    if not language.isalpha() or not folder.is_dir():
        return None
    own = {name: float(worth) for name, worth in _entries(folder / "opinions.txt")}
    modifiers = {name: frozenset(some.split()) for name, some in _entries(folder / "modifiers.txt")}
    phrases: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for name, worth in own.items():
        row = words_of(name)
        if len(row) > 1:
            phrases.setdefault(row[0], []).append((row, worth))
    return Lexicon(
        language=language,
        words=(_general() if language == "en" else {}) | {name: worth for name, worth in own.items() if _is_word(name)},
        stems={name[:-1]: worth for name, worth in own.items() if name.endswith("*")},
        phrases={first: tuple(sorted(some, key=lambda each: -len(each[0]))) for first, some in phrases.items()},
        modifiers={name: some for name, some in modifiers.items() if name.isalpha()},
        degrees={word: float(name) for name, some in modifiers.items() if not name.isalpha() for word in some},
    )


def _is_word(name: str) -> bool:
    return not name.endswith("*") and len(words_of(name)) == 1


def _entries(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(": ")
            yield name, value


def _general() -> dict[str, float]:
    """Give VADER's words; its phrases of signs (emoticons) are no words here."""
    rows = files("vaderSentiment").joinpath("vader_lexicon.txt").read_text(encoding="utf-8").splitlines()
    return {
        name: float(worth) for name, worth, *_ in (row.split("\t") for row in rows if row.strip()) if name.isalpha()
    }
