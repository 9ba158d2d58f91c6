"""Generations that take long, engines that are slow, clocks that are wrong."""

from __future__ import annotations

from pathlib import Path

from schemas.request import Facts, GenerationRequest
from tests.factories import review_facts
from tests.faults import rework
from tests.faults.orders import PLAIN, SLOW, order, orders
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.faults.worker import prompt_of
from workers.engines.fake import prompt_hash

_POLL_INTERVAL_SECONDS = 6
_LONG_SECONDS = 60
_JUMP_HOURS = 3
_HOUR_MS = 3_600_000
_MIB = 1024 * 1024
_REVIEWS, _REVIEW_CHARACTERS = 15, 20_000
_GROWTH_MIB = 256
"""What a worker may hold of a backlog: 12 MiB for each of 8 partitions as bytes, the same decoded, and the client's."""


def _long_generation(stage: Stage) -> None:
    """Let one generation take ten times as long as the group waits for a poll, with others before, beside and after."""
    requests = orders(stage.mark, stage.count, stage.random)
    requests.insert(50, order(stage.mark, stage.id("long"), title=f"Jacket {SLOW}"))
    stage.start_workers(
        2,
        SHELFTALK_MAX_POLL_INTERVAL_SECONDS=str(_POLL_INTERVAL_SECONDS),
        SHELFTALK_FAKE__SLOW_MARKER=SLOW,
        SHELFTALK_FAKE__SLOW_SECONDS=str(_LONG_SECONDS),
    )
    stage.feeder.feed(requests, over_seconds=_LONG_SECONDS - 5)
    stage.wait_drained()
    stage.expect(not stage.supervisor.exits, f"no worker ends for a long generation: {stage.supervisor.exits}")
    rework.expect_none(stage)


def _one_long_among_short(stage: Stage) -> None:
    """Put one long job before thousands of short ones in its partition, and kill the worker when all those are done."""
    long = order(stage.mark, stage.id("long"), title=f"Jacket {SLOW}")
    short = [order(stage.mark, stage.id(f"short-{number}")) for number in range(stage.count)]
    for request in (long, *short):
        stage.feeder.ask(request, partition=0)
    stage.start_worker(
        "worker-1",
        SHELFTALK_FAKE__MEDIAN_SECONDS="0.03",
        SHELFTALK_FAKE__SLOW_MARKER=SLOW,
        SHELFTALK_FAKE__SLOW_SECONDS=str(_LONG_SECONDS),
    )
    stage.wait_for_outcomes(stage.count)
    stage.supervisor.kill("worker-1")
    stage.wait_drained()
    _expect_only_this_again(stage, long)


def _expect_only_this_again(stage: Stage, request: GenerationRequest) -> None:
    starts = stage.read_engine_ledger().starts
    again = {name: count for name, count in starts.items() if count > 1}
    stage.expect(again == {prompt_hash(prompt_of(request)): 2}, f"only the long one is done again, not {len(again)}")


def _slow_engine(stage: Stage) -> None:
    """Put a backlog of large requests before an engine that is slow, and watch the worker's memory."""
    stage.start_worker("worker-1", SHELFTALK_FAKE__MEDIAN_SECONDS="0.5", SHELFTALK_FAKE__SPREAD="0.3")
    for request in orders(f"{stage.mark}-first", 64, stage.random, PLAIN):
        stage.feeder.ask(request)
    stage.wait_for_outcomes(64)
    before = _resident_mib(stage.supervisor.pid("worker-1"))
    for number in range(stage.count):
        stage.feeder.ask(_heavy(order(stage.mark, stage.id(number))))
        if number % 50 == 0:
            stage.feeder.wait()
    most = _most_mib(stage, "worker-1", 64 + stage.count)
    stage.wait_drained()
    stage.expect(not stage.supervisor.exits, "the worker outlives the backlog")
    stage.figures["resident_mib_before"] = round(before)
    stage.figures["resident_mib_most"] = round(most)
    stage.expect(most - before <= _GROWTH_MIB, f"memory is flat: grew by {most - before:.0f} MiB")


