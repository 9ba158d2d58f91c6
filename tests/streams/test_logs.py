"""Libraries do not drown our own lines."""

from __future__ import annotations

import logging

from streams.logs import Sparingly


def _said(sparingly: Sparingly, name: str, text: str) -> bool:
    return sparingly.filter(logging.LogRecord(name, logging.ERROR, "", 0, text, None, None))


def test_a_library_says_the_same_thing_once_in_a_while_and_we_always() -> None:
    sparingly = Sparingly()
    assert [_said(sparingly, "aiokafka", "no broker") for _ in range(3)] == [True, False, False]
    assert _said(sparingly, "aiokafka", "something else")
    assert all(_said(sparingly, "streams.settle", "message dead-lettered") for _ in range(3))
    assert all(_said(sparingly, "__main__", "waiting for the broker") for _ in range(3))


def test_what_a_library_says_is_not_remembered_without_end() -> None:
    sparingly = Sparingly()
    assert all(_said(sparingly, "aiokafka", f"{number} failed") for number in range(5_000))
    assert len(sparingly._said) <= 1_000
