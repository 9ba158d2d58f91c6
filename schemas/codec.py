"""Records to bytes and back, in the Confluent wire format: a zero byte, a 4-byte schema id, the Avro body.

Source: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
"""

from __future__ import annotations

import io
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

import fastavro
from fastavro.types import Schema
from pydantic import ValidationError

from schemas import avsc
from schemas.record import Record
from schemas.registry import Registry, SchemaNotFound
from schemas.topics import ALL, EVENT_LIMIT_BYTES, INPUTS, Topic

_HEADER = struct.Struct(">bI")
_ASKED_AT_ONCE = 8
_EVENTS = frozenset(topic.name for topic in INPUTS)


class ErrorClass(StrEnum):
    """What is wrong with a message, as its dead letter says it."""

    NULL_KEY = "null-key"
    NULL_VALUE = "null-value"
    KEY_MISMATCH = "key-mismatch"
    TOO_LARGE = "too-large"
    BAD_MAGIC_BYTE = "bad-magic-byte"
    UNKNOWN_SCHEMA_ID = "unknown-schema-id"
    WRONG_SCHEMA = "wrong-schema"
    TRUNCATED = "truncated"
    TRAILING_BYTES = "trailing-bytes"
    BAD_UTF8 = "bad-utf8"
    MALFORMED = "malformed"
    INVALID_VALUE = "invalid-value"
    UNKNOWN_TASK = "unknown-task"
    INTERNAL_ERROR = "internal-error"
    KILLS_ENGINE = "kills-engine"
    NOT_SERVED = "not-served"
    NOT_JUDGED = "not-judged"


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Bytes that are no record of their topic, and why. The detail names places and types, never contents."""

    error_class: ErrorClass
    detail: str


class Codec:
    """Encodes and decodes the records of all topics; schema ids are asked of the registry once and kept."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._writers: dict[int, Schema] = {}
        self._ids: dict[str, int] = {}

    def encode(self, topic: Topic, record: Record) -> bytes:
        """Give the record's bytes for its topic.

        Raises SchemaNotFound before the topic was provisioned and RegistryUnavailable while nothing is known.
        """
        body = io.BytesIO()
        body.write(_HEADER.pack(0, self._id_of(topic)))
        fastavro.schemaless_writer(body, avsc.parsed(topic.record), record.model_dump())
        return body.getvalue()

    def decode(self, topic: Topic, raw: bytes) -> Record | Undecodable:
        """Give the record in a message's bytes, or what is wrong with them.

        Raises RegistryUnavailable while the writer's schema cannot be asked for: the bytes are not to blame then.
        """
        limit = EVENT_LIMIT_BYTES if topic.name in _EVENTS else topic.max_message_bytes
        if len(raw) > limit:
            return Undecodable(ErrorClass.TOO_LARGE, f"{len(raw)} bytes, at most {limit} are taken")
        if len(raw) < _HEADER.size or raw[0] != 0:
            return Undecodable(ErrorClass.BAD_MAGIC_BYTE, "does not begin with a zero byte and a schema id")
        writer = self._writer(_HEADER.unpack_from(raw)[1])
        if isinstance(writer, Undecodable):
            return writer
        return _read(topic.record, raw, writer)

    def needs_registry(self, raw: bytes) -> bool:
        """Tell whether decoding these bytes would ask the registry, which may take seconds."""
        return len(raw) >= _HEADER.size and raw[0] == 0 and _HEADER.unpack_from(raw)[1] not in self._writers

    def warm(self, *topics: Topic) -> None:
        """Ask for the ids of these topics' schemas now (all topics by default).

        Their records are then encoded and decoded without the registry, those that older releases wrote excepted.
        """
        with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:  # one after the other they would be a tenth of a start
            list(pool.map(self._id_of, topics or ALL))

    def _id_of(self, topic: Topic) -> int:
        if topic.name not in self._ids:
            schema_id = self._registry.id_of(topic.subject, avsc.text_of(topic.record))
            self._writers[schema_id] = avsc.parsed(topic.record)
            self._ids[topic.name] = schema_id
        return self._ids[topic.name]

    def _writer(self, schema_id: int) -> Schema | Undecodable:
        if schema_id not in self._writers:
            try:
                self._writers[schema_id] = _ours(avsc.parse(self._registry.schema_text(schema_id)))
            except SchemaNotFound:
                return Undecodable(ErrorClass.UNKNOWN_SCHEMA_ID, f"the registry has no schema {schema_id}")
            except ValueError as error:
                return Undecodable(ErrorClass.WRONG_SCHEMA, f"schema {schema_id}: {error}")
        return self._writers[schema_id]


def _ours(schema: Schema) -> Schema:
    """Give our own object for a schema that says the same.

    fastavro compares writer and reader for each message: by value that takes as long as reading a short record.
    """
    return next((ours for ours in (avsc.parsed(topic.record) for topic in ALL) if ours == schema), schema)


def _read(record: type[Record], raw: bytes, writer: Schema) -> Record | Undecodable:
    body = io.BytesIO(raw)
    body.seek(_HEADER.size)
    fields = _fields(record, body, writer)
    if isinstance(fields, Undecodable):
        return fields
    if body.tell() != len(raw):
        return Undecodable(ErrorClass.TRAILING_BYTES, f"{len(raw) - body.tell()} bytes after the record")
    try:
        return record.model_validate(fields)
    except ValidationError as error:
        return Undecodable(ErrorClass.INVALID_VALUE, _places(error))


def _fields(record: type[Record], body: io.BytesIO, writer: Schema) -> object | Undecodable:
    try:
        fields: object = fastavro.schemaless_reader(body, writer, avsc.parsed(record))
    except fastavro.read.SchemaResolutionError:
        return Undecodable(ErrorClass.WRONG_SCHEMA, f"the writer's schema is not a {record.__name__}")
    except UnicodeDecodeError:
        return Undecodable(ErrorClass.BAD_UTF8, "a string is not UTF-8")
    except Exception as error:  # fastavro answers hostile bytes with many kinds of error
        if isinstance(error, EOFError) or not body.read(1):
            return Undecodable(ErrorClass.TRUNCATED, "the Avro body ends too early")
        return Undecodable(ErrorClass.MALFORMED, f"the Avro body cannot be read: {type(error).__name__}")
    return fields


def _places(error: ValidationError) -> str:
    found = error.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found)[:500]
