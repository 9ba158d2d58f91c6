"""Any value that a record can have, made by hypothesis from its annotations."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Literal

from hypothesis import strategies as st

from schemas.record import Record
from tests.schemas.fields import Shape, bound, shape_of

_LARGEST_INT = 2**31 - 1


@cache
def any_of(record: type[Record]) -> st.SearchStrategy[Record]:
    """Give a strategy for valid values of a record."""
    fields = {name: _any(shape_of(field), name) for name, field in record.model_fields.items()}
    return st.fixed_dictionaries(fields).map(record.model_validate)


def _any(shape: Shape, name: str) -> st.SearchStrategy[object]:
    if shape.nullable:
        return st.none() | _any(Shape(shape.kind, shape.inside, bounds=shape.bounds), name)
    if shape.kind is Literal:
        return st.sampled_from([each.kind for each in shape.inside])
    if shape.kind is tuple:
        return st.lists(_any(shape.inside[0], name), max_size=3).map(tuple)
    if shape.kind is dict:
        return st.dictionaries(st.text(max_size=8), _any(shape.inside[0], name), max_size=3)
    if isinstance(shape.kind, type) and issubclass(shape.kind, Record):
        return any_of(shape.kind)
    return _scalar(shape, name)


def _scalar(shape: Shape, name: str) -> st.SearchStrategy[object]:
    if shape.kind is str:
        return _text(shape, name)
    if shape.kind is int:
        return st.integers(_whole(bound(shape, "ge"), 0), _whole(bound(shape, "le"), _LARGEST_INT))
    if shape.kind is Decimal:
        return st.decimals(0, 10**13, places=4)
    simple: dict[object, st.SearchStrategy[object]] = {
        bool: st.booleans(),
        bytes: st.binary(max_size=20),
        float: st.floats(allow_nan=False),
    }
    return simple[shape.kind]


def _text(shape: Shape, name: str) -> st.SearchStrategy[object]:
    if name == "locale":
        return st.sampled_from(["en", "de-AT", "zh-Hant-TW"])
    if pattern := bound(shape, "pattern"):
        return st.from_regex(str(pattern), fullmatch=True)
    return st.text(min_size=_whole(bound(shape, "min_length"), 0), max_size=12)


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) else default
