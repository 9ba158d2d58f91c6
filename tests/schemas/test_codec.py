"""Records to bytes and back, and what the codec says of bytes that are no record."""

from __future__ import annotations

import io
import json
import struct

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import avsc, topics
from schemas.codec import Codec, ErrorClass, Undecodable
from schemas.events import Product
from schemas.record import Record
from schemas.registry import FakeRegistry, RegistryUnavailable, SchemaNotFound
from schemas.topics import EVENT_LIMIT_BYTES, PRODUCT_CREATED, REVIEW_POSTED, Topic
from tests import factories
from tests.schemas.values import any_of

_HEADER_BYTES = 5
each_topic = pytest.mark.parametrize("topic", topics.ALL, ids=lambda topic: str(topic.name))


def _registry() -> FakeRegistry:
    registry = FakeRegistry()
    for topic in topics.ALL:
        registry.register(topic.subject, avsc.text_of(topic.record))
    return registry


_CODEC = Codec(_registry())


def _error(topic: Topic, raw: bytes, codec: Codec = _CODEC) -> ErrorClass:
    found = codec.decode(topic, raw)
    assert isinstance(found, Undecodable)
    return found.error_class


def _bytes(record: Record | None = None, topic: Topic = PRODUCT_CREATED) -> bytes:
    return _CODEC.encode(topic, record or factories.product())


@each_topic
@settings(max_examples=30)
@given(data=st.data())
def test_every_record_comes_back_as_it_went(topic: Topic, data: st.DataObject) -> None:
    record = data.draw(any_of(topic.record))
    assert _CODEC.decode(topic, _CODEC.encode(topic, record)) == record


@each_topic
@settings(max_examples=3)
@given(data=st.data())
def test_a_record_cut_off_anywhere_is_truncated_and_never_another_record(topic: Topic, data: st.DataObject) -> None:
    whole = _CODEC.encode(topic, data.draw(any_of(topic.record)))
    assert {_error(topic, whole[:end]) for end in range(_HEADER_BYTES)} == {ErrorClass.BAD_MAGIC_BYTE}
    assert {_error(topic, whole[:end]) for end in range(_HEADER_BYTES, len(whole))} <= {ErrorClass.TRUNCATED}


@each_topic
@settings(max_examples=15)
@given(data=st.data(), body=st.binary(max_size=60))
def test_hostile_bytes_are_a_value_and_never_an_exception(topic: Topic, data: st.DataObject, body: bytes) -> None:
    whole = _CODEC.encode(topic, data.draw(any_of(topic.record)))
    place = data.draw(st.integers(_HEADER_BYTES, len(whole)))
    for raw in (whole[:place] + body + whole[place:], whole[:_HEADER_BYTES] + body, body):
        found = _CODEC.decode(topic, raw)
        assert isinstance(found, topic.record | Undecodable)


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x00\x00\x00\x01", b"\x01\x00\x00\x00\x01x", b'{"product_id": "P1"}'])
def test_what_does_not_begin_with_zero_and_an_id_has_a_bad_magic_byte(raw: bytes) -> None:
    assert _error(PRODUCT_CREATED, raw) == ErrorClass.BAD_MAGIC_BYTE


def test_an_id_that_the_registry_does_not_have_is_unknown() -> None:
    raw = b"\x00" + struct.pack(">I", 4_000_000_000) + _bytes()[_HEADER_BYTES:]
    assert _error(PRODUCT_CREATED, raw) == ErrorClass.UNKNOWN_SCHEMA_ID


@each_topic
def test_another_topic_s_record_is_the_wrong_schema(topic: Topic) -> None:
    other = REVIEW_POSTED if topic.record is Product else PRODUCT_CREATED
    record = factories.review() if topic.record is Product else factories.product()
    assert _error(topic, _CODEC.encode(other, record)) == ErrorClass.WRONG_SCHEMA


