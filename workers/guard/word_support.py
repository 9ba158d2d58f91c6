"""The claim of an open word, and the source that has the word: in another form, in other words, in parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workers.guard.assertion import Assertion
from workers.guard.open_words import OpenWords, plain
from workers.guard.tokens import Token
from workers.guard.verdict import Source
from workers.guard.wording import Wording, root

_SHORTEST_PART: Final = 3


@dataclass(frozen=True, slots=True)
class WordClaim:
    """Words of a text at tokens [first, last), how they are asserted, and the source that says so, if one does."""

    first: int
    last: int
    assertion: Assertion
    source: Source | None


def support(row: list[Token], place: int, words: Wording, facts: OpenWords) -> Source | None:
    """Give the source that has a word of the text, in another form or other words, or None."""
    word = plain(row[place])
    own = root(word, words.language)
    if source := facts.affirmed.get(own):
        return source
    for one in words.synonyms.get(own, ()):
        # What an attribute is named for says which values it may have, not which it has: fuel is not gas.
        if source := facts.told.get(one) or (facts.named.get(one) if words.is_idle(word) else None):
            return source
    return _joined(row, place, words, facts) or _parted(word, words, facts)


def _joined(row: list[Token], place: int, words: Wording, facts: OpenWords) -> Source | None:
    """Read `flash light` where the record has a flashlight."""
    for first in (place - 1, place):
        pair = [token for token in row[max(first, 0) : first + 2] if token.kind == "w"]
        if len(pair) == 2 and (source := facts.affirmed.get(root("".join(map(plain, pair)), words.language))):
            return source
    return None


def _parted(word: str, words: Wording, facts: OpenWords) -> Source | None:
    """Read `flashlight` where the record has a flash light."""
    for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        left, right = word[:cut], word[cut:]
        source = facts.affirmed.get(root(right, words.language))
        if source and (root(left, words.language) in facts.affirmed or words.is_idle(left)):
            return source
    return None
