"""The flow in containers: started, killed, cut off and scaled from outside, with nothing lost and nothing twice."""

from __future__ import annotations

import time
from functools import partial

import pytest

from schemas import topics
from tests.containers.compose import Compose, docker, state
from tests.integration.reading import wait_until
from tests.integration.shopbooks import ShopBooks, places

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1_800)]

CUT_SECONDS = 20.0
BASE = "python:3.11-slim"


@pytest.fixture(scope="module", autouse=True)
def flow(compose: Compose) -> None:
    """Start everything once for these tests."""
    compose.up()


def products(kind: str, count: int) -> list[str]:
    """Name products that no other test has."""
    return [f"{kind}-{number}" for number in range(count)]


def is_healthy(container: str) -> bool:
    """Tell what the health check said last."""
    return docker("inspect", "--format", "{{.State.Health.Status}}", container).strip() == "healthy"


def expect_each_once(shop: ShopBooks, ids: list[str]) -> None:
    """Expect one description of each product, and one entry in the ledger for each request."""
    shop.wait_for_all()
    described = shop.keys(topics.PRODUCT_DESCRIPTIONS)
    assert {product: described[f"{product}|en".encode()] for product in ids} == dict.fromkeys(ids, 1)
    assert set(places(shop.outcomes()).values()) == {1}
    assert shop.keys(topics.DEAD_LETTERS) == {}


def test_events_become_copy_that_is_seen_from_outside(shop: ShopBooks) -> None:
    ids = products("first", 10)
    shop.feed_products(ids)
    shop.wait_for_published(len(ids))
    expect_each_once(shop, ids)


def test_a_killed_broker_that_comes_back_loses_and_doubles_nothing(compose: Compose, shop: ShopBooks) -> None:
    ids = products("broker", 60)
    before = len(shop.outcomes())
    shop.feed_products(ids)
    wait_until(lambda: len(shop.outcomes()) > before + 10, "work under way")
    (kafka,) = compose.containers("kafka")
    docker("kill", kafka)
    time.sleep(3)
    docker("start", kafka)
    expect_each_once(shop, ids)


def test_a_worker_that_was_cut_off_the_network_goes_on_when_it_is_back(compose: Compose, shop: ShopBooks) -> None:
    ids = products("cut", 60)
    before = len(shop.outcomes())
    shop.feed_products(ids)
    wait_until(lambda: len(shop.outcomes()) > before + 10, "work under way")
    (worker,) = compose.containers("worker")
    network = f"{compose.project}_default"
    docker("network", "disconnect", network, worker)
    time.sleep(CUT_SECONDS)  # past the worker's session: its partitions are nobody's then
    docker("network", "connect", network, worker)
    expect_each_once(shop, ids)


def test_workers_come_and_go_under_load(compose: Compose, shop: ShopBooks) -> None:
    ids = products("scale", 80)
    before = len(shop.outcomes())
    shop.feed_products(ids)
    compose.up("worker", workers=3)
    wait_until(lambda: len(shop.outcomes()) > before + 60, "work under way")
    compose.up("worker", workers=1)
    expect_each_once(shop, ids)
    assert len({outcome.worker for outcome in shop.outcomes()}) >= 3


def test_a_worker_that_hits_its_memory_limit_is_started_again_and_loses_nothing(
    compose: Compose, shop: ShopBooks
) -> None:
    ids = products("memory", 30)
    cramped = Compose(compose.project, {**compose.variables, "SHELFTALK_WORKER_MEMORY": "60m"})
    cramped.up("worker")
    shop.feed_products(ids)
    (worker,) = compose.containers("worker")
    wait_until(lambda: int(docker("inspect", "--format", "{{.RestartCount}}", worker)) > 0, "an end and a restart")
    compose.up("worker")
    expect_each_once(shop, ids)


def test_what_gets_on_with_its_work_is_healthy(compose: Compose) -> None:
    for service in ("streams", "worker"):
        (container,) = compose.containers(service)
        wait_until(partial(is_healthy, container), f"a healthy container of {service}")


def test_nothing_runs_as_root_or_writes_into_its_image(compose: Compose) -> None:
    for service in ("streams", "worker"):
        (container,) = compose.containers(service)
        assert docker("exec", container, "id", "-u").strip() == "10001"
        with pytest.raises(RuntimeError, match=r"[Rr]ead-only"):
            docker("exec", container, "sh", "-c", "touch /opt/shelftalk/mark")


def test_the_streams_image_adds_little_to_its_base_and_has_no_torch() -> None:
    whole, base = (
        int(docker("image", "inspect", "--format", "{{.Size}}", image)) for image in ("shelftalk-streams", BASE)
    )
    assert whole - base < 200_000_000
    with pytest.raises(RuntimeError, match="No module named 'torch'"):
        docker("run", "--rm", "--network", "none", "shelftalk-streams", "python", "-c", "import torch")


def test_a_service_that_was_asked_to_end_does_so_in_order(compose: Compose) -> None:
    (worker,) = compose.containers("worker")
    compose.run("stop", "worker")
    assert (state(worker)["ExitCode"], state(worker)["OOMKilled"]) == (0, False)
