"""What is computed from a product once, however often a text about it is judged."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, TypeVar

from schemas.events import ProductFacts

Result = TypeVar("Result")

_KEPT: Final = 256
"""Products whose results are kept: more than a worker writes about at a time."""


class _This:
    """A product known by which object it is: records are frozen, but their dictionaries have no hash."""

    __slots__ = ("product",)

    def __init__(self, product: ProductFacts) -> None:
        self.product = product

    def __hash__(self) -> int:
        return id(self.product)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and other.product is self.product


def once_per_product(read: Callable[[ProductFacts], Result]) -> Callable[[ProductFacts], Result]:
    """Make a pure function of a product compute its result once for each object, for the last few of them."""

    @lru_cache(maxsize=_KEPT)
    def kept(this: _This) -> Result:
        return read(this.product)

    @wraps(read)
    def reading(product: ProductFacts) -> Result:
        return kept(_This(product))

    return reading
