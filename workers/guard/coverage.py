"""Open words: whatever a text says of a product in words that are no term, number or name must be in the record too.

A word is supported by any word of the record with the same root, by a synonym, or by the parts of a compound. Words
that state nothing are passed over, unless an attribute says their opposite. What a text denies the record must not
affirm, and what the record only denies a text may not affirm.
"""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from workers.guard.assertion import Assertion
from workers.guard.denials import denials, ends_denied
from workers.guard.numerals import is_number_word
from workers.guard.open_words import OpenWords, is_bound, plain
from workers.guard.tokens import Token
from workers.guard.units import unit_named
from workers.guard.verdict import Source
from workers.guard.wording import Wording, root

_SHORTEST_PART: Final = 3
_IS: Final = frozenset(["is", "are", ":", "="])
_SHORT: Final = 10
_STATES: Final = frozenset(
    "is are has have come comes use uses feature features include includes fits used goes go works work runs run "
    "shaped controlled made mounted depicts shows contains holds".split()
)
"""What makes a statement of a short sentence."""

_KINDS: Final = frozenset("type style kind form product item set size name value number feature part one".split())
"""Words of attributes' names that say nothing of what the attribute is."""

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


def word_claims(
    row: list[Token], taken: set[int], passed: set[int], words: Wording, facts: OpenWords
) -> Iterator[WordClaim]:
    """Give what the open words of a sentence claim; neighbours that one source supports are one claim.

    `taken` are the tokens that are judged as terms, names or measures, `passed` those of them that were let pass as
    idle talk.
    """
    scopes = denials(row)
    if (scopes or ends_denied(row)) and all(token.kind == "m" or plain(token) in _BARE_DENIAL for token in row):
        yield WordClaim(0, len(row), "denied", None)
        return
    for first, last in scopes:
        yield from _denied(row, first, last, words, facts, taken)
    if not scopes:
        yield from _bare_statement(row, taken - passed, passed, words, facts)
        yield from _of_class(row, words, facts)
        yield from _beside_names(row, words, facts)
        yield from _listed(row, words, facts)
    denied = {place for first, last in scopes for place in range(first, last)}
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


def _bare_statement(
    row: list[Token], judged: set[int], passed: set[int], words: Wording, facts: OpenWords
) -> Iterator[WordClaim]:
    """Give the words of place, size, class and use that a short sentence states and nothing else: `The brim is narrow`.

    Where it also says something that is judged, or praises, they are idle.
    """
    if len(row) > _SHORT or any(token.kind == "n" or is_number_word(token.fold) for token in row):
        return
    verb = next((place for place, token in enumerate(row) if token.text.lower() in _STATES), None)
    told = [place for place in range(verb + 1, len(row)) if row[place].kind == "w"] if verb is not None else []
    if not told or judged & set(told):
        return
    said = {place: plain(row[place]) for place in told}
    if any(words.is_quality(word) or _is_told(root(word, words.language), facts) for word in said.values()):
        return
    about = any(root(plain(token), words.language) in facts.named for token in row if token.fold not in _KINDS)
    for place, word in said.items():
        weighs = words.is_scale(word) or place in passed or (about and row[place].fold not in _KINDS)
        if weighs and word not in words.grammar and place != verb and support(row, place, words, facts) is None:
            yield WordClaim(place, place + 1, "affirmed", None)


def _is_told(one: str, facts: OpenWords) -> bool:
    return one in facts.told and one not in facts.named


