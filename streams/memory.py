"""What is remembered between events: the interface, and a fake of it in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from streams.localised_state import LocalisedState
from streams.product_state import ProductState
from streams.question_state import QuestionState
from streams.review_state import ReviewState
from streams.shopper_state import ShopperState

S = TypeVar("S", bound=BaseModel)


class Table(Protocol[S]):
    """States of one kind by key."""

    def read(self, key: str) -> S | None:
        """Give what is remembered under a key, None when nothing is."""
        ...

    async def write(self, key: str, state: S, *, partition: int) -> None:
        """Remember a state; once this returns it survives the loss of the machine. Raises as Writer.write does."""
        ...


@dataclass(frozen=True, slots=True)
class Memory:
    """All tables. Products, reviews and questions share their keys and partitions: one process has all of a product."""

    products: Table[ProductState]
    reviews: Table[ReviewState]
    shoppers: Table[ShopperState]
    localised: Table[LocalisedState]
    questions: Table[QuestionState]


class FakeTable(Generic[S]):
    """A table in this process for unit tests; `crash_at_write` makes the next write raise it and remember nothing."""

    def __init__(self) -> None:
        self.states: dict[str, S] = {}
        self.crash_at_write: Exception | None = None

    def read(self, key: str) -> S | None:
        """Give what is remembered under a key, None when nothing is."""
        return self.states.get(key)

    async def write(self, key: str, state: S, *, partition: int) -> None:
        """Remember a state."""
        if self.crash_at_write is not None:
            crash, self.crash_at_write = self.crash_at_write, None
            raise crash
        self.states[key] = state
