"""Whatever a message was, its dead letter fits into its topic, and says what it leaves out."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import avsc, topics
from schemas.codec import Codec
from schemas.dead_letter import bounded
from schemas.ledger import DeadLetter, Header
from schemas.registry import FakeRegistry
from schemas.topics import DEAD_LETTERS
from tests.factories import dead_letter

_MIB = 1024 * 1024
_SIZES = st.integers(0, 14 * _MIB) | st.integers(0, 100)


def _codec() -> Codec:
    registry = FakeRegistry()
    registry.register(DEAD_LETTERS.subject, avsc.text_of(DEAD_LETTERS.record))
    return Codec(registry)


_CODEC = _codec()


def _letter(*, key: int = 2, value: int = 10, headers: tuple[int, ...] = ()) -> DeadLetter:
    """Give a letter of these sizes."""
    return dead_letter(
        topics.REQUESTS_BULK.name,
        key=b"k" * key,
        value=b"v" * value,
        headers=tuple(Header(name=f"h{number}", value=b"h" * size) for number, size in enumerate(headers)),
    )


def test_a_message_that_fits_is_kept_whole() -> None:
    largest = _letter(key=64 * 1024, value=8 * _MIB, headers=(1_000_000, 10))
    assert bounded(largest) is largest


@settings(max_examples=40)
@given(key=_SIZES, value=_SIZES, headers=st.lists(_SIZES, max_size=4))
def test_every_letter_fits_into_its_topic_and_is_read_again(key: int, value: int, headers: list[int]) -> None:
    kept = bounded(_letter(key=key, value=value, headers=tuple(headers)).model_copy(update={"error": "é" * 2_000}))
    raw = _CODEC.encode(DEAD_LETTERS, kept)
    assert len(raw) + len(kept.key or b"") < DEAD_LETTERS.max_message_bytes - 1_024
    assert _CODEC.decode(DEAD_LETTERS, raw) == kept


@pytest.mark.parametrize(
    ("whole", "told"),
    [
        (_letter(value=9 * _MIB), "only the first 8388608 of 9437184 bytes of the value (sha256 "),
        (_letter(key=_MIB), "only the first 65536 of 1048576 bytes of the key (sha256 "),
        (_letter(headers=(13 * _MIB,)), " bytes of the headers (1 of 1) are kept here; "),
    ],
    ids=["value", "key", "headers"],
)
def test_what_is_left_out_is_said_before_the_reason(whole: DeadLetter, told: str) -> None:
    kept = bounded(whole)
    assert kept.error.startswith("only ")
    assert told in kept.error
    assert kept.error.endswith(whole.error)


def test_a_digest_names_the_whole_value() -> None:
    whole = _letter(value=9 * _MIB)
    assert hashlib.sha256(whole.value or b"").hexdigest() in bounded(whole).error


def test_short_headers_are_kept_whole_and_in_order_beside_a_giant_one() -> None:
    kept = bounded(_letter(headers=(20, 13 * _MIB, 30, 0))).headers
    assert [each.name for each in kept] == ["h0", "h1", "h2", "h3"]
    assert [len(each.value or b"") for each in (kept[0], *kept[2:])] == [20, 30, 0]
    assert 9 * _MIB < len(kept[1].value or b"") < 13 * _MIB


def test_headers_whose_names_alone_do_not_fit_are_left_out() -> None:
    whole = dead_letter("t").model_copy(
        update={"headers": (Header(name="n" * 13 * _MIB), Header(name="kept", value=None))}
    )
    kept = bounded(whole)
    assert kept.headers == (Header(name="kept", value=None),)
    assert "(1 of 2)" in kept.error
