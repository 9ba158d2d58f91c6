"""A bad message is a value that says what is wrong with it; only the registry's absence is an exception."""

from __future__ import annotations

import struct

import pytest

from schemas.codec import Codec, ErrorClass
from schemas.registry import FakeRegistry, RegistryUnavailable
from schemas.topics import EVENT_LIMIT_BYTES, PRODUCT_CREATED, REVIEW_POSTED, USER_ACTIVITY
from streams.decode import ProductDeleted, Rejection, decode_activity, decode_product, decode_review
from tests.factories import activity, product, review
from tests.streams.messages import codec_on, deletion, message

_GOOD = message(PRODUCT_CREATED, b"P1", product()).value or b""


@pytest.fixture
def codec() -> Codec:
    return codec_on(FakeRegistry())


def test_a_good_message_is_its_event(codec: Codec) -> None:
    assert decode_product(message(PRODUCT_CREATED, b"P1", product()), codec) == product()
    assert decode_review(message(REVIEW_POSTED, b"P1", review()), codec) == review()
    assert decode_activity(message(USER_ACTIVITY, b"U1", activity()), codec) == activity()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"not avro", ErrorClass.BAD_MAGIC_BYTE),
        (_GOOD[:-7], ErrorClass.TRUNCATED),
        (_GOOD + b"x", ErrorClass.TRAILING_BYTES),
        (struct.pack(">bI", 0, 999) + _GOOD[5:], ErrorClass.UNKNOWN_SCHEMA_ID),
        (message(REVIEW_POSTED, b"P1", review()).value, ErrorClass.WRONG_SCHEMA),
        (_GOOD.replace(b"Harbour", b"Harb\xff\xfer"), ErrorClass.BAD_UTF8),
        (b"\0" * (EVENT_LIMIT_BYTES + 1), ErrorClass.TOO_LARGE),
    ],
)
def test_bad_bytes_say_what_is_wrong(codec: Codec, value: bytes, expected: ErrorClass) -> None:
    found = decode_product(message(PRODUCT_CREATED, b"P1", value), codec)
    assert isinstance(found, Rejection)
    assert found.error_class is expected


@pytest.mark.parametrize("key", [None, b""])
def test_a_message_without_a_key_is_rejected_even_as_a_deletion(codec: Codec, key: bytes | None) -> None:
    for value in (product(), None):
        found = decode_product(message(PRODUCT_CREATED, key, value), codec)
        assert isinstance(found, Rejection)
        assert found.error_class is ErrorClass.NULL_KEY


def test_a_key_that_is_not_the_records_id_is_rejected(codec: Codec) -> None:
    for found in (
        decode_product(message(PRODUCT_CREATED, b"P2", product()), codec),
        decode_review(message(REVIEW_POSTED, b"R1", review()), codec),
        decode_activity(message(USER_ACTIVITY, b"\xff", activity()), codec),
    ):
        assert isinstance(found, Rejection)
        assert found.error_class is ErrorClass.KEY_MISMATCH


def test_a_null_deletes_a_product_and_nothing_else(codec: Codec) -> None:
    assert decode_product(message(PRODUCT_CREATED, b"P1", None), codec) == ProductDeleted("P1")
    assert isinstance(decode_product(message(PRODUCT_CREATED, b"\xff", None), codec), Rejection)
    found = decode_review(message(REVIEW_POSTED, b"P1", None), codec)
    assert isinstance(found, Rejection)
    assert found.error_class is ErrorClass.NULL_VALUE


def test_a_deletion_has_the_version_of_its_header(codec: Codec) -> None:
    assert decode_product(deletion(b"7"), codec) == ProductDeleted("P1", 7)
    assert decode_product(deletion(str(2**63 - 1).encode()), codec) == ProductDeleted("P1", 2**63 - 1)


@pytest.mark.parametrize("version", [None, b"", b"-1", b"7.0", b" 7", b"\xff", str(2**63).encode(), b"1" * 5_000])
def test_a_deletion_whose_version_cannot_be_read_deletes_nothing(codec: Codec, version: bytes | None) -> None:
    found = decode_product(deletion(version), codec)
    assert isinstance(found, Rejection)
    assert found.error_class is ErrorClass.INVALID_VALUE


def test_a_rejection_repeats_nothing_of_the_message(codec: Codec) -> None:
    found = decode_product(message(PRODUCT_CREATED, b"P1", b"secret words"), codec)
    assert isinstance(found, Rejection)
    assert "secret" not in found.detail


def test_without_a_registry_nothing_is_said_about_a_message() -> None:
    registry = FakeRegistry()
    codec = codec_on(registry)
    registry.away = True
    with pytest.raises(RegistryUnavailable):
        decode_product(message(PRODUCT_CREATED, b"P1", product()), codec)
