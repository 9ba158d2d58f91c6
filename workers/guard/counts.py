"""What a record counts: a number of it is of whatever its clause names, in whatever order."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workers.guard.numerals import is_number_word
from workers.guard.quantity import Quantity
from workers.guard.tokens import Token
from workers.guard.units import unit_named

_AHEAD: Final = 7
_BACK: Final = 4
_RANGE: Final = frozenset(["to", "-", "\u2013"])
_JOINS: Final = frozenset("- \u2013 to or and / & x \u00d7".split())


def in_context(read: tuple[Quantity, ...], row: list[Token]) -> Iterator[Quantity]:
    """Give the quantities, those without a unit with the words around them: `480 long and short screws` are screws.

    A mark, and another count, end what is named; a measure does not (`four 6 mm bolts`), nor does the other end of a
    range.
    """
    if not read:
        return
    at = {token.start: place for place, token in enumerate(row)}
    for one in read:
        place = at.get(one.start)
        if one.dimension != "count" or one.shape or place is None:
            yield one
            continue
        yield one._replace(nouns=one.nouns | _ahead(row[place + 1 : place + 1 + _AHEAD]) | _back(row[:place][-_BACK:]))


def _ahead(row: list[Token]) -> frozenset[str]:
    named: list[str] = []
    for place, token in enumerate(row):
        if _is_number(token):
            in_range = not named and place and row[place - 1].text.lower() in _JOINS
            if not in_range and not _is_measure(row, place):
                break
        elif _ends(token):
            break
        elif _names(token):
            named.append(token.fold)
    return frozenset(named)


def _back(row: list[Token]) -> frozenset[str]:
    named: list[str] = []
    for place in range(len(row) - 1, -1, -1):
        token = row[place]
        if _is_number(token):
            if named and row[-1].text.lower() in _RANGE:
                # From 2 players to 10: both ends count the same.
                return frozenset(named)
            if named or place + 1 == len(row):
                # What stands between is counted by the other number.
                return frozenset()
        elif _ends(token):
            break
        elif _names(token):
            named.append(token.fold)
    return frozenset(named)


def _is_number(token: Token) -> bool:
    return token.kind == "n" or is_number_word(token.fold)


def _is_measure(row: list[Token], place: int) -> bool:
    after = next((token for token in row[place + 1 :] if token.text != "-"), None)
    return after is not None and (after.text in "\"'" or unit_named(after.text) is not None)


def _ends(token: Token) -> bool:
    return token.kind == "m" and token.text not in _JOINS and token.text not in "\"'"


def _names(token: Token) -> bool:
    return token.kind == "w" and token.text.lower() not in _JOINS and unit_named(token.text) is None
