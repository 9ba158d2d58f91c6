"""What is computed from a record once, however often a text about it is judged."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, Generic, TypeVar

from schemas.record import Record

R = TypeVar("R", bound=Record)
Result = TypeVar("Result")

_KEPT: Final = 256
"""Records whose results are kept: more than a worker writes about at a time."""


class _This(Generic[R]):
    """A record known by which object it is: records are frozen, but their dictionaries have no hash."""

    __slots__ = ("record",)

    def __init__(self, record: R) -> None:
        self.record = record

    def __hash__(self) -> int:
        return id(self.record)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and other.record is self.record


def once_per_record(read: Callable[[R], Result]) -> Callable[[R], Result]:
    """Make a pure function of a record compute its result once for each object, for the last few of them."""

    @lru_cache(maxsize=_KEPT)
    def kept(this: _This[R]) -> Result:
        return read(this.record)

    @wraps(read)
    def reading(record: R) -> Result:
        return kept(_This(record))

    return reading
