"""The records in Python and the reviewed schemas say the same."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Literal, TypeAlias

import pytest
from pydantic.fields import FieldInfo

from schemas import avsc, topics
from schemas.record import Record
from tests.schemas.fields import Shape, bound, records, shape_of

Avro: TypeAlias = "str | list[Avro] | dict[str, Avro] | int | bool | None"

_RECORDS = records()
_LARGEST_INT = 2**31 - 1
_DECIMAL: Avro = {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 4}
_PRIMITIVES: dict[object, tuple[Avro, ...]] = {
    str: ("string",),
    bool: ("boolean",),
    bytes: ("bytes",),
    float: ("double",),
    Literal: ("string",),
    Decimal: (_DECIMAL,),
}


def _schema(record: type[Record]) -> dict[str, Avro]:
    found: dict[str, Avro] = json.loads((avsc.FOLDER / f"shelftalk.{record.__name__}.avsc").read_text())
    return found


def _fields(record: type[Record]) -> list[dict[str, Avro]]:
    fields = _schema(record)["fields"]
    assert isinstance(fields, list)
    return [field for field in fields if isinstance(field, dict)]


def _accepted(shape: Shape, name: str) -> tuple[Avro, ...]:
    """Give the Avro types that may stand for a shape."""
    if shape.nullable:
        inner = _accepted(Shape(shape.kind, shape.inside, bounds=shape.bounds), name)
        return tuple(["null", each] for each in inner)
    if shape.kind is tuple:
        return tuple({"type": "array", "items": each} for each in _accepted(shape.inside[0], name))
    if shape.kind is dict:
        return tuple({"type": "map", "values": each} for each in _accepted(shape.inside[0], name))
    if shape.kind is int:
        return _integer(shape, name)
    if isinstance(shape.kind, type) and issubclass(shape.kind, Record):
        return (f"shelftalk.{shape.kind.__name__}",)
    return _PRIMITIVES[shape.kind]


def _integer(shape: Shape, name: str) -> tuple[Avro, ...]:
    largest = bound(shape, "le")
    is_long = name.endswith("_unix_ms") or name == "offset" or (isinstance(largest, int) and largest > _LARGEST_INT)
    return ("long",) if is_long else ("int", "long")


def _default(field: FieldInfo) -> object:
    value = field.get_default(call_default_factory=True, validated_data={})
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("record", _RECORDS, ids=lambda record: str(record.__name__))
def test_model_and_schema_have_the_same_fields_in_the_same_order(record: type[Record]) -> None:
    assert [field["name"] for field in _fields(record)] == list(record.model_fields)


@pytest.mark.parametrize("record", _RECORDS, ids=lambda record: str(record.__name__))
def test_model_and_schema_have_the_same_types(record: type[Record]) -> None:
    for field, (name, info) in zip(_fields(record), record.model_fields.items(), strict=True):
        assert field["type"] in _accepted(shape_of(info), name), name


@pytest.mark.parametrize("record", _RECORDS, ids=lambda record: str(record.__name__))
def test_model_and_schema_have_the_same_defaults(record: type[Record]) -> None:
    for field, (name, info) in zip(_fields(record), record.model_fields.items(), strict=True):
        assert ("default" in field) == (not info.is_required()), name
        if "default" in field:
            assert field["default"] == _default(info), name


@pytest.mark.parametrize("record", _RECORDS, ids=lambda record: str(record.__name__))
def test_a_schema_is_named_as_its_record_and_says_what_it_is(record: type[Record]) -> None:
    schema = _schema(record)
    assert (schema["name"], schema["namespace"], schema["type"]) == (record.__name__, "shelftalk", "record")
    assert schema["doc"]


def test_every_schema_belongs_to_a_record_on_a_topic() -> None:
    assert {path.name for path in avsc.FOLDER.iterdir()} == {f"shelftalk.{each.__name__}.avsc" for each in _RECORDS}


@pytest.mark.parametrize("topic", topics.ALL, ids=lambda topic: str(topic.name))
def test_what_is_registered_stands_on_its_own(topic: topics.Topic) -> None:
    assert avsc.parse(avsc.text_of(topic.record))


@pytest.mark.parametrize("text", ["{}", '{"type": "shelftalk.Unknown"}', "[1]", "not json", '{"type": "record"}'])
def test_a_text_that_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Avro|Expecting"):
        avsc.parse(text)
