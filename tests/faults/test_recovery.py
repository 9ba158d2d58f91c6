"""What counts as going on after a fault: every partition that was served before, and every worker in its share."""

from __future__ import annotations

from schemas.ledger import GenerationOutcome
from schemas.topics import REQUESTS_BULK, REQUESTS_INTERACTIVE
from tests.factories import NOW_MS
from tests.faults.follower import Told
from tests.faults.recovery import Service, resumed_at, unserved

BULK, INTERACTIVE = REQUESTS_BULK.name, REQUESTS_INTERACTIVE.name
SERVED = (Service("a", BULK, 0), Service("a", BULK, 1), Service("b", BULK, 2))


def told(at: float, worker: str, partition: int, topic: str = BULK) -> Told:
    record = GenerationOutcome(
        request_id="Q1",
        topic=topic,
        partition=partition,
        offset=0,
        task="product-description",
        subject="P1",
        locale="en",
        source_version=1,
        outcome="published",
        worker=worker,
        finished_unix_ms=NOW_MS,
    )
    return Told(at, record)


def test_all_goes_on_when_the_slowest_partition_is_served_again() -> None:
    fresh = [told(1.0, "a", 0), told(2.0, "b", 2), told(2.5, "a", 0), told(4.0, "a", 1), told(5.0, "b", 2)]
    assert (unserved(fresh, SERVED), resumed_at(fresh, SERVED)) == ([], 4.0)


def test_a_worker_that_is_back_does_not_hide_a_partition_of_its_own_that_is_not() -> None:
    fresh = [told(1.0, "a", 0), told(2.0, "b", 2), told(3.0, "a", 0)]
    assert unserved(fresh, SERVED) == [f"{BULK}/1"]


def test_a_partition_that_was_served_only_until_its_worker_came_back_is_missing() -> None:
    fresh = [told(1.0, "b", 1), told(1.0, "b", 2), told(3.0, "a", 0), told(3.5, "b", 2)]
    assert unserved(fresh, SERVED) == [f"{BULK}/1"]


def test_a_worker_must_come_back_in_each_topic() -> None:
    served = (*SERVED, Service("b", INTERACTIVE, 0))
    fresh = [told(1.0, "a", 0), told(2.0, "b", 2), told(2.0, "a", 1), told(2.0, "a", 0, INTERACTIVE)]
    assert unserved(fresh, served) == [f"b in {INTERACTIVE}"]