def _of_class(row: list[Token], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give the idle words that an attribute of such words is said to be and is not: `The climate is cool and mild`."""
    for place, token in enumerate(row[:-2]):
        if row[place + 1].text not in _IS or root(plain(token), words.language) not in facts.classed:
            continue
        for said in range(place + 2, len(row)):
            word = plain(row[said])
            if row[said].kind == "m" and row[said].text not in "-,":
                return
            idle = row[said].kind == "w" and (words.is_scale(word) or words.is_quality(word))
            if idle and root(word, words.language) not in facts.told:
                yield WordClaim(said, said + 1, "affirmed", None)


def _beside_names(row: list[Token], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give a word of place, size or class, or a letter, right before what an attribute is named for: a C cup."""
    for place, (token, after) in enumerate(pairwise(row)):
        word = plain(token)
        if token.kind != "w" or after.kind != "w" or root(plain(after), words.language) not in facts.named:
            continue
        letter = len(word) == 1 and word not in ("a", "s", "t")
        if (letter or words.is_scale(word)) and root(word, words.language) not in facts.affirmed:
            yield WordClaim(place, place + 1, "affirmed", None)


def _listed(row: list[Token], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give a word of place, size or class that a list has beside what the record says: `pine, office and cedar`."""
    for place, token in enumerate(row):
        if token.kind != "w" or not words.is_scale(plain(token)) or support(row, place, words, facts) is not None:
            continue
        beside = (row[place - 2 : place] if place > 1 else [], row[place + 2 : place : -1])
        if any(len(pair) == 2 and _joins(pair, words, facts) for pair in beside):
            yield WordClaim(place, place + 1, "affirmed", None)


def _joins(pair: list[Token], words: Wording, facts: OpenWords) -> bool:
    """Say whether something that the record says stands on the other side of a comma or an `and`."""
    other, joint = pair
    word = plain(other)
    told = other.kind == "w" and not words.is_idle(word) and root(word, words.language) in facts.told
    return told and joint.text.lower() in (",", "and", "or")


def _affirmed(row: list[Token], place: int, words: Wording, facts: OpenWords) -> WordClaim | None:
    """Give the claim of one word that is not denied; None where it states nothing."""
    word = plain(row[place])
    if len(word) == 1 and place and row[place].text.isupper():
        return WordClaim(place, place + 1, "affirmed", facts.affirmed.get(root(word, words.language)))
    idle = len(word) == 1 or is_number_word(row[place].fold) or words.is_idle(word)
    if idle:
        measured = place > 0 and unit_named(row[place - 1].text) is not None
        against = facts.opposites.get(word) if not measured else None
        return WordClaim(place, place + 1, "affirmed", None) if against else None
    return WordClaim(place, place + 1, "affirmed", support(row, place, words, facts))


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


def _denied(
    row: list[Token], first: int, last: int, words: Wording, facts: OpenWords, taken: set[int]
) -> Iterator[WordClaim]:
    """Give the words that a text denies and the record does not, unless the record denies one of them."""
    if is_bound(row[first:last]) or any(token.fold in _IDIOM for token in row[first:last]):
        return
    told = _weighty(row, range(first, last), words, facts)
    if not told and not _is_denied_alike(row[first:last], words, facts):
        told = _subject(row, first, words, facts)
    by = next((facts.denied[one] for one in told.values() if one in facts.denied), None)
    for place, one in told.items():
        if by is not None or place not in taken or one in facts.affirmed:
            yield WordClaim(place, place + 1, "denied", by)


def _is_denied_alike(scope: list[Token], words: Wording, facts: OpenWords) -> bool:
    """Say whether the record denies the same light words, or the denial is of a number."""
    said = [plain(token) for token in scope if token.kind == "w"]
    light = (root(word, words.language) for word in said if word not in words.grammar)
    return any(token.kind == "n" for token in scope) or any(one in facts.denied for one in light)


def _weighty(row: list[Token], places: Iterable[int], words: Wording, facts: OpenWords) -> dict[int, str]:
    """Give the words, by root, that a denial is about: what states something, and judgements that the record has."""
    told: dict[int, str] = {}
    for place in places:
        token, word = row[place], plain(row[place])
        if token.kind != "w" or is_number_word(token.fold) or unit_named(token.text) is not None:
            continue
        one = root(word, words.language)
        qualifies = one in facts.told and (words.is_quality(word) or words.is_scale(word) or token.text.isupper())
        if qualifies or not words.is_idle(word):
            told[place] = one
    return told


def _subject(row: list[Token], first: int, words: Wording, facts: OpenWords) -> dict[int, str]:
    """Give what the record has of the words before a denial that is of nothing else: the wick cannot be trimmed."""
    begin = first
    while begin and row[begin - 1].kind != "m":
        begin -= 1
    told = _weighty(row, range(begin, first), words, facts)
    return {place: one for place, one in told.items() if one in facts.affirmed or one in facts.denied}
