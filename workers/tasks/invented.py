"""Materials that do not exist: a small model misspells `cocona` into something that no vocabulary knows."""

from __future__ import annotations

import re

from schemas.events import ProductFacts
from schemas.ledger import RuleHit
from workers.guard.text import normalise
from workers.tasks.product_facts import fact_lines
from workers.tasks.task import Candidate
from workers.tasks.words import singulars

INVENTED_MATERIAL = "invented-material"
"""The rule that refuses what a text says a thing is made of, where the record has no such word."""

_MADE_OF = re.compile(
    r"\b(?:made|crafted|woven|knitted|built)\s+(?:out\s+)?(?:of|from|with|in)\s+"
    r"(.*?)(?=[.;:!?(]|\b(?:in|with|that|which|who|to|for|by|is|are|has|have|it|its|this|the)\b|$)",
    re.IGNORECASE,
)
_GENERAL = singulars(
    "and the blend mix mixture combination fabric material soft solid strong durable comfortable lightweight light "
    "high quality fine two three single layer fully entirely pure other variety range set piece"
)


def invented_materials(candidate: Candidate, product: ProductFacts) -> tuple[RuleHit, ...]:
    """Give a hit for each word after `made of` that is neither general nor anywhere in the record."""
    said = " ".join(passage.text for passage in candidate.passages if not passage.place.startswith("bullets"))
    clauses = _MADE_OF.findall(said)
    if not clauses:
        return ()
    known = singulars(normalise(fact_lines(product))) | _GENERAL
    strange = {word for clause in clauses for word in singulars(clause) - known}
    return tuple(RuleHit(rule=INVENTED_MATERIAL, detail=f"'{word}' is not in the facts") for word in sorted(strange))
