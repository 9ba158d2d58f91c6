"""One partition from its first message to its last commit, on a fake ledger."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from confluent_kafka import KafkaError, KafkaException

from schemas import avsc, topics
from schemas.codec import Codec
from schemas.flood import FloodLimits
from schemas.ledger import GenerationOutcome
from schemas.registry import FakeRegistry
from schemas.request import GenerationRequest
from schemas.topics import REDRIVEN_HEADER, REQUEST_ID_HEADER
from tests import factories
from workers.blocking import Blocking
from workers.edge import Edge
from workers.inbox import Marks
from workers.job import Job
from workers.lane import FloodStopped, Lane
from workers.latest import Served
from workers.ledger import FakeLedger, FakePartition, Membership
from workers.messages import Consumed, Partition, Result
from workers.outbox import Publishing
from workers.outcome import Cost, Written
from workers.publish import Publisher
from workers.window import Hole, Progress

BULK_0 = Partition(topics.REQUESTS_BULK.name, 0)


class Bench:
    """A lane with everything around it faked; the test decides when a job is finished."""

    def __init__(self) -> None:
        self.registry = FakeRegistry()
        for topic in topics.ALL:
            self.registry.register(topic.subject, avsc.text_of(topic.record))
        self.codec = Codec(self.registry)
        self.codec.warm()
        self.publisher = Publisher(self.codec, "test", lambda: factories.NOW_MS)
        self.broker = FakePartition()
        self.blocking = Blocking(threads=4)
        self.served_before: list[Served] = []
        self.orders: list[str] = []
        self.jobs: list[Job] = []
        self.aborted: list[Job] = []

    def lane(
        self,
        ledger: FakeLedger | None = None,
        *,
        commit_interval_seconds: float = 0.01,
        owner: str = "me",
        parked: Sequence[Job] = (),
        held_bytes: int = 1024 * 1024,
    ) -> Lane:
        edge = Edge(
            codec=Codec(self.registry),
            publisher=self.publisher,
            publishing=Publishing(
                membership=lambda _: None,
                blocking=self.blocking,
                owner=owner,
                commit_interval_seconds=commit_interval_seconds,
            ),
            recall=lambda _partition, _below: self.served_before,
            pause=lambda _: self.orders.append("pause"),
            resume=lambda _: self.orders.append("resume"),
            flood_limits=FloodLimits(consecutive=5),
            held_bytes=held_bytes,
            marks=Marks(pause_above=500, resume_below=100),
        )
        return Lane(BULK_0, ledger or FakeLedger(self.broker), edge, self, parked)

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def abort(self, job: Job) -> None:
        self.aborted.append(job)

    def message(self, offset: int, request: GenerationRequest | bytes | None) -> Consumed:
        value = self.codec.encode(topics.REQUESTS_BULK, request) if isinstance(request, GenerationRequest) else request
        name = request.request_id.encode() if isinstance(request, GenerationRequest) else b"?"
        key = request.subject.encode() if isinstance(request, GenerationRequest) else b"P1"
        return Consumed(BULK_0, offset, factories.NOW_MS, key, value, ((REQUEST_ID_HEADER, name),))

    def finish(self, job: Job) -> None:
        written = Written(factories.description(job.request.subject), Cost(output_tokens=7))
        job.lane.finish(job, self.publisher.generated(job.source, job.request, written, seconds=0.1))

    def progress(self) -> Progress:
        """Give what was committed last."""
        return Progress.decode(*self.broker.committed)

    def outcomes(self) -> list[tuple[int, str]]:
        """Give (offset, outcome) of each ledger entry, in the order of publication."""
        entries = [m for m in self.broker.published if m.topic == topics.GENERATION_OUTCOMES.name and m.value]
        records = [self.codec.decode(topics.GENERATION_OUTCOMES, entry.value or b"") for entry in entries]
        return [(record.offset, record.outcome) for record in records if isinstance(record, GenerationOutcome)]


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition, at most five seconds."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.blocking.close()


async def test_work_that_finishes_out_of_order_is_published_and_the_unfinished_is_not_passed(bench: Bench) -> None:
    lane = bench.lane()
    for offset in range(3):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    await until(lambda: len(bench.jobs) == 3)

    bench.finish(bench.jobs[2])
    await until(lambda: bench.outcomes() == [(2, "published")])

    assert bench.broker.committed[0] == 0
    await lane.close()


async def test_after_a_crash_only_what_was_in_flight_is_done_again(bench: Bench) -> None:
    messages = [bench.message(n, factories.request(f"Q{n}", subject=f"P{n}")) for n in range(3)]
    lane = bench.lane()
    for message in messages:
        lane.deliver(message)
    await until(lambda: len(bench.jobs) == 3)
    bench.finish(bench.jobs[1])
    await until(bench.outcomes)
    lane.park()

    again = bench.lane()
    for message in messages:
        again.deliver(message)
    await until(lambda: len(bench.jobs) == 5)

    assert [job.source.offset for job in bench.jobs[3:]] == [0, 2]
    again.park()


async def test_a_newer_request_stops_the_older_one_and_both_are_accounted_for(bench: Bench) -> None:
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0", version=1)))
    lane.deliver(bench.message(1, factories.request("Q1", version=2)))
    await until(lambda: len(bench.jobs) == 2)
    bench.finish(bench.jobs[0])  # too late: nobody wants it any more
    bench.finish(bench.jobs[1])

    await until(lambda: len(bench.outcomes()) == 2)

    assert bench.aborted == [bench.jobs[0]]
    assert bench.outcomes() == [(0, "superseded"), (1, "published")]
    lane.park()


async def test_a_withdrawal_stops_the_text_in_flight_and_leaves_a_tombstone(bench: Bench) -> None:
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0", version=1)))
    withdrawal = factories.request("Q1", version=2).model_copy(update={"action": "withdraw", "facts": None})
    lane.deliver(bench.message(1, withdrawal))

    await until(lambda: len(bench.outcomes()) == 2)

    assert bench.outcomes() == [(0, "superseded"), (1, "withdrawn")]
    tombstones = [message for message in bench.broker.published if message.value is None]
    assert [(each.topic, each.key) for each in tombstones] == [(topics.PRODUCT_DESCRIPTIONS.name, b"P1|en")]
    lane.park()


async def test_a_repeated_request_is_dropped_also_when_it_was_served_before_a_restart(bench: Bench) -> None:
    bench.served_before = [Served("Q0")]
    lane = bench.lane()
    lane.deliver(bench.message(5, factories.request("Q0")))

    await until(bench.outcomes)

    assert bench.outcomes() == [(5, "duplicate")]
    assert not bench.jobs
    lane.park()


async def test_a_request_finished_above_the_base_is_known_as_served_after_a_restart(bench: Bench) -> None:
    lane = bench.lane()
    first = [bench.message(0, factories.request("Q0", subject="P0")), bench.message(1, factories.request("Q1"))]
    for message in first:
        lane.deliver(message)
    await until(lambda: len(bench.jobs) == 2)
    bench.finish(bench.jobs[1])
    await until(bench.outcomes)
    lane.park()

    again = bench.lane()
    for message in [*first, bench.message(2, factories.request("Q1"))]:
        again.deliver(message)

    await until(lambda: len(bench.outcomes()) == 2)
    again.park()

    assert bench.outcomes() == [(1, "published"), (2, "duplicate")]


@pytest.mark.parametrize("told", ["before", "after"])
async def test_a_transaction_whose_end_nobody_knows_publishes_each_result_once(bench: Bench, told: str) -> None:
    ledger = FakeLedger(bench.broker)
    lane = bench.lane(ledger)
    lane.deliver(bench.message(0, factories.request("Q0")))
    await until(lambda: bench.jobs)
    ledger.fail_next = "before" if told == "before" else "after"
    bench.finish(bench.jobs[0])
    lane.deliver(bench.message(1, factories.request("Q1", subject="P2")))
    await until(lambda: len(bench.jobs) == 2)
    bench.finish(bench.jobs[1])

    await until(lambda: len(bench.outcomes()) == 2)

    assert bench.outcomes() == [(0, "published"), (1, "published")]
    assert bench.progress() == Progress(2, 2, owner="me")
    lane.park()


async def test_closing_publishes_what_is_finished_and_aborts_the_rest(bench: Bench) -> None:
    lane = bench.lane(commit_interval_seconds=60)
    for offset in range(2):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    await until(lambda: len(bench.jobs) == 2)
    bench.finish(bench.jobs[1])

    await lane.close()

    assert bench.outcomes() == [(1, "published")]
    assert bench.aborted == [bench.jobs[0]]
    assert bench.broker.committed[0] == 0


async def test_a_lost_partition_publishes_nothing_more(bench: Bench) -> None:
    lane = bench.lane(commit_interval_seconds=60)
    lane.deliver(bench.message(0, factories.request("Q0")))
    await until(lambda: bench.jobs)
    bench.finish(bench.jobs[0])

    lane.park()

    assert bench.outcomes() == []


@pytest.mark.parametrize(
    ("value", "error_class"),
    [
        (None, "null-value"),
        (b"\x01garbage", "bad-magic-byte"),
        (b"\x00\x00\x00\x00\x7fgarbage", "unknown-schema-id"),
    ],
)
async def test_bytes_that_are_no_request_become_a_dead_letter(bench: Bench, value: bytes, error_class: str) -> None:
    lane = bench.lane()
    lane.deliver(bench.message(0, value))

    await until(bench.outcomes)

    assert bench.outcomes() == [(0, "dead-lettered")]
    letters = [m.value for m in bench.broker.published if m.topic == topics.DEAD_LETTERS.name]
    letter = bench.codec.decode(topics.DEAD_LETTERS, letters[0] or b"")
    assert (getattr(letter, "error_class", None), getattr(letter, "value", None)) == (error_class, value)
    lane.park()


async def test_a_task_that_nobody_knows_becomes_a_dead_letter(bench: Bench) -> None:
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0", task="haiku")))

    await until(bench.outcomes)

    assert bench.outcomes() == [(0, "dead-lettered")]
    lane.park()


async def test_while_the_registry_is_away_messages_wait_and_none_is_given_up(bench: Bench) -> None:
    bench.registry.away = True
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0")))
    await until(lambda: bench.progress().owner == "me")
    assert not bench.jobs

    bench.registry.away = False
    await until(lambda: bench.jobs)

    assert bench.outcomes() == []
    lane.park()


async def test_reading_pauses_when_too_much_waits_and_goes_on_after(bench: Bench) -> None:
    lane = bench.lane()
    await until(lambda: bench.progress().owner == "me")
    for offset in range(1_600):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    assert bench.orders == ["pause"]
    await until(lambda: len(bench.jobs) == 1_000)

    for job in list(bench.jobs):
        bench.finish(job)
    await until(lambda: len(bench.jobs) == 1_600)

    assert bench.orders == ["pause", "resume"]
    lane.park()


async def test_a_lane_closed_while_the_broker_is_away_ends_quietly_and_at_once(bench: Bench) -> None:
    class AwayLedger(FakeLedger):
        asked = threading.Event()

        def open(self) -> Progress:
            self.asked.set()
            raise KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN))

    ledger = AwayLedger(bench.broker)
    lane = bench.lane(ledger)
    deaths: list[BaseException] = []
    lane.watch(deaths.append)
    await until(ledger.asked.is_set)

    async with asyncio.timeout(2):
        await lane.close()

    assert deaths == []


async def test_a_defect_in_a_lane_is_reported_and_not_swallowed(bench: Bench) -> None:
    class BrokenLedger(FakeLedger):
        def open(self) -> Progress:
            raise RuntimeError("a defect")

    lane = bench.lane(BrokenLedger(bench.broker))
    deaths: list[BaseException] = []
    lane.watch(deaths.append)

    await until(lambda: deaths)

    assert [str(death) for death in deaths] == ["a defect"]


async def test_a_window_that_an_earlier_owner_left_full_is_worked_off_and_goes_on(bench: Bench) -> None:
    left = Progress(0, 1_000, tuple(map(Hole, range(1_000))))
    bench.broker.committed = (left.base, left.encode())
    lane = bench.lane()
    for offset in range(1_001):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    await until(lambda: len(bench.jobs) == 1_000)

    bench.finish(bench.jobs[0])

    await until(lambda: len(bench.jobs) > 1_000)
    lane.park()

    assert bench.jobs[-1].source.offset == 1_000


async def started(bench: Bench, job: Job) -> None:
    """Let a job begin as the worker does."""
    await job.lane.begin(job)


async def test_what_was_under_way_when_its_owner_died_counts_a_death_and_what_waited_does_not(bench: Bench) -> None:
    messages = [bench.message(n, factories.request(f"Q{n}", subject=f"P{n}")) for n in range(2)]
    lane = bench.lane(owner="dead")
    for message in messages:
        lane.deliver(message)
    await until(lambda: len(bench.jobs) == 2)
    await started(bench, bench.jobs[1])
    bench.finish(Job(lane, messages[0], bench.jobs[0].request))  # not the job that the lane waits for: ignored
    lane.deliver(bench.message(2, b"\x01garbage"))
    await until(lambda: bench.progress().high == 3)
    lane.park()

    again = bench.lane(owner="next")
    await until(lambda: bench.progress().owner == "next")

    assert bench.progress().holes == (Hole(0), Hole(1, deaths=1))
    again.park()


async def test_after_a_death_nothing_begins_before_the_broker_knows_of_it(bench: Bench) -> None:
    bench.broker.committed = (0, Progress(0, 1, (Hole(0, under_way=True),), owner="dead").encode())
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0")))
    await until(lambda: bench.jobs)

    await started(bench, bench.jobs[0])

    assert bench.progress().holes == (Hole(0, deaths=1, under_way=True),)
    lane.park()


async def test_a_request_under_way_at_two_deaths_runs_alone_and_at_three_becomes_a_dead_letter(bench: Bench) -> None:
    suspects = (Hole(0, deaths=1, under_way=True), Hole(1, deaths=2, under_way=True))
    bench.broker.committed = (0, Progress(0, 2, suspects, owner="dead").encode())
    lane = bench.lane()
    for offset in range(3):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))

    await until(bench.outcomes)

    assert bench.outcomes() == [(1, "dead-lettered")]
    assert [(job.source.offset, job.alone) for job in bench.jobs] == [(0, True), (2, False)]
    letter = next(m.value for m in bench.broker.published if m.topic == topics.DEAD_LETTERS.name)
    assert getattr(bench.codec.decode(topics.DEAD_LETTERS, letter or b""), "attempts", 0) == 3
    lane.park()


async def test_an_owner_that_ends_in_order_leaves_nothing_under_way(bench: Bench) -> None:
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0")))
    await until(lambda: bench.jobs)
    await started(bench, bench.jobs[0])

    await lane.close()

    assert bench.progress() == Progress(0, 1, (Hole(0),), owner="")


async def test_an_owner_whose_engine_died_leaves_under_way_what_it_had_under_way(bench: Bench) -> None:
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0")))
    await until(lambda: bench.jobs)
    await started(bench, bench.jobs[0])

    await lane.close(in_order=False)

    assert bench.progress() == Progress(0, 1, (Hole(0, under_way=True),), owner="me")


async def test_work_of_a_lost_partition_that_comes_back_is_not_done_again(bench: Bench) -> None:
    messages = [bench.message(n, factories.request(f"Q{n}", subject=f"P{n}")) for n in range(3)]
    lane = bench.lane(commit_interval_seconds=60)
    for message in messages:
        lane.deliver(message)
    await until(lambda: len(bench.jobs) == 3)
    for job in bench.jobs[:2]:
        await started(bench, job)
    bench.finish(bench.jobs[0])
    parked = lane.park()
    bench.finish(bench.jobs[1])  # while nobody has the partition

    again = bench.lane(parked=parked)
    for message in messages:
        again.deliver(message)
    await until(lambda: len(bench.outcomes()) == 2)

    assert bench.outcomes() == [(0, "published"), (1, "published")]
    assert bench.aborted == [bench.jobs[2]]
    assert [job.source.offset for job in bench.jobs] == [0, 1, 2, 2]
    again.park()


async def test_a_parked_job_still_under_way_is_taken_over_and_published_once(bench: Bench) -> None:
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0")))
    await until(lambda: bench.jobs)
    await started(bench, bench.jobs[0])

    again = bench.lane(parked=lane.park())
    again.deliver(bench.message(0, factories.request("Q0")))
    await until(lambda: bench.jobs[0].lane is again)
    bench.finish(bench.jobs[0])
    await until(bench.outcomes)

    assert (len(bench.jobs), bench.aborted, bench.outcomes()) == (1, [], [(0, "published")])
    again.park()


async def test_parked_work_is_dropped_where_somebody_else_did_it_or_the_offset_is_another_message(bench: Bench) -> None:
    lane = bench.lane(commit_interval_seconds=60)
    for offset in range(2):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    await until(lambda: len(bench.jobs) == 2)
    for job in bench.jobs:
        await started(bench, job)
        bench.finish(job)
    parked = lane.park()
    bench.broker.committed = (0, Progress(0, 1).encode())

    again = bench.lane(parked=parked)
    again.deliver(bench.message(0, factories.request("Q0", subject="P0")))
    again.deliver(bench.message(1, factories.request("other", subject="P9")))
    await until(lambda: len(bench.jobs) == 3)

    assert (bench.jobs[2].request.request_id, bench.outcomes()) == ("other", [])
    assert bench.aborted == bench.jobs[:2]
    again.park()


async def test_a_flood_of_bad_messages_ends_the_lane_and_the_one_too_many_is_not_given_up(bench: Bench) -> None:
    deaths: list[BaseException] = []
    lane = bench.lane()
    lane.watch(deaths.append)
    for offset in range(10):
        lane.deliver(bench.message(offset, b"\x01garbage"))

    await until(lambda: deaths)
    await lane.close()

    assert isinstance(deaths[0], FloodStopped)
    assert bench.outcomes() == [(offset, "dead-lettered") for offset in range(4)]
    assert bench.progress() == Progress(4, 4)


async def test_a_request_put_back_is_done_though_its_id_was_seen_and_put_back_twice_only_once(bench: Bench) -> None:
    lane = bench.lane()
    for offset, redriven in enumerate((None, b"dead-letters/0/7", b"dead-letters/0/7")):
        message = bench.message(offset, factories.request("Q0"))
        extra = ((REDRIVEN_HEADER, redriven),) if redriven else ()
        lane.deliver(message._replace(headers=(*message.headers, *extra)))

    await until(lambda: (2, "duplicate") in bench.outcomes())

    assert [job.source.offset for job in bench.jobs] == [0, 1]
    lane.park()


async def test_an_older_version_is_stale_also_when_the_newer_one_was_served_before_a_restart(bench: Bench) -> None:
    bench.served_before = [Served("Q9", ("product-descriptions", "P1", "en"), 9)]
    lane = bench.lane()
    lane.deliver(bench.message(5, factories.request("Q0", version=8)))

    await until(bench.outcomes)

    assert bench.outcomes() == [(5, "superseded")]
    lane.park()


async def test_unfinished_messages_are_held_up_to_their_limit_in_bytes_and_one_always_fits(bench: Bench) -> None:
    lane = bench.lane(held_bytes=1)
    for offset in range(2):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    await until(lambda: len(bench.jobs) == 1)
    await until(lambda: bench.progress().owner == "me")
    assert len(bench.jobs) == 1

    bench.finish(bench.jobs[0])

    await until(lambda: len(bench.jobs) == 2)
    lane.park()


async def test_nothing_is_begun_while_results_wait_for_a_broker_that_takes_none(bench: Bench) -> None:
    class SilentLedger(FakeLedger):
        answers = threading.Event()

        def publish(self, results: Sequence[Result], progress: Progress, membership: Membership | None) -> None:
            if results:
                self.answers.wait(10)
            super().publish(results, progress, membership)

    ledger = SilentLedger(bench.broker)
    lane = bench.lane(ledger)
    for offset in range(2):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    await until(lambda: len(bench.jobs) == 2)
    bench.finish(bench.jobs[0])
    await asyncio.sleep(1.2)  # longer than a commit may take
    beginning = asyncio.create_task(started(bench, bench.jobs[1]))
    await asyncio.sleep(0.1)
    begun_meanwhile = bench.jobs[1].is_begun
    ledger.answers.set()
    await beginning

    assert (begun_meanwhile, bench.jobs[1].is_begun) == (False, True)
    lane.park()


async def test_a_request_under_another_key_than_its_subject_becomes_a_dead_letter(bench: Bench) -> None:
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0", subject="P2"))._replace(key=b"P1"))

    await until(bench.outcomes)

    assert bench.outcomes() == [(0, "dead-lettered")]  # nobody would keep it in order with its subject's others
    lane.park()
