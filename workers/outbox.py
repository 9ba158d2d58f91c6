"""What a partition has finished, on its way out: every commit interval, with the progress that includes it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import structlog
from confluent_kafka import KafkaException

from schemas.access import raise_refusal
from schemas.registry import RegistryUnavailable
from schemas.telemetry.trace import Write
from workers.blocking import Blocking, CallAbandoned
from workers.ledger import CommitFailed, Ledger, Membership
from workers.messages import Partition, Result
from workers.metrics import WorkerMeter
from workers.tracing import write_published
from workers.window import Progress, Window

log = structlog.get_logger()

T = TypeVar("T")

_RETRY_SECONDS = 0.5
_BEHIND_SECONDS, _BEHIND_INTERVALS = 1.0, 10
"""What is started when results wait for longer may have to be done again by another owner."""

_PUBLISH_SECONDS = 6.0
"""A publish takes 10 to 50 ms. After a cut network librdkafka's send_offsets_to_transaction may never return, whatever
its time-out (confluentinc/librdkafka#5456)."""

_OPEN_SECONDS = 30.0
"""Opening, and reading back what is needed for it, take half a second; each call's own time-out is 10 s, if the client
keeps it."""

_FENCED_SECONDS = 3.0
"""Longer than the consumer needs to notice that the partition is no longer ours: the outbox is closed then."""


class OutboxClosed(Exception):
    """The partition was given up while something waited for the broker."""


class StaleProgress(Exception):
    """The broker answers with an older progress than what was published: believed, it would be published again."""


class BrokerStuck(Exception):
    """The partition is ours, yet the broker has taken nothing for it for too long: a fresh process may do better."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """How results are published. `membership` gives the group's present metadata, `owner` names this process.

    `published_beyond` gives an offset that was published though a progress calls it unfinished, or None; it blocks.
    """

    membership: Callable[[Partition], Membership | None]
    blocking: Blocking
    owner: str
    published_beyond: Callable[[Partition, Progress], int | None] = lambda _, __: None
    commit_interval_seconds: float = 0.1
    stuck_seconds: float = 120.0
    meter: WorkerMeter = field(default_factory=WorkerMeter)
    write_span: Write | None = None


class Outbox:
    """One partition's finished results and its window, until the broker has both.

    `published` is told the offsets whose results have become visible. A transaction takes its results and its progress
    from the same moment, so that a commit never speaks of an offset whose result it lacks.
    """

    def __init__(
        self,
        partition: Partition,
        ledger: Ledger,
        publishing: Publishing,
        published: Callable[[Iterable[int]], None] = lambda _: None,
    ) -> None:
        self.window = Window(Progress(0, 0))
        self._partition = partition
        self._ledger = ledger
        self._publishing = publishing
        self._published = published
        self._results: dict[int, Result] = {}
        self._waiting_bytes = 0
        self._recordings: list[asyncio.Future[None]] = []
        self._starts_recorded = 0
        self._waiting_since: float | None = None
        self.committed_at = time.monotonic()
        """When the last commit was, or when this began (monotonic seconds)."""
        self._committing = asyncio.Lock()
        self._closing = asyncio.Event()
        self._last_membership: Membership | None = None
        self._failing_since: float | None = None
        self._is_open = False

    async def open(self) -> None:
        """Take the partition over: fence earlier owners, learn what is finished, and sign as the owner.

        Without the signature, a process that dies at once could not be told from one that ended in order.
        """
        await asyncio.shield(self._take_over())
        if not self._is_open:
            raise OutboxClosed
        while not await asyncio.shield(self._commit()):
            await self._unless_closing(_RETRY_SECONDS)

    async def _take_over(self) -> None:
        """Open the ledger to its end, even when the lane is cancelled meanwhile: calls must not overlap."""
        async with self._committing:
            with suppress(OutboxClosed):
                self.window = Window(await self.patiently("open", self._opened), self._publishing.owner)
                self._is_open = True

    def _opened(self) -> Progress:
        """Open the ledger; raises StaleProgress, before anything is signed that would make it last, and blocks."""
        progress = self._ledger.open()
        offset = self._publishing.published_beyond(self._partition, progress)
        if offset is not None:
            raise StaleProgress(f"offset {offset} is published, and unfinished by the group's offset {progress.base}")
        return progress

    @property
    def waiting(self) -> int:
        """Count the results that are not published yet."""
        return len(self._results)

    @property
    def waiting_bytes(self) -> int:
        """Give the size of the results that are not published yet."""
        return self._waiting_bytes

    @property
    def is_behind(self) -> bool:
        """Say whether results wait for much longer than a commit takes: the broker may be away."""
        late = max(_BEHIND_SECONDS, _BEHIND_INTERVALS * self._publishing.commit_interval_seconds)
        return self._waiting_since is not None and time.monotonic() - self._waiting_since > late

    @property
    def unpublished_seconds(self) -> float:
        """Say how long results have waited for the broker."""
        return 0.0 if self._waiting_since is None else time.monotonic() - self._waiting_since

    def add(self, result: Result) -> None:
        """Take a finished result; it is published with the next transaction."""
        self.window.finish(result.offset)
        if not self._results:
            self._waiting_since = time.monotonic()
        self._results[result.offset] = result
        self._waiting_bytes += result.size_bytes

    async def recorded(self) -> None:
        """Return once the broker has what the window says now, or the partition is given up."""
        if self._closing.is_set():
            return
        recording = asyncio.get_running_loop().create_future()
        self._recordings.append(recording)
        await recording

    async def run(self) -> None:
        """Commit what there is, every commit interval, until cancelled; raises BrokerStuck."""
        while True:
            await asyncio.sleep(self._publishing.commit_interval_seconds)
            if self._results or self._recordings or self.window.starts != self._starts_recorded:
                await asyncio.shield(self._commit())  # a transaction under way is never cancelled: closing waits for it

    def give_up(self) -> None:
        """Begin nothing more: the partition is somebody else's. What is published from now on is so as of now."""
        if not self._closing.is_set():
            self._last_membership = self._publishing.membership(self._partition)
        self._closing.set()
        _resolve(self._recordings)

    async def close(self, *, in_order: bool) -> None:
        """Publish what is finished in one last transaction; `in_order` also says that nothing is under way any more."""
        self.give_up()
        async with self._committing:
            if self._is_open:
                await self._publish(self.window.handed_over() if in_order else self.window.progress())
        await self.let_go()

    async def let_go(self) -> None:
        """Close the ledger, after what is under way with it."""
        async with self._committing:
            await self._publishing.blocking.run(f"let go of {self._partition}", self._ledger.close)

    async def patiently(self, what: str, call: Callable[[], T]) -> T:
        """Give what a blocking call gives, however long the broker is away; not for long once the partition goes.

        Raises OutboxClosed, BrokerStuck, and AccessRefused, which no patience helps against.
        """
        while not self._closing.is_set():
            try:
                asked = f"{what} {self._partition}"
                answer = await self._publishing.blocking.run_or_abandon(
                    asked, call, seconds=_OPEN_SECONDS, hurry=self._closing
                )
            except RegistryUnavailable as error:  # nothing is wrong with the broker
                log.warning("waiting for the registry", partition=str(self._partition), error=str(error))
                await self._unless_closing(_RETRY_SECONDS)
            except (KafkaException, StaleProgress, CallAbandoned) as error:
                if isinstance(error, KafkaException):
                    raise_refusal(error.args[0])
                log.warning("waiting for the broker", partition=str(self._partition), error=str(error))
                self._missed(str(error))
                await self._unless_closing(_RETRY_SECONDS)
            else:
                return answer
        raise OutboxClosed

    async def _commit(self) -> bool:
        """Publish once; False when it failed and the partition was opened again."""
        async with self._committing:
            if self._closing.is_set():
                return True
            failure = await self._publish(self.window.progress())
            if failure is not None:
                await self._recover(failure)
            return failure is None

    async def _recover(self, failure: CommitFailed) -> None:
        """Open again, and drop the results that turn out to be published already."""
        if failure.refused:
            raise failure.refused
        self._missed(str(failure))
        if failure.fenced:
            await self._unless_closing(_FENCED_SECONDS)
        with suppress(OutboxClosed):
            progress = await self.patiently("open again", self._opened)
            self._is_open = True
            self._forget(progress.finished_of(self._results))

    async def _publish(self, progress: Progress) -> CommitFailed | None:
        """Publish what is finished; give the failure, if any."""
        results, recordings, starts = list(self._results.values()), list(self._recordings), self.window.starts
        publish = partial(self._ledger.publish, results, progress, self._membership())
        begun, meter = time.monotonic(), self._publishing.meter
        try:
            await self._publishing.blocking.run_or_abandon(
                f"publish {self._partition}", publish, seconds=_PUBLISH_SECONDS
            )
        except CallAbandoned as error:
            self._is_open = False  # it may take effect yet: nothing is published before the ledger is opened again
            meter.transaction("abandoned", time.monotonic() - begun)
            return CommitFailed(str(error))
        except CommitFailed as failure:
            self._is_open = False
            meter.transaction("fenced" if failure.fenced else "failed", time.monotonic() - begun)
            log.warning("a transaction failed", partition=str(self._partition), error=str(failure))
            return failure
        self.committed_at = time.monotonic()
        meter.transaction("committed", self.committed_at - begun)
        self._failing_since, self._starts_recorded = None, starts
        del self._recordings[: len(recordings)]
        _resolve(recordings)
        self._forget([result.offset for result in results])
        return None

    def _membership(self) -> Membership | None:
        """Give who we are in the group; at the end who we were, lest a late call speak for the next owner's time."""
        return self._last_membership if self._closing.is_set() else self._publishing.membership(self._partition)

    def _forget(self, offsets: list[int]) -> None:
        published = [self._results.pop(offset) for offset in offsets]
        self._waiting_bytes -= sum(result.size_bytes for result in published)
        self._publishing.meter.published(self._partition.topic, [result.entry for result in published])
        if self._publishing.write_span:
            write_published(published, self._publishing.write_span, now_ns=time.time_ns())
        self._waiting_since = time.monotonic() if self._results else None
        self._published(offsets)

    def _missed(self, error: str) -> None:
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
        if now - self._failing_since > self._publishing.stuck_seconds:
            raise BrokerStuck(f"{self._partition}: nothing taken for {now - self._failing_since:.0f} s: {error}")

    async def _unless_closing(self, seconds: float) -> None:
        """Wait, but not past the closing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()


def _resolve(recordings: Iterable[asyncio.Future[None]]) -> None:
    for recording in recordings:
        if not recording.done():
            recording.set_result(None)
