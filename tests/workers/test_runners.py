"""Every job that is wanted is served in its turn, whatever is dropped or goes wrong beside it."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from itertools import pairwise
from typing import cast

import pytest

from schemas.topics import REQUESTS_BULK, REQUESTS_INTERACTIVE
from tests import factories
from tests.deadline import until
from workers.job import Job
from workers.lane import Lane
from workers.messages import Consumed, Partition
from workers.runners import Runners
from workers.schedule import Limits


class Floor:
    """Runners whose jobs last until the test lets them go; it keeps who is served and what is reported."""

    def __init__(self, places: int, *, reserve: int = 0) -> None:
        self.gates: defaultdict[Job, asyncio.Event] = defaultdict(asyncio.Event)
        self.raises: dict[Job, BaseException] = {}
        self.present: list[Job] = []
        self.most_present = 0
        self.served: list[Job] = []
        self.failures: list[BaseException] = []
        self.cancellations = 0
        limits = Limits(in_flight=places, interactive_reserve=reserve)
        self.runners = Runners(limits, serve=self._serve, failed=self.failures.append)

    async def _serve(self, job: Job) -> None:
        task = asyncio.current_task()
        self.cancellations += task.cancelling() if task else 0
        self.present.append(job)
        self.most_present = max(self.most_present, len(self.present))
        try:
            await asyncio.sleep(0)  # a gate that is open already would not give others their turn
            await self.gates[job].wait()
            if job in self.raises:
                raise self.raises[job]
        finally:
            self.present.remove(job)
        self.served.append(job)

    def submit(self, *jobs: Job) -> None:
        for job in jobs:
            self.runners.submit(job)

    def let_go(self, *jobs: Job) -> None:
        for job in jobs:
            self.gates[job].set()

    async def until_present(self, *jobs: Job) -> None:
        await until(lambda: set(self.present) == set(jobs), timeout_seconds=5)

    async def until_served(self, jobs: Iterable[Job]) -> None:
        wanted = set(jobs)
        await until(lambda: wanted <= set(self.served), timeout_seconds=5)

    async def settle(self) -> None:
        """Give every runner as many turns as it can need to find out that there is nothing for it."""
        for _ in range(10):
            await asyncio.sleep(0)


def jobs_of(count: int, *, interactive: bool = False, alone: bool = False) -> list[Job]:
    topic = REQUESTS_INTERACTIVE if interactive else REQUESTS_BULK
    message = Consumed(Partition(topic.name, 0), 0, factories.NOW_MS, b"P1", b"", ())
    request = factories.request()
    return [Job(cast(Lane, None), message, request, alone=alone) for _ in range(count)]


@pytest.fixture
async def floor() -> AsyncIterator[Floor]:
    """Give three places, none reserved, with idle runners."""
    floor = Floor(3)
    floor.runners.start()
    await floor.settle()
    yield floor
    floor.runners.cancel()


async def test_every_job_of_a_burst_is_served_in_order_and_never_more_at_once_than_there_are_places() -> None:
    floor = Floor(3)
    before, after = jobs_of(40), jobs_of(40)
    floor.let_go(*before, *after)
    floor.submit(*before)
    floor.runners.start()
    floor.submit(*after)

    await floor.until_served(before + after)

    assert floor.served == before + after
    assert floor.most_present == 3
    floor.runners.cancel()


async def test_a_job_that_comes_when_all_runners_have_gone_idle_is_started(floor: Floor) -> None:
    for job in jobs_of(5):
        floor.let_go(job)
        floor.submit(job)
        await floor.until_served([job])
        await floor.settle()

    assert floor.runners.running == 0


async def test_a_burst_fills_every_place_at_once(floor: Floor) -> None:
    jobs = jobs_of(5)
    floor.submit(*jobs)

    await floor.until_present(*jobs[:3])

    assert floor.runners.running == 3


async def test_an_aborted_job_frees_its_place_and_its_runner_goes_on() -> None:
    floor = Floor(1)
    floor.runners.start()
    jobs = jobs_of(4)
    floor.submit(*jobs)
    for unwanted, following in pairwise(jobs):
        await floor.until_present(unwanted)
        floor.runners.abort(unwanted)
        await floor.until_present(following)
    floor.let_go(jobs[-1])

    await floor.until_served(jobs[-1:])

    assert (floor.served, floor.failures) == (jobs[-1:], [])
    assert floor.cancellations == 0  # else the next job's timeouts and task groups would take it for their own
    floor.runners.cancel()


async def test_a_job_aborted_while_it_waits_is_never_served_and_those_behind_it_are(floor: Floor) -> None:
    jobs = jobs_of(6)
    floor.submit(*jobs)
    await floor.until_present(*jobs[:3])

    floor.runners.abort(jobs[3])
    floor.let_go(*jobs)
    await floor.until_served(jobs[:3] + jobs[4:])
    await floor.settle()

    assert jobs[3] not in floor.served


async def test_a_job_aborted_in_the_moment_it_ends_takes_no_runner_with_it(floor: Floor) -> None:
    jobs = jobs_of(9)
    floor.submit(*jobs)
    await floor.until_present(*jobs[:3])
    for job in jobs[:3]:
        floor.let_go(job)
        floor.runners.abort(job)

    await floor.until_present(*jobs[3:6])

    assert floor.failures == []


async def test_aborting_a_job_that_was_served_already_or_never_came_changes_nothing(floor: Floor) -> None:
    served, unknown, next_one = jobs_of(3)
    floor.let_go(served, next_one)
    floor.submit(served)
    await floor.until_served([served])

    floor.runners.abort(served)
    floor.runners.abort(unknown)
    floor.submit(next_one)

    await floor.until_served([next_one])
    assert floor.failures == []


async def test_a_job_alone_waits_for_an_empty_floor_and_the_others_wait_for_it(floor: Floor) -> None:
    (first, *later), (suspect,) = jobs_of(3), jobs_of(1, alone=True)
    floor.submit(first)
    await floor.until_present(first)
    floor.submit(suspect, *later)
    await floor.settle()
    assert floor.present == [first]

    floor.let_go(first)
    await floor.until_present(suspect)
    await floor.settle()
    assert floor.present == [suspect]

    floor.let_go(suspect)
    await floor.until_present(*later)


@pytest.mark.parametrize("is_running", [True, False])
async def test_when_a_job_alone_is_aborted_all_that_waited_for_it_start(floor: Floor, is_running: bool) -> None:  # noqa: FBT001
    (first, *later), (suspect,) = jobs_of(3), jobs_of(1, alone=True)
    floor.submit(first)
    await floor.until_present(first)
    floor.submit(suspect, *later)
    if is_running:
        floor.let_go(first)
        await floor.until_present(suspect)
    await floor.settle()

    floor.runners.abort(suspect)

    await floor.until_present(*later, *([] if is_running else [first]))
    assert suspect not in floor.served
    assert floor.failures == []


async def test_an_interactive_job_takes_the_place_that_bulk_jobs_leave_it() -> None:
    floor = Floor(2, reserve=1)
    floor.runners.start()
    bulk, (question,) = jobs_of(2), jobs_of(1, interactive=True)
    floor.submit(*bulk)
    await floor.until_present(bulk[0])
    await floor.settle()
    assert floor.present == [bulk[0]]

    floor.submit(question)
    await floor.until_present(bulk[0], question)
    await floor.settle()
    assert floor.present == [bulk[0], question]
    floor.runners.cancel()


async def test_what_a_job_raises_is_reported_and_its_runner_goes_on(floor: Floor) -> None:
    jobs = jobs_of(6)
    floor.raises = {job: RuntimeError(f"defect {number}") for number, job in enumerate(jobs[:3])}
    floor.let_go(*jobs)
    floor.submit(*jobs)

    await floor.until_served(jobs[3:])

    assert sorted(map(str, floor.failures)) == ["defect 0", "defect 1", "defect 2"]


async def test_a_cancellation_that_nobody_asked_for_is_reported(floor: Floor) -> None:
    (job,) = jobs_of(1)
    floor.raises = {job: asyncio.CancelledError()}
    floor.let_go(job)
    floor.submit(job)

    await until(lambda: bool(floor.failures))

    assert "nobody has stopped" in str(floor.failures[0])
    assert floor.runners.running == 0


async def test_a_drain_waits_for_what_runs_and_starts_nothing_more(floor: Floor) -> None:
    jobs = jobs_of(5)
    floor.submit(*jobs)
    await floor.until_present(*jobs[:3])
    draining = asyncio.create_task(floor.runners.drain(5))
    await floor.settle()
    assert not draining.done()

    floor.let_go(*jobs)
    await draining

    assert (floor.served, floor.failures) == (jobs[:3], [])


async def test_a_drain_of_idle_runners_is_over_at_once(floor: Floor) -> None:
    async with asyncio.timeout(2):
        await floor.runners.drain(60)

    assert floor.failures == []


async def test_a_drain_does_not_wait_longer_than_it_may_and_cancelling_stops_the_rest(floor: Floor) -> None:
    jobs = jobs_of(2)
    floor.submit(*jobs)
    await floor.until_present(*jobs)

    await floor.runners.drain(0.01)
    assert set(floor.present) == set(jobs)

    floor.runners.cancel()
    await floor.until_present()
    assert (floor.served, floor.failures) == ([], [])


@pytest.mark.parametrize("seed", range(8))
async def test_no_job_is_forgotten_whatever_comes_goes_and_is_dropped(seed: int) -> None:
    floor, chance = Floor(4, reserve=1), random.Random(seed)  # noqa: S311 - chance is all that is wanted
    floor.runners.start()
    wanted: list[Job] = []
    for _ in range(300):
        wanted += jobs_of(1, interactive=chance.random() < 0.3, alone=chance.random() < 0.05)
        floor.submit(wanted[-1])
        if chance.random() < 0.3:
            floor.runners.abort(wanted.pop(chance.randrange(len(wanted))))
        if floor.present and chance.random() < 0.6:
            floor.let_go(chance.choice(floor.present))
        assert len(floor.present) <= 4
        assert len(floor.present) == 1 or not any(job.alone for job in floor.present)
        if chance.random() < 0.8:
            await asyncio.sleep(0)
    floor.let_go(*wanted)

    await floor.until_served(wanted)
    floor.runners.cancel()
