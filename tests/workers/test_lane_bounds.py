"""What a lane holds at once, and what it keeps of an earlier lane's work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest

from tests import factories
from tests.deadline import until
from tests.workers.test_lane import Bench
from workers import lane as module
from workers.ledger import FakeLedger, FakePartition, Membership
from workers.messages import Result
from workers.window import Hole, Progress


class SilentLedger(FakeLedger):
    """Takes no results before it may, and keeps how many it was given at a time."""

    def __init__(self, partition: FakePartition) -> None:
        super().__init__(partition)
        self.answers = threading.Event()
        self.batches: list[int] = []

    def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
        if results:
            self.batches.append(len(results))
            self.answers.wait(5)
        super().publish(results, progress, membership)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.blocking.close()


async def test_no_more_results_wait_for_the_broker_than_their_bound_and_all_come_in_the_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 3)
    ledger = SilentLedger(bench.broker)
    lane = bench.lane(ledger)
    for offset in range(20):
        withdrawal = factories.request(f"Q{offset}", subject=f"P{offset}", action="withdraw", facts=None)
        lane.deliver(bench.message(offset, withdrawal))
    await until(lambda: bool(ledger.batches))
    for _ in range(20):  # turns enough to take in all the others, were there no bound
        await asyncio.sleep(0)
    ledger.answers.set()

    await until(lambda: len(bench.outcomes()) == 20)

    assert (max(ledger.batches), sum(ledger.batches)) == (3, 20)
    lane.park()


async def test_no_more_bytes_of_results_wait_for_the_broker_than_may_be_held(bench: Bench) -> None:
    ledger = SilentLedger(bench.broker)
    lane = bench.lane(ledger, held_bytes=2_500)
    for offset in range(4):  # one more would be a flood
        lane.deliver(bench.message(offset, bytes([1]) + bytes(1_000)))
    await until(lambda: bool(ledger.batches))
    for _ in range(20):
        await asyncio.sleep(0)
    ledger.answers.set()

    await until(lambda: len(bench.outcomes()) == 4)

    assert max(ledger.batches) <= 2
    lane.park()


async def test_parked_jobs_that_another_owner_finished_are_aborted_before_anything_is_read(bench: Bench) -> None:
    lane = bench.lane()
    for offset in range(3):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    await until(lambda: len(bench.jobs) == 3)
    for job in bench.jobs:
        await lane.begin(job)
    parked = lane.park()
    bench.broker.committed = (0, Progress(0, 2, (Hole(0),), "other").encode())

    again = bench.lane(parked=parked)
    await until(lambda: bool(bench.aborted))

    assert bench.aborted == [bench.jobs[1]]
    again.park()


async def test_closing_aborts_parked_jobs_that_were_not_read_again(bench: Bench) -> None:
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0")))
    await until(lambda: bool(bench.jobs))
    await lane.begin(bench.jobs[0])
    again = bench.lane(parked=lane.park(), owner="again")
    await until(lambda: bench.progress().owner == "again")

    await again.close()

    assert bench.aborted == bench.jobs
