"""Open words: whatever a text says of a product in words that are no term, number or name must be in the record too.

A word is supported by any word of the record with the same root, by a synonym, or by the parts of a compound. Words
that state nothing are passed over, unless an attribute says their opposite. What a text denies the record must not
affirm, and what the record only denies a text may not affirm.
"""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from workers.guard.assertion import Assertion, denials
from workers.guard.numerals import is_number_word
from workers.guard.open_words import OpenWords, plain
from workers.guard.tokens import Token
from workers.guard.verdict import Source
from workers.guard.wording import Wording, root

_SHORTEST_PART: Final = 3
_IDIOM: Final = frozenset(
    "disappoint disappointed regret compromise compromising sacrifice sacrificing worry bother hesitate overlook wrong "
    "stop wait miss forget matter beat down else better mind fuss hassle".split()
)
"""Denied, these praise: you will not regret it, without compromising."""

_BARE_DENIAL: Final = frozenset(
    "it is isn't this that they are aren't was does doesn't do don't did didn't has hasn't have not no at all really "
    "true so correct case the though however but actually in fact".split()
)
"""A sentence of these words alone, with a denial, takes back the sentence before it."""


@dataclass(frozen=True, slots=True)
class WordClaim:
    """Words of a text at tokens [first, last), how they are asserted, and the source that says so, if one does."""

    first: int
    last: int
    assertion: Assertion
    source: Source | None


def word_claims(row: list[Token], taken: set[int], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give what the open words of a sentence claim; neighbours that one source supports are one claim.

    `taken` are the tokens that are judged as terms, names or measures.
    """
    scopes = denials(row)
    if scopes and all(token.kind == "m" or plain(token) in _BARE_DENIAL for token in row):
        yield WordClaim(0, len(row), "denied", None)
        return
    denied = {place for first, last in scopes for place in range(first, last)}
    for first, last in scopes:
        yield from _denied(row, first, last, words, facts, taken)
    run: list[WordClaim] = []
    for place, token in enumerate(row):
        claim = _affirmed(row, place, words, facts) if place not in taken | denied and token.kind == "w" else None
        if run and (claim is None or claim.source is not run[-1].source or claim.source is None):
            yield WordClaim(run[0].first, run[-1].last, "affirmed", run[0].source)
            run = []
        if claim is not None:
            run.append(claim)
    if run:
        yield WordClaim(run[0].first, run[-1].last, "affirmed", run[0].source)


def _affirmed(row: list[Token], place: int, words: Wording, facts: OpenWords) -> WordClaim | None:
    """Give the claim of one word that is not denied; None where it states nothing."""
    word = plain(row[place])
    if len(word) == 1 and place and row[place].text.isupper():
        return WordClaim(place, place + 1, "affirmed", facts.affirmed.get(root(word, words.language)))
    idle = len(word) == 1 or is_number_word(row[place].fold) or words.is_idle(word)
    if idle:
        against = facts.opposites.get(word)
        return WordClaim(place, place + 1, "affirmed", None) if against else None
    return WordClaim(place, place + 1, "affirmed", support(row, place, words, facts))


def support(row: list[Token], place: int, words: Wording, facts: OpenWords) -> Source | None:
    """Give the source that has a word of the text, in another form or other words, or None."""
    word = plain(row[place])
    own = root(word, words.language)
    for one in (own, *words.synonyms.get(own, ())):
        if source := facts.affirmed.get(one):
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


def _denied(
    row: list[Token], first: int, last: int, words: Wording, facts: OpenWords, taken: set[int]
) -> Iterator[WordClaim]:
    """Give the words that a text denies and the record does not, unless the record denies one of them."""
    told = [place for place in range(first, last) if row[place].kind == "w" and len(row[place].text) > 1]
    if any(row[place].fold in _IDIOM for place in told) or any(token.kind == "n" for token in row[first:last]):
        # What a denied number does not say is judged with the number.
        return
    said = {place: root(plain(row[place]), words.language) for place in told}
    by = next((facts.denied[one] for one in said.values() if one in facts.denied), None)
    for place, one in said.items():
        idle = words.is_idle(plain(row[place]))
        if by is not None:
            if not idle:
                yield WordClaim(place, place + 1, "denied", by)
        elif (not idle or one in facts.valued) and (place not in taken or one in facts.affirmed):
            yield WordClaim(place, place + 1, "denied", None)
