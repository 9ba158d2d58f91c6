"""Idle words that are meant: words of place, size, class and use where a sentence puts them in a value's place.

Everywhere else they state nothing; here they need a source in the record as any other word does.
"""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from workers.guard.numerals import is_number_word
from workers.guard.open_words import OpenWords, plain
from workers.guard.tokens import Token
from workers.guard.word_support import WordClaim, support
from workers.guard.wording import Wording, root

_IS: Final = frozenset(["is", "are", ":", "="])
_SHORT: Final = 10
_STATES: Final = frozenset(
    "is are has have come comes use uses feature features include includes fits used goes go works work runs run "
    "shaped controlled made mounted depicts shows contains holds".split()
)
"""What makes a statement of a short sentence."""

_KINDS: Final = frozenset("type style kind form product item set size name value number feature part one".split())
"""Words of attributes' names that say nothing of what the attribute is."""

_CLASSES: Final = frozenset(["type", "style"])
_POINTERS: Final = frozenset("the this that these those its".split())
_PLACES: Final = frozenset("left right front rear back upper lower top bottom inner outer inside outside".split())
"""Adjectives that are nouns as well: the top is of steel."""

_JOINTS: Final = frozenset([",", "and", "or", "&"])
_BETWEEN: Final = _JOINTS | {"a", "an", "the", "its"}
_ENDS: Final = frozenset(". , ; : ! ? ) and or".split())
_HYPHENS: Final = frozenset("-\u2010\u2011")
_PARTICLES: Final = frozenset("on in up off out down over under through back around".split())
_SAID_OF_ANYTHING: Final = frozenset(
    "stand-out go-to add-on one-on carry-on check-in follow-up in-depth in-house up-to on-going start-up".split()
)
"""Compounds with a particle that say nothing of how a thing is made."""

_HOLDERS: Final = frozenset("has have with includes include included comes contains features is and or by , in".split())
_LISTS_PARTS: Final = frozenset("includes include included contains".split())
_LEADS: Final = frozenset("of from by for with on in as".split())
_LED: Final = frozenset(
    "made meant designed used intended suitable compatible works work runs run mounted controlled operated worked "
    "powered activated operates adjusted opened closed styled mount mounts attach attaches attached".split()
)
"""Beside one of `_LEADS` these lead to what a thing is made of, works by or is meant for."""

_MANNER: Final = frozenset(
    "must match look feel fit finish start hit find cost try rest change help need way lot bit touch twist treat boost "
    "minute moment while day week year time use years life example ease care".split()
)
"""With an article these are how something looks or goes, and nothing that it has."""


def meant_claims(
    row: list[Token], taken: set[int], passed: set[int], words: Wording, facts: OpenWords
) -> Iterator[WordClaim]:
    """Give the idle words of a sentence without denials that stand for a value which the record does not have.

    `taken` and `passed` are as in `workers.guard.coverage.word_claims`.
    """
    yield from _bare_statement(row, taken - passed, passed, words, facts)
    yield from _of_class(row, words, facts)
    yield from _beside_names(row, words, facts)
    yield from _listed(row, words, facts)
    yield from _constructed(row, words, facts)
    closing = [place for place in range(1, len(row)) if row[place].kind == "w" and _ends_phrase(row, place)]
    yield from _owned(row, closing, words, facts)
    yield from _said_to_be(row, closing, words, facts)
    yield from _typed(row, words, facts)
    yield from _as_noun(row, words, facts)


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
        idle = word in words.grammar or row[place].text.lower() in _STATES or _is_the_thing(row, place)
        if not weighs or idle:
            continue
        if support(row, place, words, facts) is None:
            yield WordClaim(place, place + 1, "affirmed", None)


def _is_the_thing(row: list[Token], place: int) -> bool:
    """Say whether a word stands for the product, which holds what is told: in this kit, with each set."""
    before = [token.text.lower() for token in row[max(0, place - 2) : place]]
    return len(before) > 1 and before[0] in ("in", "with") and before[1] in ("this", "these", "each", "every", "the")


def _is_told(one: str, facts: OpenWords) -> bool:
    return one in facts.told and one not in facts.named


