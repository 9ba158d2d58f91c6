"""What the records' annotations say, for the tests that compare them with the schemas and make values of them."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from schemas import topics
from schemas.record import Record


@dataclass(frozen=True, slots=True)
class Shape:
    """One annotation without its wrapping: what kind it is, what is inside, and the bounds set on it."""

    kind: object
    inside: tuple[Shape, ...] = ()
    nullable: bool = False
    bounds: tuple[object, ...] = ()


def shape_of(field: FieldInfo) -> Shape:
    """Give a record field's shape."""
    return _shape(field.annotation, tuple(field.metadata))


def records() -> tuple[type[Record], ...]:
    """Give every record that can be reached from a topic, each once, by name."""
    found: dict[str, type[Record]] = {}
    for topic in topics.ALL:
        _collect(topic.record, found)
    return tuple(found[name] for name in sorted(found))


def bound(shape: Shape, name: str) -> object:
    """Give a bound by its name (`ge`, `le`, `min_length`, `max_length`, `pattern`), None where it is not set."""
    return next((value for each in shape.bounds if (value := getattr(each, name, None)) is not None), None)


def _shape(annotation: object, bounds: tuple[object, ...] = ()) -> Shape:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(arguments[0], bounds + tuple(_flat(arguments[1:])))
    if origin in (Union, types.UnionType):
        (inner,) = (each for each in arguments if each is not type(None))
        shape = _shape(inner, bounds)
        return Shape(shape.kind, shape.inside, nullable=True, bounds=shape.bounds)
    if origin is Literal:
        return Shape(Literal, tuple(Shape(value) for value in arguments), bounds=bounds)
    if origin is tuple:
        return Shape(tuple, (_shape(arguments[0]),), bounds=bounds)
    if origin is dict:
        return Shape(dict, (_shape(arguments[1]),), bounds=bounds)
    return Shape(annotation, bounds=bounds)


def _flat(metadata: tuple[object, ...]) -> Iterator[object]:
    for each in metadata:
        yield from each.metadata if isinstance(each, FieldInfo) else (each,)


def _collect(record: type[Record], found: dict[str, type[Record]]) -> None:
    if record.__name__ in found:
        assert found[record.__name__] is record
        return
    found[record.__name__] = record
    for field in record.model_fields.values():
        _collect_inside(shape_of(field), found)


def _collect_inside(shape: Shape, found: dict[str, type[Record]]) -> None:
    if isinstance(shape.kind, type) and issubclass(shape.kind, Record):
        _collect(shape.kind, found)
    for inner in shape.inside:
        _collect_inside(inner, found)
