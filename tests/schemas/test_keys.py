"""Keys on the wire, and the partitions that they lead to."""

from __future__ import annotations

import pytest
from aiokafka.partitioner import DefaultPartitioner
from confluent_kafka import KafkaError, Message, Producer
from hypothesis import given
from hypothesis import strategies as st

from schemas.keys import CopyKey

_LOCALES = st.sampled_from(["en", "de-AT", "zh-Hant-TW"])


@given(st.text(min_size=1, max_size=20), _LOCALES)
def test_a_key_comes_back_as_it_went_even_with_bars_in_the_subject(subject: str, locale: str) -> None:
    key = CopyKey(subject, locale)
    assert CopyKey.decode(key.encode()) == key


@given(st.text(max_size=9), _LOCALES, st.text(max_size=9), _LOCALES)
def test_two_texts_never_share_a_key(subject: str, locale: str, other: str, other_locale: str) -> None:
    same = (subject, locale) == (other, other_locale)
    assert (CopyKey(subject, locale).encode() == CopyKey(other, other_locale).encode()) == same


@pytest.mark.parametrize("raw", [b"", b"P1", b"\xff|en"])
def test_what_is_no_key_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"copy key|utf-8"):
        CopyKey.decode(raw)


def test_every_producer_puts_a_key_on_the_same_partition() -> None:
    """librdkafka's murmur2_random, against its mock broker, and the partitioner that Faust takes from aiokafka."""
    settings = {"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "partitioner": "murmur2_random"}
    producer, chosen = Producer(settings | {"log_level": 2}), dict[bytes, int]()

    def confirmed(error: KafkaError | None, message: Message) -> None:
        assert error is None
        chosen[message.key()] = message.partition()

    keys = [f"P{number}".encode() for number in range(400)] + ["Größe|de".encode(), b"\xff\x00\x80", b"x" * 255]
    for key in keys:
        producer.produce("any", b"", key, on_delivery=confirmed)
    producer.flush(10)
    partitions = list(producer.list_topics("any", timeout=5).topics["any"].partitions)
    faust = DefaultPartitioner()
    assert chosen == {key: faust(key, partitions, partitions) for key in keys}
    assert set(chosen.values()) == set(partitions)
