"""Nothing is lost and nothing is doubled when processes die and services go away, on the real broker."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from schemas import topics
from tests.integration.reading import read_all, wait_until
from tests.integration.shopbooks import places
from tests.integration.shoprun import shop_run

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

PRODUCTS = [f"P{number}" for number in range(200)]
AWAY_SECONDS = 30.0


def test_every_product_is_published_once_though_streams_and_worker_are_killed_on_the_way(tmp_path: Path) -> None:
    with shop_run(tmp_path) as run:
        run.feed_products(PRODUCTS)
        run.start_streams()
        run.start_worker()
        run.wait_for_published(10)
        run.kill("streams")
        run.kill("worker")
        run.start_streams()
        run.start_worker()
        run.wait_for_published(80)
        run.kill("worker")
        run.start_worker()
        run.wait_for_published(len(PRODUCTS))
        wait_until(lambda: places(run.outcomes()).keys() >= run.request_places(), "an outcome for every request")

        assert run.keys(topics.PRODUCT_DESCRIPTIONS) == {f"{product}|en".encode(): 1 for product in PRODUCTS}
        assert set(places(run.outcomes()).values()) == {1}
        assert places(run.outcomes()).keys() == run.request_places()
        assert {outcome.outcome for outcome in run.outcomes()} <= {"published", "duplicate"}


def test_work_goes_on_after_broker_and_registry_were_away_and_nothing_is_dead_lettered(tmp_path: Path) -> None:
    with shop_run(tmp_path) as run:
        run.feed_products(PRODUCTS[:100])
        run.start_streams()
        run.start_worker(seconds_per_text=1.0)
        run.wait_for_published(10)

        run.stack.kill_registry()
        run.stack.kill_broker()
        time.sleep(AWAY_SECONDS)  # the absence itself is what is tested
        run.stack.start_registry()
        run.stack.start_broker()
        run.feed_products(PRODUCTS[100:120])
        run.wait_for_published(120)

        assert run.keys(topics.PRODUCT_DESCRIPTIONS) == {f"{product}|en".encode(): 1 for product in PRODUCTS[:120]}
        assert set(places(run.outcomes()).values()) == {1}
        assert read_all(run.stack.bootstrap, topics.DEAD_LETTERS.name) == []
        assert all(process.is_alive for process in run.processes.values())


def test_a_worker_asked_to_end_publishes_what_it_finished_and_exits_cleanly(tmp_path: Path) -> None:
    with shop_run(tmp_path) as run:
        run.feed_products(PRODUCTS[:30])
        run.start_streams()
        run.start_worker()
        run.wait_for_published(5)

        assert run.processes["worker"].terminate() == 0
        assert run.processes["streams"].terminate() == 0

        run.start_streams()
        run.start_worker()
        run.wait_for_published(30)
        assert set(run.keys(topics.PRODUCT_DESCRIPTIONS).values()) == {1}


def test_a_worker_whose_engine_stays_away_ends_with_an_exit_code_that_says_so(tmp_path: Path) -> None:
    with shop_run(tmp_path) as run:
        run.feed_products(PRODUCTS[:1])
        run.start_streams()
        run.start(
            "workers",
            "worker",
            SHELFTALK_ENGINE="fake",
            SHELFTALK_FAKE__UNAVAILABLE_SECONDS="600",
            SHELFTALK_ENGINE_PATIENCE_SECONDS="2",
        )

        assert run.processes["worker"].wait(timeout_seconds=60) == 69
        assert run.outcomes() == []


def test_with_the_newer_group_protocol_two_workers_share_the_partitions_and_end_in_order(tmp_path: Path) -> None:
    with shop_run(tmp_path) as run:
        run.start_streams()
        for name in ("one", "two"):
            run.start_worker(name, SHELFTALK_GROUP_PROTOCOL="consumer")
        for name in ("one", "two"):
            log = run.processes[name].log
            wait_until(lambda: b"partition opened" in log.read_bytes(), f"{name} has partitions")  # noqa: B023
        run.feed_products(PRODUCTS[:40])
        run.wait_for_published(40)

        assert [process.terminate() for process in run.processes.values()] == [0, 0, 0]
        assert set(places(run.outcomes()).values()) == {1}
