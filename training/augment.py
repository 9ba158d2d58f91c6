"""More examples out of those there are: the same facts in another order, fewer of them, in other units or words.

Each function gives a product and a text that the product still supports, or None where it has nothing to change. What
a worker's guard makes of them decides whether they are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Final

from schemas.events import ProductFacts

Told = tuple[ProductFacts, str]
Augmentation = Callable[[ProductFacts, str, Random], Told | None]

_WORD: Final = re.compile(r"[^\W_]+")
_MEASURE: Final = re.compile(r"(?<![\w.,/-])(\d+(?:\.\d+)?)(\s?)([a-z]+)(?![\w/])", re.IGNORECASE)
_UNITS: Final[dict[str, tuple[str, float]]] = {
    "inches": ("cm", 2.54), "inch": ("cm", 2.54), "feet": ("m", 0.3048), "pounds": ("kg", 0.45359),
    "ounces": ("g", 28.35), "ounce": ("g", 28.35), "cm": ("inches", 1 / 2.54), "m": ("feet", 1 / 0.3048),
    "kg": ("pounds", 1 / 0.45359), "g": ("ounces", 1 / 28.35), "gallons": ("litres", 3.7854),
}  # fmt: skip
_SENTENCES: Final = (
    "The {name} is {value}.",
    "Its {name} is {value}.",
    "The product has {value} as its {name}.",
    "This product's {name} is {value}.",
)
_SWITCHES: Final = frozenset({"yes", "no", "true", "false", "none", "n/a", "-", "0", "1", ""})


def shuffled(product: ProductFacts, text: str, dice: Random) -> Told | None:
    """Put the attributes in another order: a model shall not learn that the first comes first."""
    names = list(product.attributes)
    other = dice.sample(names, len(names))
    if other == names:
        return None
    return product.model_copy(update={"attributes": {name: product.attributes[name] for name in other}}), text


def dropped(product: ProductFacts, text: str, dice: Random) -> Told | None:
    """Leave out an attribute of which the text says nothing."""
    said = frozenset(_words(text))
    unsaid = [name for name, values in product.attributes.items() if said.isdisjoint(_words(" ".join(values)))]
    if not unsaid or len(product.attributes) == 1:
        return None
    gone = dice.choice(unsaid)
    return product.model_copy(update={"attributes": {k: v for k, v in product.attributes.items() if k != gone}}), text


def converted(product: ProductFacts, text: str, _: Random) -> Told | None:
    """Give every measure that both say in the other system's unit, rounded alike in both."""
    both = {found[0].lower() for found in _MEASURE.finditer(text) if found[3].lower() in _UNITS}
    record = " ".join(value for values in product.attributes.values() for value in values).lower()
    shared = {measure for measure in both if measure in record}
    if not shared or len(shared) < len(both) or product.description:
        return None
    attributes = {name: tuple(map(_other_unit, values)) for name, values in product.attributes.items()}
    return product.model_copy(update={"attributes": attributes}), _other_unit(text)


def paraphrased(product: ProductFacts, _: str, dice: Random) -> Told | None:
    """State a plain attribute in one of a few fixed sentences."""
    plain = [
        (name, values)
        for name, values in product.attributes.items()
        if "." not in name and all(value.lower() not in _SWITCHES and len(value.split()) <= 4 for value in values)
    ]
    if not plain:
        return None
    name, values = dice.choice(plain)
    said = " and ".join(values) if len(values) < 3 else f"{', '.join(values[:-1])} and {values[-1]}"
    return product, dice.choice(_SENTENCES).format(name=" ".join(name.split("_")), value=said)


AUGMENTATIONS: Final[dict[str, Augmentation]] = {
    "shuffled": shuffled,
    "dropped": dropped,
    "converted": converted,
    "paraphrased": paraphrased,
}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _other_unit(text: str) -> str:
    return _MEASURE.sub(_other, text)


def _other(found: re.Match[str]) -> str:
    known = _UNITS.get(found[3].lower())
    if known is None:
        return found[0]
    unit, factor = known
    return f"{float(found[1]) * factor:.1f}".removesuffix(".0") + f" {unit}"
