"""One partition from its first message to its last commit, on a fake ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka import KafkaError, KafkaException

from schemas import avsc, topics
from schemas.codec import Codec
from schemas.ledger import GenerationOutcome
from schemas.registry import FakeRegistry
from schemas.request import GenerationRequest
from schemas.topics import REQUEST_ID_HEADER
from tests import factories
from workers.lane import Edge, Job, Lane
from workers.ledger import FakeLedger, FakePartition
from workers.messages import Consumed, Partition
from workers.outcome import Cost, Written
from workers.publish import Publisher
from workers.window import Progress

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
        self.threads = ThreadPoolExecutor(4)
        self.served_before: list[str] = []
        self.orders: list[str] = []
        self.jobs: list[Job] = []
        self.aborted: list[Job] = []

    def lane(self, ledger: FakeLedger | None = None, *, commit_interval_seconds: float = 0.01) -> Lane:
        edge = Edge(
            codec=Codec(self.registry),
            publisher=self.publisher,
            recall=lambda _partition, _below: self.served_before,
            membership=lambda: None,
            pause=lambda _: self.orders.append("pause"),
            resume=lambda _: self.orders.append("resume"),
            blocking=self.threads,
            commit_interval_seconds=commit_interval_seconds,
        )
        return Lane(BULK_0, ledger or FakeLedger(self.broker), edge, self)

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def abort(self, job: Job) -> None:
        self.aborted.append(job)

    def message(self, offset: int, request: GenerationRequest | bytes | None) -> Consumed:
        value = self.codec.encode(topics.REQUESTS_BULK, request) if isinstance(request, GenerationRequest) else request
        name = request.request_id.encode() if isinstance(request, GenerationRequest) else b"?"
        return Consumed(BULK_0, offset, factories.NOW_MS, b"P1", value, ((REQUEST_ID_HEADER, name),))

    def finish(self, job: Job) -> None:
        written = Written(factories.description(job.request.subject), Cost(output_tokens=7))
        job.lane.finish(job, self.publisher.generated(job.source, job.request, written, seconds=0.1))

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
    bench.threads.shutdown()


async def test_work_that_finishes_out_of_order_is_published_and_the_unfinished_is_not_passed(bench: Bench) -> None:
    lane = bench.lane()
    for offset in range(3):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    await until(lambda: len(bench.jobs) == 3)

    bench.finish(bench.jobs[2])
    await until(lambda: bench.outcomes() == [(2, "published")])

    assert bench.broker.committed[0] == 0
    await lane.close(flush=True)


async def test_after_a_crash_only_what_was_in_flight_is_done_again(bench: Bench) -> None:
    messages = [bench.message(n, factories.request(f"Q{n}", subject=f"P{n}")) for n in range(3)]
    lane = bench.lane()
    for message in messages:
        lane.deliver(message)
    await until(lambda: len(bench.jobs) == 3)
    bench.finish(bench.jobs[1])
    await until(bench.outcomes)
    await lane.close(flush=False)

    again = bench.lane()
    for message in messages:
        again.deliver(message)
    await until(lambda: len(bench.jobs) == 5)

    assert [job.source.offset for job in bench.jobs[3:]] == [0, 2]
    await again.close(flush=False)


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
    await lane.close(flush=False)


async def test_a_withdrawal_stops_the_text_in_flight_and_leaves_a_tombstone(bench: Bench) -> None:
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0", version=1)))
    withdrawal = factories.request("Q1", version=2).model_copy(update={"action": "withdraw", "facts": None})
    lane.deliver(bench.message(1, withdrawal))

    await until(lambda: len(bench.outcomes()) == 2)

    assert bench.outcomes() == [(0, "superseded"), (1, "withdrawn")]
    tombstones = [message for message in bench.broker.published if message.value is None]
    assert [(each.topic, each.key) for each in tombstones] == [(topics.PRODUCT_DESCRIPTIONS.name, b"P1|en")]
    await lane.close(flush=False)


async def test_a_repeated_request_is_dropped_also_when_it_was_served_before_a_restart(bench: Bench) -> None:
    bench.served_before = ["Q0"]
    lane = bench.lane()
    lane.deliver(bench.message(5, factories.request("Q0")))

    await until(bench.outcomes)

    assert bench.outcomes() == [(5, "duplicate")]
    assert not bench.jobs
    await lane.close(flush=False)


async def test_a_request_finished_above_the_base_is_known_as_served_after_a_restart(bench: Bench) -> None:
    lane = bench.lane()
    first = [bench.message(0, factories.request("Q0", subject="P0")), bench.message(1, factories.request("Q1"))]
    for message in first:
        lane.deliver(message)
    await until(lambda: len(bench.jobs) == 2)
    bench.finish(bench.jobs[1])
    await until(bench.outcomes)
    await lane.close(flush=False)

    again = bench.lane()
    for message in [*first, bench.message(2, factories.request("Q1"))]:
        again.deliver(message)

    await until(lambda: len(bench.outcomes()) == 2)
    await again.close(flush=False)

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
    assert bench.broker.committed == (2, "")
    await lane.close(flush=False)


async def test_closing_publishes_what_is_finished_and_aborts_the_rest(bench: Bench) -> None:
    lane = bench.lane(commit_interval_seconds=60)
    for offset in range(2):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    await until(lambda: len(bench.jobs) == 2)
    bench.finish(bench.jobs[1])

    await lane.close(flush=True)

    assert bench.outcomes() == [(1, "published")]
    assert bench.aborted == [bench.jobs[0]]
    assert bench.broker.committed[0] == 0


async def test_a_lost_partition_publishes_nothing_more(bench: Bench) -> None:
    lane = bench.lane(commit_interval_seconds=60)
    lane.deliver(bench.message(0, factories.request("Q0")))
    await until(lambda: bench.jobs)
    bench.finish(bench.jobs[0])

    await lane.close(flush=False)

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
    await lane.close(flush=False)


async def test_a_task_that_nobody_knows_becomes_a_dead_letter(bench: Bench) -> None:
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0", task="haiku")))

    await until(bench.outcomes)

    assert bench.outcomes() == [(0, "dead-lettered")]
    await lane.close(flush=False)


async def test_while_the_registry_is_away_messages_wait_and_none_is_given_up(bench: Bench) -> None:
    bench.registry.away = True
    lane = bench.lane()
    lane.deliver(bench.message(0, factories.request("Q0")))
    await until(lambda: "resume" in bench.orders)
    assert not bench.jobs

    bench.registry.away = False
    await until(lambda: bench.jobs)

    assert bench.outcomes() == []
    await lane.close(flush=False)


async def test_reading_pauses_when_too_much_waits_and_goes_on_after(bench: Bench) -> None:
    lane = bench.lane()
    await until(lambda: bench.orders == ["resume"])
    for offset in range(1_600):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    assert bench.orders == ["resume", "pause"]
    await until(lambda: len(bench.jobs) == 1_000)

    for job in list(bench.jobs):
        bench.finish(job)
    await until(lambda: len(bench.jobs) == 1_600)

    assert bench.orders == ["resume", "pause", "resume"]
    await lane.close(flush=False)


async def test_a_lane_closed_while_the_broker_is_away_ends_quietly_and_at_once(bench: Bench) -> None:
    class AwayLedger(FakeLedger):
        def open(self) -> Progress:
            raise KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN))

    lane = bench.lane(AwayLedger(bench.broker))
    deaths: list[BaseException] = []
    lane.watch(deaths.append)
    await asyncio.sleep(0.05)

    async with asyncio.timeout(2):
        await lane.close(flush=True)

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
    left = Progress(0, 1_000, tuple(range(1_000)))
    bench.broker.committed = (left.base, left.encode())
    lane = bench.lane()
    for offset in range(1_001):
        lane.deliver(bench.message(offset, factories.request(f"Q{offset}", subject=f"P{offset}")))
    await until(lambda: len(bench.jobs) == 1_000)

    bench.finish(bench.jobs[0])

    await until(lambda: len(bench.jobs) > 1_000)
    await lane.close(flush=False)

    assert bench.jobs[-1].source.offset == 1_000
