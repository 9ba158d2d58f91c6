"""The products known beside a shopper: the interface, and a fake of it in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from schemas.events import ProductFacts


class KnownProducts(Protocol):
    """The newest facts of every product."""

    def product(self, product_id: str) -> ProductFacts | None:
        """Give the newest known facts of a product, None when it is unknown or deleted."""
        ...

    def near(self, categories: tuple[str, ...], limit: int) -> Iterator[ProductFacts]:
        """Give up to `limit` products that share a category path, or a part of it, deepest first, then by id."""
        ...

    def catch_up(self, timeout_seconds: float) -> bool:
        """Wait until all that the shop has said so far is known; False after the time-out.

        Raises BrokerUnavailable.
        """
        ...


class FakeKnownProducts:
    """Products in this process for unit tests.

    `late` ones are known only after catching up, which times out while `is_behind`.
    """

    def __init__(self, *known: ProductFacts, late: tuple[ProductFacts, ...] = ()) -> None:
        self.is_behind = False
        self._known = {each.product_id: each for each in known}
        self._late = late

    def product(self, product_id: str) -> ProductFacts | None:
        """Give a product."""
        return self._known.get(product_id)

    def near(self, categories: tuple[str, ...], limit: int) -> Iterator[ProductFacts]:
        """Give all products, by id."""
        return iter(sorted(self._known.values(), key=lambda each: each.product_id)[:limit])

    def catch_up(self, timeout_seconds: float) -> bool:
        """Learn the late products."""
        if not self.is_behind:
            self._known |= {each.product_id: each for each in self._late}
        return not self.is_behind
