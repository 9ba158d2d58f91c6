"""Old readers and new data, new readers and old data: with the codec, and by the rules of the `avro` package."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import avro.schema
import fastavro
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import avsc, topics
from schemas.codec import Codec
from schemas.record import Record
from schemas.registry import FakeRegistry
from schemas.topics import Topic
from tests.schemas.test_avsc import Avro
from tests.schemas.values import any_of

each_topic = pytest.mark.parametrize("topic", topics.ALL, ids=lambda topic: str(topic.name))
_WITH_OPTIONAL = [topic for topic in topics.ALL if any(not f.is_required() for f in topic.record.model_fields.values())]
Fields = list[dict[str, Avro]]


def _changed(record: type[Record], change: Callable[[Fields], Fields]) -> str:
    schema = json.loads(avsc.text_of(record))
    schema["fields"] = change(schema["fields"])
    return json.dumps(schema)


def _with(*, default: bool) -> Callable[[Fields], Fields]:
    added: dict[str, Avro] = {"name": "added", "type": ["null", "string"]}
    return lambda fields: [*fields, added | ({"default": None} if default else {})]


def _without_defaulted(fields: Fields) -> Fields:
    """Leave out the last field with a default that defines no record which a later field uses."""
    droppable = [field for field in fields if "default" in field and '"fields"' not in json.dumps(field)]
    return [field for field in fields if field is not droppable[-1]]


def _retyped(fields: Fields) -> Fields:
    return [field | {"type": "boolean"} if field["type"] == "string" else field for field in fields]


def _written(schema_text: str, value: dict[str, object], registry: FakeRegistry) -> bytes:
    body = io.BytesIO()
    body.write(b"\x00" + registry.register("any-value", schema_text).to_bytes(4, "big"))
    fastavro.schemaless_writer(body, avsc.parse(schema_text), value)
    return body.getvalue()


@each_topic
@settings(max_examples=10)
@given(data=st.data())
def test_an_old_reader_reads_new_data(topic: Topic, data: st.DataObject) -> None:
    record, registry = data.draw(any_of(topic.record)), FakeRegistry()
    newer = _changed(topic.record, _with(default=True))
    raw = _written(newer, record.model_dump() | {"added": "what the old reader does not know"}, registry)
    assert Codec(registry).decode(topic, raw) == record


@pytest.mark.parametrize("topic", _WITH_OPTIONAL, ids=lambda topic: str(topic.name))
@settings(max_examples=10)
@given(data=st.data())
def test_a_new_reader_reads_old_data(topic: Topic, data: st.DataObject) -> None:
    record, registry = data.draw(any_of(topic.record)), FakeRegistry()
    older = _changed(topic.record, _without_defaulted)
    (missing,) = topic.record.model_fields.keys() - {field["name"] for field in json.loads(older)["fields"]}
    raw = _written(older, record.model_dump(exclude={missing}), registry)
    default = topic.record.model_fields[missing].get_default(call_default_factory=True, validated_data={})
    assert Codec(registry).decode(topic, raw) == record.model_copy(update={missing: default})


def _can_read(reader: str, writer: str) -> bool:
    checked = ReaderWriterCompatibilityChecker().get_compatibility(avro.schema.parse(reader), avro.schema.parse(writer))
    return bool(checked.compatibility is SchemaCompatibilityType.compatible)


@each_topic
def test_a_field_with_a_default_may_be_added(topic: Topic) -> None:
    now, next_ = avsc.text_of(topic.record), _changed(topic.record, _with(default=True))
    assert _can_read(reader=next_, writer=now)
    assert _can_read(reader=now, writer=next_)


@pytest.mark.parametrize("topic", _WITH_OPTIONAL, ids=lambda topic: str(topic.name))
def test_a_field_with_a_default_may_be_left_out(topic: Topic) -> None:
    now, next_ = avsc.text_of(topic.record), _changed(topic.record, _without_defaulted)
    assert _can_read(reader=next_, writer=now)
    assert _can_read(reader=now, writer=next_)


@each_topic
def test_a_field_without_a_default_may_not_be_added(topic: Topic) -> None:
    now = avsc.text_of(topic.record)
    assert not _can_read(reader=_changed(topic.record, _with(default=False)), writer=now)


@each_topic
def test_a_field_s_type_may_not_change(topic: Topic) -> None:
    assert not _can_read(reader=_changed(topic.record, _retyped), writer=avsc.text_of(topic.record))


@each_topic
def test_a_record_may_not_be_renamed(topic: Topic) -> None:
    renamed = json.dumps(json.loads(avsc.text_of(topic.record)) | {"name": "shelftalk.Renamed"})
    assert not _can_read(reader=renamed, writer=avsc.text_of(topic.record))
