"""Worked examples in a prompt, and the check that nothing of them ends up in a shop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.events import ProductFacts
from schemas.ledger import RuleHit
from workers.tasks.answer import Answer
from workers.tasks.product_facts import fact_lines, product_sources
from workers.tasks.task import Candidate

EXAMPLE_LEAK = "example-leak"
"""The rule that refuses words out of a prompt's examples that the product's own record does not have."""

_WORD = re.compile(r"[^\W\d_]{4,}")
# ruff: noqa: SIM905  (a word list reads best as lines)
_COMMON = frozenset(
    "name brand type note material care pattern colour weight weather with that this under they them their from into "
    "over made warm cool your have let open shade damp cloth wipe afternoon diameter handle ring table serving two "
    "checked sunny calm under all long garden air sit".split()
)


@dataclass(frozen=True, slots=True)
class Example:
    """A product that no shop sells, and a text about it as it should be."""

    product: ProductFacts
    answer: Answer


# Their goods are out of the way, so that what a small model copies out of them is seen (`example_leaks`).
TRAY: Final = ProductFacts(
    product_id="example-1",
    title="Quillon Serving Tray",
    brand="Kirnu",
    categories=("Table/Trays",),
    attributes={
        "material": ("Tulipwood",),
        "diameter": ("38 cm",),
        "handles": ("Two brass rings",),
        "care": ("Wipe with a damp cloth",),
    },
)
PARASOL: Final = ProductFacts(
    product_id="example-2",
    title="Zephyrine Parasol",
    categories=("Garden/Shade/Parasols",),
    attributes={"material": ("Sailcloth", "Ash"), "pattern": ("Checked",), "weather": ("Sunny", "Calm")},
    description="Sit under the Zephyrine Parasol all afternoon. Its crank opens the canopy and a vent lets "
    "warm air out. \u2022 Crank. \u2022 Tilting mast.",
)


def example_leaks(candidate: Candidate, product: ProductFacts) -> tuple[RuleHit, ...]:
    """Give a hit for each telltale word that the product's own record does not have."""
    found = _words(" ".join(passage.text for passage in candidate.passages)) & _TELLTALES
    if found:
        found -= _words(" ".join((fact_lines(product), *(source.text for source in product_sources(product)))))
    return tuple(RuleHit(rule=EXAMPLE_LEAK, detail=f"'{word}' is not in the facts") for word in sorted(found))


def _words(text: str) -> frozenset[str]:
    return frozenset(_lower(text))


def _lower(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.lower()):
        yield word.removesuffix("s")


_TELLTALES: Final = (_words(fact_lines(TRAY)) | _words(fact_lines(PARASOL))) - _COMMON
"""The words of the examples' goods that give a copy away."""
