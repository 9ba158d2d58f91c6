"""Texts that a record supports, in plain sentences: what a model learns to write where nobody has written a better one.

A text has two or three sentences about the product's attributes, the first one with its name. The guard judges each
like any other text.
"""

from __future__ import annotations

from random import Random
from typing import Final

from schemas.events import ProductFacts
from workers.tasks.product_facts import attribute_facts

_FEWEST: Final = 2
_MOST_WORDS: Final = 6
_SWITCHES: Final = frozenset({"yes", "no", "true", "false", "none", "n/a", "-", ""})
_VERBS: Final = {"material": "is made of", "weight": "weighs", "capacity": "holds"}
"""Names of attributes that are said by a verb."""

_OPENINGS: Final = {
    "product-description": "",
    "ad-copy": "",
    "social-post": "Meet the {product}. ",
}
TASKS: Final = tuple(_OPENINGS)
"""The tasks that this writes for."""


def told(task: str, product: ProductFacts, dice: Random) -> str | None:
    """Give a text for a task, its attributes chosen and ordered by the dice; None where too few can be said plainly."""
    plain = [(name, value) for name, value in attribute_facts(product) if _is_plain(value)]
    if len(plain) < _FEWEST or not product.title:
        return None
    most = _FEWEST if task == "ad-copy" else _FEWEST + 1
    chosen = dice.sample(plain, min(most, len(plain)))
    named = f"{product.title} by {product.brand}" if product.brand and dice.random() < 0.5 else product.title
    opening = _OPENINGS[task].format(product=named)
    sentences = [_said(*fact, of="" if opening or place else named) for place, fact in enumerate(chosen)]
    return opening + " ".join(sentences)


def fewer_facts(product: ProductFacts, dice: Random) -> ProductFacts:
    """Give the product without the seller's words and without some attributes, the others in another order."""
    names = list(product.attributes)
    kept = dice.sample(names, dice.randint(min(_FEWEST + 1, len(names)), len(names)))
    changed = {"attributes": {name: product.attributes[name] for name in kept}, "description": None}
    return product.model_copy(update=changed)


def _is_plain(value: str) -> bool:
    return value.lower() not in _SWITCHES and len(value.split()) <= _MOST_WORDS and "." not in value.rstrip(".")


def _said(name: str, value: str, *, of: str) -> str:
    if verb := _VERBS.get(name):
        return f"{f'The {of}' if of else 'It'} {verb} {value}."
    be = "are" if name.endswith("s") and not name.endswith("ss") else "is"
    return f"The {name} of the {of} {be} {value}." if of else f"Its {name} {be} {value}."
