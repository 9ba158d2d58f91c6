"""What the name of an attribute says by itself: `width_cm`, `max_load`, `handle_material`."""

# ruff: noqa: SIM905  (word lists read best as lines)

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from workers.guard.bounds import bound_of
from workers.guard.gloss import is_native, read_field
from workers.guard.lexicon import Lexicon, Term
from workers.guard.quantity import Quantity
from workers.guard.roles import role_of
from workers.guard.text import normalise
from workers.guard.tokens import Token
from workers.guard.units import INCH, Unit, unit_named

ATTRIBUTE: Final = "attributes."
_VAGUE: Final = frozenset(
    "type name value unit number description information detail feature general collection option code count product "
    "item category bottom top kind note text title label list class group data spec specification property".split()
)
"""Words of an attribute's name that do not say which property it is."""

_NO_PARTS: Final = frozenset("material colour color fabric composition finish pattern".split())
"""Words of an attribute's name that do not say which part it is of."""

_NO_UNITS: Final = frozenset("year month day hour minute second foot".split())
"""At the end of an attribute's name these are no unit: a model year is not so many years."""

_USES: Final = {
    "activity": frozenset("sport activity occasion lifestyle hobby discipline room".split()),
    "season": frozenset("season climate weather occasion lifestyle".split()),
}
"""Words of the names of attributes that say what a thing is for, whatever values they have."""

_PLACELESS: Final = _NO_PARTS | _VAGUE
NAME_BREAKS: Final = re.compile(r"[_.:/()\[\]]+|(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class AttributeName:
    """What the name of an attribute says by itself, read once for all its values; all of it empty for other fields.

    `turns_on` is the word that it turns on, `uses` are the kinds of use that it is about, `terms` those in its words,
    `part` is the part of the thing that it is about; `unit`, `nouns`, `role` and `bound` are of the numbers in it.
    """

    words: tuple[Token, ...]
    turns_on: str
    uses: frozenset[str]
    terms: tuple[tuple[Term, ...], ...]
    part: str
    unit: Unit | None
    is_size: bool
    nouns: frozenset[str]
    role: str
    bound: str

    def of(self, quantity: Quantity) -> Quantity:
        """Give a value's quantity with what the name says of it: which side is measured, what is counted."""
        if not self.words:
            return quantity
        role, bound = quantity.role or self.role, quantity.bound or self.bound
        return quantity._replace(nouns=quantity.nouns | self.nouns, role=role, bound=bound)


@lru_cache(maxsize=4_096)
def attribute_name(field: str, lexicon: Lexicon) -> AttributeName:
    """Read the attribute's name in a field (`attributes.width_cm`); other fields have none."""
    words = _words_of(field, lexicon.language) if field.startswith(ATTRIBUTE) else ()
    return AttributeName(
        words=words,
        turns_on=next((one.fold for one in reversed(words) if one.fold not in _VAGUE and len(one.fold) > 2), ""),
        uses=frozenset(kind for kind, names in _USES.items() if any(token.fold in names for token in words)),
        terms=tuple(found.terms for found in lexicon.find(list(words), in_record=True)),
        part=_part(words, lexicon),
        unit=_unit_of(words),
        is_size=any(token.text.lower() in ("size", "sizes") for token in words),
        nouns=frozenset(one for token in words for one in (token.fold, role_of(token.fold)) if one),
        role=next((role for token in reversed(words) if (role := role_of(token.fold))), ""),
        bound=next((bound for token in words if (bound := bound_of(token.fold))), ""),
    )


def _words_of(field: str, language: str) -> tuple[Token, ...]:
    text = normalise(NAME_BREAKS.sub(" ", field[len(ATTRIBUTE) :]))
    native = bool(is_native(text, language))
    return tuple(token for token in read_field(text, language, sure=native, counted=True) if token.kind in "wn")


def _part(name: tuple[Token, ...], lexicon: Lexicon) -> str:
    """Give the part of the thing that an attribute's name turns on, unless that is the thing itself (`mug`)."""
    row = [token for token in name if token.fold not in _PLACELESS]
    kinds = {term.kind for found in lexicon.find(row, in_record=True) for term in found.terms}
    return row[-1].fold if row and "product" not in kinds else ""


def _unit_of(name: tuple[Token, ...]) -> Unit | None:
    """Give the unit that a name ends in: `width_cm`, `weight (g)`, `Height in`."""
    if len(name) < 2:
        return None
    last = name[-1].text.lower()
    return INCH if last == "in" else None if last in _NO_UNITS else unit_named(name[-1].text)
