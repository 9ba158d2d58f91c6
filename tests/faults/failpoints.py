"""Breaks this process at a chosen moment: in a transaction, just after it, or by a wall clock that jumps.

What stands still in a transaction is a zombie that has all but published.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Literal
from unittest.mock import patch

from confluent_kafka import KafkaException, Producer
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_NS = 1_000_000_000

REFUSED, WENT_THROUGH = "the commit of a zombie was refused", "the commit of a zombie went through"
"""What a worker writes to its log that stood still in a transaction."""


class Failpoints(BaseSettings):
    """What goes wrong, out of the environment as `FAULTS_...`; nothing by default."""

    model_config = SettingsConfigDict(env_prefix="FAULTS_", frozen=True, extra="ignore")

    die: Literal["never", "before-commit", "after-commit"] = "never"
    """Die by SIGKILL with the offsets in a transaction that is left open, or when it took effect and nobody knows."""
    after_transactions: int = Field(default=1, ge=1)
    freezes: bool = False
    """Stand still in the next transaction with results in it when told so (SIGUSR2), until somebody lets it go on."""
    clock_jumps_hours: float = 0.0
    """The wall clock goes wrong by so much and back, every other second, ahead and behind in turns."""

    def install(self) -> None:
        """Put the failpoints in place, before anything else of the process runs."""
        if self.die != "never":
            patch("workers.commit.Producer", _dying_producer(self.die, self.after_transactions)).start()
        if self.freezes:
            patch("workers.commit.Producer", _freezing_producer()).start()
        if self.clock_jumps_hours:
            patch("time.time_ns", jumping(time.time_ns, int(self.clock_jumps_hours * 3600 * _NS))).start()
            patch("time.time", jumping(time.time, self.clock_jumps_hours * 3600)).start()
            patch("workers.commit.Producer", _StampingProducer).start()


class _StampingProducer(Producer):  # type: ignore[misc] # ships no type information
    """Stamps records by the wall clock that Python sees; the client's own clock cannot be turned."""

    def produce(self, *arguments: object, **more: object) -> None:
        """Write, stamped."""
        super().produce(*arguments, timestamp=time.time_ns() // 1_000_000, **more)


def _dying_producer(when: Literal["before-commit", "after-commit"], after: int) -> type[Producer]:
    """Give a producer class that dies at the commit of the process's transaction number `after` with results in it."""
    with_results: list[None] = []

    class DyingProducer(Producer):  # type: ignore[misc] # ships no type information
        """Dies at a commit."""

        wrote = False

        def produce(self, *arguments: object, **more: object) -> None:
            """Write, and take note of it: transactions that only move offsets count for nothing here."""
            self.wrote = True
            super().produce(*arguments, **more)

        def commit_transaction(self, timeout: float) -> None:
            """Commit, or die before or after it."""
            if self.wrote:
                with_results.append(None)
            dies = self.wrote and len(with_results) >= after
            self.wrote = False
            if dies and when == "before-commit":
                self.flush(10)  # the results are in the log, as when the network is quicker than the kill
                os.kill(os.getpid(), signal.SIGKILL)
            super().commit_transaction(timeout)
            if dies:
                os.kill(os.getpid(), signal.SIGKILL)

    return DyingProducer


def _freezing_producer() -> type[Producer]:
    """Give a producer class that stands still before the commit of a transaction with results in it, when told so."""
    told = threading.Event()
    signal.signal(signal.SIGUSR2, lambda *_: told.set())

    class FreezingProducer(Producer):  # type: ignore[misc] # ships no type information
        """Stands still at a commit, and says how that commit ends."""

        wrote = False

        def produce(self, *arguments: object, **more: object) -> None:
            """Write, and take note of it."""
            self.wrote = True
            super().produce(*arguments, **more)

        def commit_transaction(self, timeout: float) -> None:
            """Commit, or stand still first."""
            wrote, self.wrote = self.wrote, False
            if not wrote or not told.is_set():
                super().commit_transaction(timeout)
                return
            told.clear()
            self.flush(10)  # the results are in the log
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)  # the process itself would go on for a moment
            try:
                super().commit_transaction(timeout)
            except KafkaException as error:
                print(f"{REFUSED}: {error}", flush=True)  # noqa: T201 - for the scenario to see
                raise
            print(WENT_THROUGH, flush=True)  # noqa: T201

    return FreezingProducer


def jumping(
    clock: Callable[[], float], by: float, *, steady: Callable[[], float] = time.monotonic
) -> Callable[[], float]:
    """Give a clock that is right in even seconds of a steady one and, in odd ones, ahead and behind by turns."""

    def read() -> float:
        return clock() + {1: by, 3: -by}.get(int(steady()) % 4, 0)

    return read
