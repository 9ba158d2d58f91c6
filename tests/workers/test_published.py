"""Partitions that are opened together share one reading of what was published, and none waits for ever for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from schemas.codec import Codec
from schemas.registry import FakeRegistry
from schemas.topics import REQUESTS_BULK
from workers import published as module
from workers.kafka import KafkaConfig
from workers.messages import Partition
from workers.published import PublishedTail, Tail
from workers.window import Progress

BULK_0 = Partition(REQUESTS_BULK.name, 0)
NOTHING_DONE = Progress(0, 0)


class SlowTail(PublishedTail):
    """Reads nothing; the first reading ends when the test says so."""

    def __init__(self) -> None:
        super().__init__(KafkaConfig("nowhere", "group"), Codec(FakeRegistry()))
        self.readings = 0
        self.is_reading, self.goes_on = threading.Event(), threading.Event()

    def _read(self) -> Tail:
        self.readings += 1
        self.is_reading.set()
        if self.readings == 1:
            self.goes_on.wait(5)
        return {}


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_partitions_that_are_opened_together_share_one_reading(threads: ThreadPoolExecutor) -> None:
    tail = SlowTail()
    asked = [threads.submit(tail.beyond, BULK_0, NOTHING_DONE) for _ in range(3)]
    tail.goes_on.set()

    assert [one.result(5) for one in asked] == [None, None, None]
    assert tail.readings == 1


def test_a_reading_that_hangs_holds_up_nobody_else(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.05)
    tail = SlowTail()
    hanging = threads.submit(tail.beyond, BULK_0, NOTHING_DONE)
    tail.is_reading.wait(5)
    other = threads.submit(tail.beyond, BULK_0, NOTHING_DONE)

    assert other.result(5) is None
    assert not hanging.done()
    tail.goes_on.set()