def _of_class(row: list[Token], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give the idle words that an attribute is said to be and is not: `The climate is cool and mild`.

    A judgement counts where the attribute has such words, or where it is written as a value is, with a capital.
    """
    for verb in [place for place, token in enumerate(row[:-1]) if token.text in _IS and place]:
        about = root(plain(row[verb - 1]), words.language)
        if about not in facts.named:
            continue
        for said in range(verb + 1, len(row)):
            word = plain(row[said])
            if row[said].kind == "m" and row[said].text not in "-,":
                return
            classed = about in facts.classed
            judges = (classed or row[said].text[0].isupper()) and words.is_quality(word)
            if row[said].kind != "w" or not (words.is_scale(word) or judges):
                continue
            # What has such values has them as written: warm is not hot.
            told = root(word, words.language) in facts.told
            if not told and (classed or support(row, said, words, facts) is None):
                yield WordClaim(said, said + 1, "affirmed", None)


def _beside_names(row: list[Token], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give a word of place, size or class, or a letter, right beside what an attribute is named for: a C cup."""
    roots = [root(plain(token), words.language) if token.kind == "w" else "" for token in row]
    if facts.named.keys().isdisjoint(roots):
        return
    for place, (left, right) in enumerate(pairwise(_unhyphened(row))):
        if row[left].kind != "w" or row[right].kind != "w":
            continue
        if roots[right] in facts.named:
            word = plain(row[left])
            after_number = left > 0 and row[left - 1].kind == "n"
            letter = len(word) == 1 and word not in ("a", "s", "t") and not after_number
            if (letter or words.is_scale(word)) and roots[left] not in facts.affirmed:
                yield WordClaim(left, left + 1, "affirmed", None)
        named = place and roots[left] in facts.named and row[left].fold not in _KINDS
        weighs = named and plain(row[left]) not in words.grammar and words.is_scale(plain(row[right]))
        if not weighs or not _ends_phrase(row, right):
            continue
        if support(row, right, words, facts) is None:
            yield WordClaim(right, right + 1, "affirmed", None)


def _unhyphened(row: list[Token]) -> Iterator[int]:
    """Give the places of all tokens but hyphens."""
    return (place for place, token in enumerate(row) if token.text not in _HYPHENS)


def _listed(row: list[Token], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give an idle word that a list has beside what the record says: `pine, office and cedar`, `remote or touch`."""
    joints = [place for place, token in enumerate(row) if token.text.lower() in _BETWEEN]
    for place in sorted({beside for joint in joints for beside in (joint - 1, joint + 1) if 0 <= beside < len(row)}):
        if row[place].kind != "w" or not _may_be_value(row, place, words):
            continue
        joined = _joins(row, place, -1, words, facts) or _joins(row, place, 1, words, facts)
        if joined and support(row, place, words, facts) is None:
            yield WordClaim(place, place + 1, "affirmed", None)


def _may_be_value(row: list[Token], place: int, words: Wording) -> bool:
    """Say whether an idle word may be a value: one of place, size or class, or a noun that ends what it is part of."""
    word = plain(row[place])
    if words.is_scale(word):
        return True
    judges = words.is_quality(word) or word in words.grammar
    return not judges and words.is_idle(word) and word not in _KINDS and _ends_phrase(row, place)


def _ends_phrase(row: list[Token], place: int) -> bool:
    """Say whether nothing follows that a word could belong to."""
    return place + 1 == len(row) or row[place + 1].text.lower() in _ENDS


def _joins(row: list[Token], place: int, step: int, words: Wording, facts: OpenWords) -> bool:
    """Say whether something that the record says stands on the other side of a comma, an `and` or an `or`."""
    at, joined = place + step, False
    while 0 <= at < len(row) and (said := row[at].text.lower()) in _BETWEEN:
        joined = joined or said in _JOINTS
        at += step
    if not joined or not 0 <= at < len(row) or row[at].kind != "w":
        return False
    word = plain(row[at])
    return not words.is_idle(word) and root(word, words.language) in facts.told


def _constructed(row: list[Token], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give what a particle makes of an idle word and the record does not say: `twist-on`, `in-dash`."""
    for place in [place for place, token in enumerate(row[:-1]) if token.text in _HYPHENS and place]:
        if row[place - 1].kind != "w" or row[place + 1].kind != "w":
            continue
        left, right = plain(row[place - 1]), plain(row[place + 1])
        if (left in _PARTICLES) == (right in _PARTICLES) or f"{left}-{right}" in _SAID_OF_ANYTHING:
            continue
        said = right if left in _PARTICLES else left
        if words.is_idle(said) and said not in words.grammar and root(said, words.language) not in facts.affirmed:
            yield WordClaim(place - 1, place + 2, "affirmed", None)


def _owned(row: list[Token], closing: list[int], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give an idle word that is all that a thing is said to have or to be for: `with a case`, `controlled by touch`.

    `closing` are the places of the words that nothing follows which they could belong to.
    """
    for place in closing:
        article = row[place - 1].text.lower() in ("a", "an") and place > 1
        at = place - 1 - article
        pointed = row[at].text.lower() == "the"
        if not (_holds(row, at, article=article) or _serves(row, at - pointed)):
            continue
        word = plain(row[place])
        idle = words.is_idle(word) and not words.is_quality(word) and word not in words.grammar
        if idle and word not in _KINDS and word not in _MANNER and support(row, place, words, facts) is None:
            yield WordClaim(place, place + 1, "affirmed", None)


def _holds(row: list[Token], at: int, *, article: bool) -> bool:
    """Say whether what follows token `at` is something that a thing has."""
    return row[at].text.lower() in (_HOLDERS if article else _LISTS_PARTS)


def _serves(row: list[Token], at: int) -> bool:
    """Say whether what follows token `at` is what a thing is made of, works by, or is meant for."""
    return at > 0 and row[at].text.lower() in _LEADS and row[at - 1].text.lower() in _LED


def _said_to_be(row: list[Token], closing: list[int], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give a word of place, size or class that something is said to be, whatever else is said: `is hard and 1 cm`."""
    for place in closing:
        if row[place - 1].text.lower() not in ("is", "are"):
            continue
        if words.is_scale(plain(row[place])) and not _is_stated(row, place, words, facts):
            yield WordClaim(place, place + 1, "affirmed", None)


def _is_stated(row: list[Token], place: int, words: Wording, facts: OpenWords) -> bool:
    """Say whether the record has a word otherwise than by an attribute's name: a `width` of 3 cm is not wide."""
    one = root(plain(row[place]), words.language)
    by_name = not any(other in facts.told for other in (one, *words.synonyms.get(one, ())))
    return support(row, place, words, facts) is not None and not (by_name and words.synonyms.get(one))


def _typed(row: list[Token], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give an idle word that is the type of what an attribute is named for: a point type collar, a twist on style lid.

    So used it is a value, whatever it is elsewhere.
    """
    if not facts.named or _CLASSES.isdisjoint([token.fold for token in row]):
        return
    places = list(_unhyphened(row))
    for at in range(1, len(places) - 1):
        of_class = row[places[at]].fold in _CLASSES and row[places[at + 1]].kind == "w"
        if not of_class or root(plain(row[places[at + 1]]), words.language) not in facts.named:
            continue
        place = places[at - 2] if at > 1 and row[places[at - 1]].fold in _PARTICLES else places[at - 1]
        word = plain(row[place])
        passed_over = word in words.grammar or words.is_quality(word) or row[place].fold in _KINDS
        if row[place].kind == "w" and not passed_over and support(row, place, words, facts) is None:
            yield WordClaim(place, place + 1, "affirmed", None)


def _as_noun(row: list[Token], words: Wording, facts: OpenWords) -> Iterator[WordClaim]:
    """Give an adjective of size or class that stands for the thing itself: `The wide is 4 cm long`."""
    for place in range(1, len(row) - 1):
        if row[place - 1].text.lower() not in _POINTERS or row[place + 1].text.lower() not in _STATES:
            continue
        word = plain(row[place])
        if word not in words.opposites or word in _PLACES or root(word, words.language) in facts.named:
            continue
        if not _is_stated(row, place, words, facts):
            yield WordClaim(place, place + 1, "affirmed", None)
