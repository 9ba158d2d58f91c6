"""A dead letter is the whole message with its place and the reason."""

from __future__ import annotations

from dataclasses import replace

from schemas.codec import ErrorClass
from schemas.ledger import DeadLetter, Header
from schemas.registry import FakeRegistry
from schemas.topics import DEAD_LETTERS, PRODUCT_CREATED
from streams.dead_letter import dead_letter
from streams.decode import Rejection
from tests.factories import NOW_MS
from tests.streams.messages import codec_on, message


def test_a_dead_letter_has_everything_that_the_message_had() -> None:
    letter = dead_letter(
        message(PRODUCT_CREATED, b"\xffP1", b"\0\xff bytes", offset=9),
        Rejection(ErrorClass.BAD_MAGIC_BYTE, "why"),
        attempts=2,
        now_unix_ms=5,
    )
    assert letter == DeadLetter(
        topic="product-created",
        partition=1,
        offset=9,
        timestamp_unix_ms=NOW_MS,
        key=b"\xffP1",
        value=b"\0\xff bytes",
        headers=(Header(name="trace", value=b"t1"),),
        error_class="bad-magic-byte",
        error="why",
        attempts=2,
        failed_by="streams",
        failed_unix_ms=5,
    )


def test_a_message_of_eight_mebibytes_fits_into_its_letter() -> None:
    largest = message(PRODUCT_CREATED, None, bytes(PRODUCT_CREATED.max_message_bytes))
    letter = dead_letter(largest, Rejection(ErrorClass.TOO_LARGE, "x" * 5_000), attempts=1, now_unix_ms=5)
    codec = codec_on(FakeRegistry())
    raw = codec.encode(DEAD_LETTERS, letter)
    assert len(raw) < DEAD_LETTERS.max_message_bytes
    assert codec.decode(DEAD_LETTERS, raw) == letter


def test_a_message_that_was_larger_before_it_was_compressed_has_a_letter_that_its_topic_takes() -> None:
    giant = replace(message(PRODUCT_CREATED, b"P1", b"bytes"), headers=(("h", bytes(13 * 2**20)), ("trace", b"t1")))
    letter = dead_letter(giant, Rejection(ErrorClass.BAD_MAGIC_BYTE, "why"), attempts=1, now_unix_ms=5)
    assert len(codec_on(FakeRegistry()).encode(DEAD_LETTERS, letter)) < DEAD_LETTERS.max_message_bytes
    assert (letter.key, letter.value, letter.headers[1].value) == (b"P1", b"bytes", b"t1")
    assert letter.error.startswith("only ")
