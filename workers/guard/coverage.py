"""Open words: whatever a text says of a product in words that are no term, number or name must be in the record too.

A word is supported by any word of the record with the same root, by a synonym, or by the parts of a compound. Words
that state nothing are passed over, unless an attribute says their opposite. What a text denies the record must not
affirm, and what the record only denies a text may not affirm.
"""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from workers.guard.denials import THERE, Scope, ends_denied
from workers.guard.meant_words import meant_claims
from workers.guard.negated import value_negates
from workers.guard.numerals import is_number_word
from workers.guard.open_words import OpenWords, denied_directly, is_bound, plain
from workers.guard.tokens import Token
from workers.guard.units import unit_named
from workers.guard.verdict import Source
from workers.guard.word_support import WordClaim, support
from workers.guard.wording import Wording, root

_IDIOM: Final = frozenset(
    "disappoint disappointed regret compromise compromising sacrifice sacrificing worry bother hesitate overlook wrong "
    "stop wait miss forget matter beat else better mind fuss hassle".split()
)
"""Denied, these praise: you will not regret it, without compromising."""

_IDIOM_WORDS: Final = 4
"""Within so many words of a denial it is of an idiom: you will never have to worry."""

_INCLUSION: Final = frozenset("included includes include including supplied provided".split())

_BARE_DENIAL: Final = frozenset(
    "it is isn't this that they are aren't was does doesn't do don't did didn't has hasn't have not no at all really "
    "true so correct case the though however but actually in fact".split()
)
"""A sentence of these words alone, with a denial, takes back the sentence before it."""


def word_claims(
    row: list[Token], scopes: list[Scope], taken: set[int], passed: set[int], words: Wording, facts: OpenWords
) -> Iterator[WordClaim]:
    """Give what the open words of a sentence claim; neighbours that one source supports are one claim.

    `scopes` are what its denials reach, `taken` the tokens that are judged as terms, names or measures, `passed` those
    of them that were let pass as idle talk.
    """
    if (scopes or ends_denied(row)) and all(token.kind == "m" or plain(token) in _BARE_DENIAL for token in row):
        yield WordClaim(0, len(row), "denied", None)
        return
    denied = [claim for first, last in scopes for claim in _denied(row, first, last, words, facts, taken)]
    yield from denied
    if not scopes:
        yield from meant_claims(row, taken, passed, words, facts)
        yield from _included(row, words, facts)
    reached = {place for first, last in scopes for place in range(first, last)} | {claim.first for claim in denied}
    judged = taken | reached
    run: list[WordClaim] = []
    for place, token in enumerate(row):
        claim = _affirmed(row, place, words, facts) if token.kind == "w" and place not in judged else None
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
        measured = place > 0 and unit_named(row[place - 1].text) is not None
        against = not measured and (word in facts.opposites or _is_refuted(word, words, facts))
        return WordClaim(place, place + 1, "affirmed", None) if against else None
    source = support(row, place, words, facts)
    if source is None and (absent := _named_absent(row, place, words, facts)):
        return WordClaim(place, place + 1, "denied", absent)
    return WordClaim(place, place + 1, "affirmed", source)


def _named_absent(row: list[Token], place: int, words: Wording, facts: OpenWords) -> Source | None:
    """Give the source that denies what a text names to say that it is not there: `the scent is unscented`."""
    base = value_negates(row, place + 1)
    one = root(plain(row[place]), words.language)
    denied = words.related([root(base, words.language)]) if base else ()
    return next((facts.denied[other] for other in denied if other in facts.denied), None) if one in denied else None


def _is_refuted(word: str, words: Wording, facts: OpenWords) -> bool:
    """Say whether the record denies a word that states nothing by itself, and nowhere affirms it."""
    one = root(word, words.language) if facts.refuted and word not in words.grammar else ""
    return one in facts.refuted and one not in facts.told


def says_included(row: list[Token]) -> bool:
    """Say whether a sentence is about what comes with the thing."""
    return not _INCLUSION.isdisjoint(plain(token) for token in row)


def _included(row: list[Token], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give what a sentence says is included where the record says that it comes apart."""
    if not facts.apart or not says_included(row):
        return
    for place, token in enumerate(row):
        if token.kind == "w" and token.fold not in THERE and root(plain(token), words.language) in facts.apart:
            yield WordClaim(place, place + 1, "affirmed", None)


def _denied(
    row: list[Token], first: int, last: int, words: Wording, facts: OpenWords, taken: set[int]
) -> Iterator[WordClaim]:
    """Give the words that a text denies and the record does not, unless the record denies one of them."""
    if is_bound(row[first:last]) or _is_idiom(row[first:last]):
        return
    told = _weighty(row, range(first, last), words, facts) | _straight(row, first, last, words, facts)
    if not told and not _is_denied_alike(row[first:last], words, facts):
        told = _subject(row, first, words, facts)
    if not told and (run := _nothing_such(row, first, last, words, facts)):
        yield WordClaim(run[0], run[-1] + 1, "denied", None)
    by = next((facts.denied[one] for one in told.values() if one in facts.denied), None)
    for place, one in told.items():
        if by is not None or place not in taken or one in facts.affirmed:
            yield WordClaim(place, place + 1, "denied", by)


def _is_idiom(scope: list[Token]) -> bool:
    folds = [token.fold for token in scope]
    return not _IDIOM.isdisjoint(folds[:_IDIOM_WORDS]) or (folds[:1] == ["let"] and "down" in folds)


def _straight(row: list[Token], first: int, last: int, words: Wording, facts: OpenWords) -> dict[int, str]:
    """Give the words, by root, that a denial is of first and that the record has, whatever words they are."""
    run = denied_directly(row, first, last, words)
    told = {place: root(plain(row[place]), words.language) for place in run}
    told |= {
        left: root(plain(row[left]) + plain(row[right]), words.language)
        for left, right in pairwise(run)
        if told[left] not in facts.told
    }
    return {place: one for place, one in told.items() if one in facts.told}


def _nothing_such(row: list[Token], first: int, last: int, words: Wording, facts: OpenWords) -> list[int]:
    """Give the words of a thing that `no` denies and the record nowhere denies: no operating system."""
    run = denied_directly(row, first, last, words)
    said = [plain(row[place]) for place in run]
    known = any(words.is_quality(word) or root(word, words.language) in facts.denied for word in said)
    return run if len(run) > 1 and row[first - 1].fold == "no" and not known else []


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
