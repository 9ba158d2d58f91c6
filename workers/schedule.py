"""Which request is started next: interactive before bulk, each in the order of arrival.

A suspect, one that may kill the worker, waits until nothing runs and is then alone until it is finished.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar, get_args

Tier = Literal["interactive", "bulk", "alone"]
Job = TypeVar("Job")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many generations run at once; bulk leaves `interactive_reserve` of them free."""

    in_flight: int = 64
    interactive_reserve: int = 4

    def __post_init__(self) -> None:
        """Refuse limits under which bulk work would never start."""
        if not 0 <= self.interactive_reserve < self.in_flight:
            raise ValueError("interactive_reserve must be smaller than in_flight")


class Schedule(Generic[Job]):
    """Waiting and running jobs. Jobs are told apart by identity; all calls take constant time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: dict[Tier, OrderedDict[Job, None]] = {tier: OrderedDict() for tier in get_args(Tier)}
        self._running: dict[Job, Tier] = {}

    @property
    def running(self) -> int:
        """Count the jobs that were started and are not finished."""
        return len(self._running)

    @property
    def started(self) -> Iterable[Job]:
        """Give the jobs that were started and are not finished."""
        return self._running.keys()

    @property
    def waiting(self) -> int:
        """Count the jobs that were not started."""
        return sum(map(len, self._waiting.values()))

    def add(self, job: Job, tier: Tier) -> None:
        """Queue a job."""
        self._waiting[tier][job] = None

    def start_next(self) -> Job | None:
        """Take the next job that may run now; None when none waits or all places are taken."""
        running, waiting = len(self._running), self._waiting
        if waiting["alone"]:
            return None if running else self._start("alone")
        if running >= self._limits.in_flight or self._is_alone():
            return None
        if waiting["interactive"]:
            return self._start("interactive")
        if waiting["bulk"] and running < self._limits.in_flight - self._limits.interactive_reserve:
            return self._start("bulk")
        return None

    def _is_alone(self) -> bool:
        return len(self._running) == 1 and "alone" in self._running.values()

    def _start(self, tier: Tier) -> Job:
        job, _ = self._waiting[tier].popitem(last=False)
        self._running[job] = tier
        return job

    def remove(self, job: Job) -> None:
        """Forget a job, finished or no longer wanted, wherever it is."""
        if self._running.pop(job, None) is None:
            for queue in self._waiting.values():
                queue.pop(job, None)