@pytest.mark.parametrize("text", ["not json", '{"type": "nonsense"}', '{"type": "shelftalk.Product"}'])
def test_a_registered_text_that_is_no_schema_is_the_wrong_schema(text: str) -> None:
    registry = FakeRegistry()
    raw = b"\x00" + struct.pack(">I", registry.register("x", text)) + b"body"
    assert _error(PRODUCT_CREATED, raw, Codec(registry)) == ErrorClass.WRONG_SCHEMA


def test_bytes_after_the_record_are_trailing() -> None:
    assert _error(PRODUCT_CREATED, _bytes() + b"\x00") == ErrorClass.TRAILING_BYTES


def test_a_string_that_is_not_utf_8_is_named_so() -> None:
    raw = _bytes(factories.product(title="Harbour Fleece")).replace(b"Harbour", b"Harb\xffur")
    assert _error(PRODUCT_CREATED, raw) == ErrorClass.BAD_UTF8


def test_a_message_above_the_limit_is_too_large_and_one_at_the_limit_is_not() -> None:
    assert _error(PRODUCT_CREATED, b"\x00" * (EVENT_LIMIT_BYTES + 1)) == ErrorClass.TOO_LARGE
    assert _error(PRODUCT_CREATED, b"\x00" * EVENT_LIMIT_BYTES) != ErrorClass.TOO_LARGE


def test_a_value_out_of_bounds_is_invalid_and_the_detail_names_the_place_but_not_the_value() -> None:
    secret = factories.review().model_copy(update={"rating": 9, "title": "s3cret" * 4000})
    found = _CODEC.decode(REVIEW_POSTED, _bytes(secret, REVIEW_POSTED))
    assert isinstance(found, Undecodable)
    assert found.error_class == ErrorClass.INVALID_VALUE
    assert "rating" in found.detail
    assert "title" in found.detail
    assert "s3cret" not in found.detail


def test_a_registry_that_is_away_says_nothing_about_a_message() -> None:
    registry = _registry()
    codec, raw = Codec(registry), _bytes()
    registry.away = True
    with pytest.raises(RegistryUnavailable):
        codec.decode(PRODUCT_CREATED, raw)
    registry.away = False
    assert codec.decode(PRODUCT_CREATED, raw) == factories.product()


@pytest.fixture(scope="module")
def warm() -> Codec:
    registry = _registry()
    codec = Codec(registry)
    codec.warm()
    registry.away = True
    return codec


@each_topic
@settings(max_examples=1)
@given(data=st.data())
def test_a_warm_codec_writes_and_reads_every_topic_while_the_registry_is_away(
    topic: Topic, data: st.DataObject, warm: Codec
) -> None:
    record = data.draw(any_of(topic.record))
    raw = warm.encode(topic, record)
    assert not warm.needs_registry(raw)
    assert warm.decode(topic, raw) == record


def test_nothing_is_written_before_the_schemas_are_provisioned() -> None:
    with pytest.raises(SchemaNotFound):
        Codec(FakeRegistry()).encode(PRODUCT_CREATED, factories.product())


def test_the_wire_format_is_confluent_s() -> None:
    raw = _bytes()
    assert raw[0] == 0
    assert json.loads(_registry().schema_text(struct.unpack_from(">I", raw, 1)[0]))["name"] == "shelftalk.Product"


def test_our_own_schema_in_another_notation_is_read_as_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    registry, seen = FakeRegistry(), []
    ours = avsc.text_of(PRODUCT_CREATED.record)
    schema_id = registry.register(PRODUCT_CREATED.subject, json.dumps(json.loads(ours), separators=(",", ":")))
    raw = struct.pack(">bI", 0, schema_id) + _CODEC.encode(PRODUCT_CREATED, factories.product())[_HEADER_BYTES:]
    read = fastavro.schemaless_reader

    def watched(body: io.BytesIO, writer: object, reader: object) -> object:
        seen.append(writer is reader)
        return read(body, writer, reader)

    monkeypatch.setattr(fastavro, "schemaless_reader", watched)
    assert Codec(registry).decode(PRODUCT_CREATED, raw) == factories.product()
    assert seen == [True]
