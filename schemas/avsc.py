"""The reviewed Avro schema of each record, read from `schemas/avro`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import fastavro
from fastavro.types import Schema

from schemas.record import Record

FOLDER = Path(__file__).parent / "avro"


@cache
def text_of(record: type[Record]) -> str:
    """Give the record's schema as JSON text, the records that it uses written out inside: what is registered."""
    schema = fastavro.schema.load_schema(FOLDER / f"shelftalk.{record.__name__}.avsc", _write_hint=False)
    return json.dumps(schema)


@cache
def parsed(record: type[Record]) -> Schema:
    """Give the record's schema ready for reading and writing."""
    return parse(text_of(record))


def parse(text: str) -> Schema:
    """Give any schema's text ready for reading; raises ValueError when it is not an Avro schema."""
    try:
        return fastavro.parse_schema(json.loads(text), expand=False)
    except (fastavro.schema.SchemaParseException, fastavro.schema.UnknownType, KeyError, TypeError) as error:
        raise ValueError(f"not an Avro schema: {error}") from error
