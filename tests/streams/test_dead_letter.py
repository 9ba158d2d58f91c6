"""A dead letter is the whole message with its place and the reason."""

from __future__ import annotations

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
