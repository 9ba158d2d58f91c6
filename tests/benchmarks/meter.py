"""What a contender's own process spends between two counts of finished requests."""

from __future__ import annotations

import re
import resource
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Spent:
    """What one process used for its measured requests; `micros_by_thread` is processor time per request."""

    requests: int
    seconds: float
    cpu_seconds: float
    micros_by_thread: dict[str, float]

    @property
    def per_second(self) -> float:
        """Give the rate."""
        return self.requests / self.seconds

    @property
    def cpu_micros(self) -> float:
        """Give the processor time of one request, in microseconds."""
        return self.cpu_seconds / self.requests * 1e6


@dataclass(frozen=True, slots=True)
class _Moment:
    count: int
    clock: float
    cpu: float
    threads: dict[int, tuple[str, float]]

    @classmethod
    def now(cls, count: int) -> _Moment:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return cls(count, time.perf_counter(), usage.ru_utime + usage.ru_stime, _threads())

    def until(self, end: _Moment) -> Spent:
        requests = end.count - self.count
        return Spent(requests, end.clock - self.clock, end.cpu - self.cpu, self._by_thread(end, requests))

    def _by_thread(self, end: _Moment, requests: int) -> dict[str, float]:
        spent: dict[str, float] = {}
        for thread, (name, seconds) in end.threads.items():
            before = self.threads[thread][1] if thread in self.threads else 0.0
            spent[name] = spent.get(name, 0.0) + (seconds - before) / requests * 1e6
        return {name: round(micros, 2) for name, micros in sorted(spent.items())}


class Meter:
    """Counts finished requests, from any thread, and measures from the first commit to the one that makes `total`."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._count = 0
        self._lock = threading.Lock()
        self._begin: _Moment | None = None
        self._end: _Moment | None = None
        self.done = threading.Event()

    def finished(self, more: int) -> None:
        """Note that so many requests more are published and committed."""
        with self._lock:
            self._count += more
            self._begin = self._begin or _Moment.now(self._count)
            if self._end is None and self._count >= self._total:
                self._end = _Moment.now(self._count)
                self.done.set()

    def spent(self) -> Spent:
        """Give what the measured requests took; raises RuntimeError before the last one is done."""
        if self._begin is None or self._end is None:
            raise RuntimeError(f"only {self._count} of {self._total} requests are done")
        return self._begin.until(self._end)


def _threads() -> dict[int, tuple[str, float]]:
    """Give the name and the processor seconds so far of each live thread, librdkafka's among them (Linux only)."""
    names = {thread.native_id: re.split("[ _]", thread.name)[0] for thread in threading.enumerate()}
    found = {}
    for task in Path("/proc/self/task").glob("*/schedstat"):
        number = int(task.parent.name)
        nanoseconds = int(task.read_text().split()[0])
        found[number] = (names.get(number, "librdkafka"), nanoseconds / 1e9)
    return found
