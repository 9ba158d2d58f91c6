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
