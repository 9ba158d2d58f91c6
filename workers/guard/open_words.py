"""The open words of a record: which roots it affirms, which it only denies, and which words its attributes exclude."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from workers.guard.assertion import denials
from workers.guard.tokens import Token
from workers.guard.verdict import Source
from workers.guard.wording import NO_WORDING, Wording, root

_LONGEST_VALUE_WORDS: Final = 4
"""A longer value is prose: its words are not the one that holds of several."""


@dataclass(frozen=True, slots=True)
class OpenWords:
    """A record's words by root, each with its source: affirmed, denied, standing in an attribute's value.

    `chosen` are the words of short values that have opposites, as written in lower case; `opposites` are those that
    they rule out.
    """

    affirmed: dict[str, Source] = field(default_factory=dict)
    denied: dict[str, Source] = field(default_factory=dict)
    valued: dict[str, Source] = field(default_factory=dict)
    chosen: dict[str, Source] = field(default_factory=dict)
    opposites: dict[str, Source] = field(default_factory=dict)

    def add_text(self, row: list[Token], source: Source, words: Wording, *, is_value: bool) -> None:
        """Take the words of a value or text, and neighbours written as one."""
        denied = {
            place for first, last in denials(row) if not _has_number(row[first:last]) for place in range(first, last)
        }
        written = [(place, plain(token)) for place, token in enumerate(row) if token.kind == "w"]
        for place, word in written:
            (self.denied if place in denied else self.affirmed)[root(word, words.language)] = source
        for (_, left), (place, right) in pairwise(written):
            if place not in denied:
                self.affirmed[root(left + right, words.language)] = source
        if is_value:
            self.valued.update(self.affirmed)
            if len(written) <= _LONGEST_VALUE_WORDS:
                self.chosen.update({word: source for _, word in written if word in words.opposites})

    def add_name(self, row: list[Token], source: Source, words: Wording, *, denied: bool) -> None:
        """Take the words of an attribute's name; `not_for_kids: No` affirms kids."""
        scopes = denials(row)
        said = self.denied if denied != bool(scopes) else self.affirmed
        for token in row[scopes[0][0] :] if scopes else row:
            said[root(plain(token), words.language)] = source


def together(parts: Iterable[OpenWords], words: Wording | None) -> OpenWords:
    """Give the words of all fields of a record, the first field's source first; what one has no other rules out."""
    known = words or NO_WORDING
    whole = OpenWords()
    for one in parts:
        for all_of, its in ((whole.affirmed, one.affirmed), (whole.denied, one.denied), (whole.valued, one.valued)):
            for key, source in its.items():
                all_of.setdefault(key, source)
        whole.chosen.update(one.chosen)
    for word, source in whole.chosen.items():
        for other in known.opposites[word]:
            if root(other, known.language) not in whole.affirmed:
                whole.opposites[other] = source
    return whole


def _has_number(row: list[Token]) -> bool:
    """Say whether there is a number that a denial before it is of: do not wash above 30 degrees."""
    return any(token.kind == "n" for token in row)


def plain(token: Token) -> str:
    """Give a word as it is looked for: in lower case, without a possessive's ending."""
    return token.text.lower().replace("\u2019", "'").removesuffix("'s")