def _paused_and_handed_over(stage: Stage) -> None:
    """Let another worker come and go while a backlog has every partition paused."""
    stage.start_worker("stays", static=False)
    for number in range(stage.count):
        stage.feeder.ask(_heavy(order(stage.mark, stage.id(number))))
        if number % 50 == 0:
            stage.feeder.wait()
    stage.wait_for_outcomes(10)
    stage.start_worker("visits", static=False)
    stage.wait_until(lambda: b"partition opened" in stage.supervisor.log("visits").read_bytes(), "the visitor works")
    stage.expect(stage.supervisor.stop("visits") == 0, "the visitor ends in order when asked")
    left = stage.count - stage.follower.places_seen()
    stage.figures["left_when_it_went"] = left
    stage.expect(left > stage.count // 10, f"there is a backlog when the visitor goes, not {left} requests")
    stage.wait_drained()
    rework.expect_at_most(stage, 2)


def _most_mib(stage: Stage, worker: str, outcomes: int) -> float:
    """Wait until there are so many outcomes, or the worker has ended, and give the most memory that it had till then.

    Raises TimeoutError.
    """
    most = 0.0

    def is_over() -> bool:
        nonlocal most
        if stage.supervisor.exits:
            return True
        most = max(most, _resident_mib(stage.supervisor.pid(worker)))
        return stage.follower.places_seen() >= outcomes

    stage.wait_until(is_over, f"{outcomes} outcomes", timeout_seconds=300)
    return most


def _heavy(request: GenerationRequest) -> GenerationRequest:
    """Give the request with reviews of 300 KB."""
    reviews = review_facts(*("fleece " * (_REVIEW_CHARACTERS // 7) for _ in range(_REVIEWS)))
    return request.model_copy(update={"facts": Facts(reviews=reviews)})


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / _MIB


def _clock_jumps(stage: Stage) -> None:
    """Turn the clock of the workers' Python code; the client's, the broker's and the machine's cannot be turned."""
    names = stage.start_workers(2, FAULTS_CLOCK_JUMPS_HOURS=str(_JUMP_HOURS))
    stage.feeder.feed(orders(stage.mark, stage.count, stage.random), over_seconds=5)
    for turn in (1, 2):
        stage.wait_for_outcomes(turn * stage.count // 4)
        stage.supervisor.kill(names[turn - 1])
    stage.wait_drained()
    rework.expect_at_most(stage, 2)
    for name in names:
        finished = [told.record.finished_unix_ms for told in stage.follower.outcomes if told.record.worker == name]
        hours = (max(finished, default=0) - min(finished, default=0)) / _HOUR_MS
        stage.figures[f"clock_span_hours_{name}"] = round(hours, 2)
        stage.expect(hours > _JUMP_HOURS * 1.9, f"the clock of {name} jumped ahead and behind, by {hours:.1f} h in all")


SCENARIOS = (
    Scenario(
        "long-generation",
        "a generation ten times as long as max.poll.interval.ms costs no partition and no rework",
        _long_generation,
        600,
    ),
    Scenario(
        "one-long-among-short",
        "after a kill only the one long job is done again, not the 5,000 short ones behind it that were finished",
        _one_long_among_short,
        5_000,
    ),
    Scenario("slow-engine", "a backlog before a slow engine stays on the broker: memory is flat", _slow_engine, 1_500),
    Scenario(
        "paused-and-handed-over",
        "partitions that go while they are paused, and come back, are read to their end",
        _paused_and_handed_over,
        600,
    ),
    Scenario(
        "clock-jumps",
        "a wall clock that jumps by hours in a worker's Python changes nothing; the Kafka client's own stays right",
        _clock_jumps,
        1_500,
    ),
)
