"""The places where jobs run: as many runners as generations may be under way, each with one job after another."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

from schemas.topics import REQUESTS_INTERACTIVE
from workers.job import Job
from workers.schedule import Limits, Schedule, Tier


class Runners:
    """Starts jobs as the schedule allows, and stops those that are no longer wanted.

    `serve` brings one job to its end. `failed` is told what no job may raise: its request would wait for ever.
    """

    def __init__(
        self, limits: Limits, *, serve: Callable[[Job], Awaitable[None]], failed: Callable[[BaseException], None]
    ) -> None:
        self._schedule: Schedule[Job] = Schedule(limits)
        self._places = limits.in_flight
        self._serve = serve
        self._failed = failed
        self._stopping = False
        self._idle: deque[asyncio.Future[None]] = deque()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def running(self) -> int:
        """Count the jobs under way."""
        return self._schedule.running

    def oldest_seconds(self, now: float) -> float:
        """Give how long the oldest job has been under way at a monotonic time; 0 without any."""
        return now - min((job.began_at for job in self._schedule.started if job.running), default=now)

    def start(self) -> None:
        """Begin to run what is submitted."""
        for _ in range(self._places):
            task = asyncio.create_task(self._run())
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    def submit(self, job: Job) -> None:
        """Take a job to be run in its turn."""
        self._schedule.add(job, _tier(job))
        self._wake_one()

    def abort(self, job: Job) -> None:
        """Drop a job; cancelling its generation aborts it inside the engine."""
        self._schedule.remove(job)
        job.is_aborted = True
        if job.running:
            job.running.cancel()
        self._wake_one()

    async def drain(self, seconds: float) -> None:
        """Start nothing more, and wait for what is under way, but not longer than so many seconds."""
        self._stopping = True
        while self._idle:
            self._wake_one()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    def cancel(self) -> None:
        """Stop all that is still under way."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()

    async def _run(self) -> None:
        while not self._stopping:
            job = self._schedule.start_next()
            if job is None:
                await self._wait_for_jobs()
            else:
                self._wake_one()
                await self._run_one(job)

    async def _run_one(self, job: Job) -> None:
        job.running, job.began_at = asyncio.current_task(), time.monotonic()
        try:
            await self._serve(job)
        except asyncio.CancelledError:
            if not job.is_aborted or job.running is None:
                raise
            job.running.uncancel()
        except Exception as error:
            self._failed(error)
        finally:
            job.running = None
            self._schedule.remove(job)

    async def _wait_for_jobs(self) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._idle.append(woken)
        await woken

    def _wake_one(self) -> None:
        """Let one more runner look for work; it wakes the next one if it finds some."""
        while self._idle:
            woken = self._idle.popleft()
            if not woken.done():
                woken.set_result(None)
                return

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not self._stopping:
            self._failed(RuntimeError(f"a runner ended that nobody has stopped: {task!r}"))


def _tier(job: Job) -> Tier:
    if job.alone:
        return "alone"
    return "interactive" if job.source.partition.topic == REQUESTS_INTERACTIVE.name else "bulk"
