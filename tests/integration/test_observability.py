"""What the real processes say of themselves: one trace through Kafka twice, numbers that are right, health."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from confluent_kafka import Producer
from prometheus_client.parser import text_string_to_metric_families

from deploy.trace_tree import Node, find_traces, grown, read_spans
from schemas import topics
from schemas.telemetry.trace import SpanContext, context_in
from tests import factories
from tests.integration.reading import read_all, wait_until
from tests.integration.shoprun import ShopRun, shop_run

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

SENT = SpanContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


def paths(nodes: tuple[Node, ...], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Give the way to each span: service and name of all above it."""
    for node in nodes:
        here = (*before, f"{node.told.service}:{node.told.span.name}")
        yield here
        yield from paths(node.children, here)


def feed_in_a_trace(run: ShopRun, product_id: str) -> None:
    """Send a product as a catalogue service does that is traced itself."""
    value = run.codec.encode(topics.PRODUCT_CREATED, factories.product(product_id))
    producer = Producer({"bootstrap.servers": run.stack.bootstrap, "partitioner": "murmur2_random"})
    producer.produce(topics.PRODUCT_CREATED.name, value, product_id, headers=list(SENT.headers()))
    assert producer.flush(30) == 0


def test_one_trace_leads_from_an_event_through_kafka_twice_to_its_published_text(tmp_path: Path) -> None:
    with shop_run(tmp_path) as run:
        feed_in_a_trace(run, "P1")
        run.feed_products(["P2"])
        run.start_streams(SHELFTALK_TRACE_RATIO="0")
        run.start_worker(SHELFTALK_TRACE_RATIO="0")
        run.wait_for_published(2)
        copy = {bytes(each.key() or b""): each for each in read_all(run.stack.bootstrap, "product-descriptions")}
        carried = context_in(copy[b"P1|en"].headers() or ())

    assert copy[b"P2|en"].headers() is None
    (trace,) = find_traces(read_spans(tmp_path.rglob("traces/*.jsonl")), "P1")
    served = ("streams:settle", "streams:ask", "worker:serve")
    found = set(paths(grown(trace)))
    assert {served, *((*served, f"worker:{name}") for name in ("wait", "generate", "guard", "publish"))} <= found
    whole = next(told.span for told in trace if told.span.name == "serve")
    assert carried == whole.context
    assert next(told.span.parent_id for told in trace if told.span.name == "settle") == SENT.span_id
    assert find_traces(read_spans(tmp_path.rglob("traces/*.jsonl")), "P2") == []


def asked(home: Path, path: str) -> httpx.Response:
    """Ask the process that listens where the file in its home says."""
    (place,) = (home / "metrics").glob("*.json")
    (target,) = json.loads(place.read_text())[0]["targets"]
    return httpx.get(f"http://{target}{path}", trust_env=False, timeout=10)


def numbers(home: Path) -> dict[tuple[str, ...], float]:
    """Give the process's numbers by name and labels."""
    families = text_string_to_metric_families(asked(home, "/metrics").text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_processes_say_how_they_are_in_numbers_that_agree_with_the_ledger(tmp_path: Path) -> None:
    with shop_run(tmp_path) as run:
        run.feed_products([f"P{number}" for number in range(20)])
        run.start_streams(SHELFTALK_METRICS_PORT="0")
        run.start_worker(SHELFTALK_METRICS_PORT="0")
        run.wait_for_published(20)
        for name in ("streams", "worker"):
            wait_until(lambda: asked(run.home / name, "/ready").status_code == 200, f"{name} is ready")  # noqa: B023
            assert asked(run.home / name, "/live").status_code == 200
        worker, streams = numbers(run.home / "worker"), numbers(run.home / "streams")

    assert worker["shelftalk_worker_outcomes_total", "bulk", "product-description", "published"] == 20
    assert worker["shelftalk_worker_partitions", "bulk"] == topics.REQUESTS_BULK.partitions
    assert streams["shelftalk_streams_events_total", "product-created"] == 20
    assert streams["shelftalk_streams_requests_total", "product-description"] == 20
    assert worker["shelftalk_worker_ready",] == 1
