"""Values of the record's own attributes in a text, whatever words they are: `espresso flavour`, `the weave is open`."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workers.guard.attribute_names import ATTRIBUTE
from workers.guard.denials import Scope
from workers.guard.facts import FactIndex
from workers.guard.lexicon import Lexicon
from workers.guard.numerals import is_number_word
from workers.guard.tokens import Token
from workers.guard.units import unit_named
from workers.guard.verdict import Source
from workers.guard.wording import root

_SMALL: Final = frozenset(
    "a an the its it's your our this that these those his her their with of in on at for to from by and or as is are "
    "be was were than but into while both if which when because so has have max maximum min minimum".split()
)
_IS: Final = frozenset(["is", "are", ":", "="])
_DEGREES: Final = frozenset("very so quite really truly always simply just also not".split())
_MOST_WORDS: Final = 3


def value_claims(
    text: str, row: list[Token], taken: set[int], words: Lexicon, facts: FactIndex
) -> Iterator[tuple[str, Source | None]]:
    """Give what a text says of an attribute that the record has, where it stands right before or after its name.

    A word that the record has anywhere supports; one that states nothing (a judgement), or that is `taken`, a term or a
    number that is judged as such, is passed over. A text about an attribute that the record lacks is not judged here.
    """
    places = [place for place, token in enumerate(row) if token.fold in facts.attributes and token.kind == "w"]
    for place in places:
        for said in (_before(row, place), *_after(row, place)):
            if said is None or said in taken or _is_unit(row, said) or _states_nothing(row[said], words):
                continue
            first, last = sorted((said, place))
            yield text[row[first].start : row[last].end], facts.words.get(row[said].fold)


def one_claims(
    text: str, row: list[Token], scopes: list[Scope], facts: FactIndex
) -> Iterator[tuple[str, Source | None]]:
    """Give `one` before what an attribute counts: `one handle` of `number_of_handles: 3` has no source.

    Nor has one that the text denies; `scopes` are what its denials reach.
    """
    for place in [place for place, token in enumerate(row[:-1]) if token.fold == "one"]:
        noun = row[place + 1].fold
        language = facts.wording.language
        named = facts.wording.related([root(noun, language)])
        counted = [
            said
            for said in facts.quantities.get("count", ())
            if said[1].field.startswith(ATTRIBUTE)
            and (noun in said[0].nouns or not named.isdisjoint(root(one, language) for one in said[0].nouns))
        ]
        if counted:
            denied = any(first <= place < last for first, last in scopes)
            by = next((by for one, by in counted if one.value == 1 and not denied), None)
            yield text[row[place].start : row[place + 1].end], by


def _before(row: list[Token], place: int) -> int | None:
    """Give the word right before an attribute's name (`espresso flavour`, `franco type chain`), if one is there."""
    for said in range(place - 1, max(place - 4, -1), -1):
        token = row[said]
        if token.text == "-" or token.fold in ("type", "style"):
            continue
        return said if token.kind == "w" and token.text.lower() not in _SMALL else None
    return None


def _after(row: list[Token], place: int) -> Iterator[int]:
    """Give the words that an attribute is said to be: `the weave is open and soft`, `weave: open`."""
    if place + 1 >= len(row) or row[place + 1].text.lower() not in _IS:
        return
    seen = 0
    for said in range(place + 2, len(row)):
        token = row[said]
        if token.text == "-" or token.text.lower() in _DEGREES | {"a", "an", "and", "or"}:
            continue
        if token.kind != "w" or token.text.lower() in _SMALL or seen == _MOST_WORDS:
            return
        seen += 1
        yield said


def _is_unit(row: list[Token], place: int) -> bool:
    """Say whether a word is the unit of the number before it, and so judged with it."""
    before = row[place - 1].kind if place else ""
    if before == "n" and row[place].start == row[place - 1].end:
        return True
    return unit_named(row[place].text) is not None and before in ("n", "m")


def _states_nothing(token: Token, words: Lexicon) -> bool:
    plain = token.text.lower()
    idle = plain in words.plain or token.fold in words.plain or plain.endswith("ly")
    return idle or is_number_word(token.fold)
