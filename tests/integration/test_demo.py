"""`shelftalk demo` from start to end on the real broker and registry, with the real processes and a fake engine."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from deploy.demo.processes import Started
from deploy.local.stack import LocalStack
from schemas import tasks
from tests.integration.conftest import CACHE
from tests.integration.demo_command import demo_command, log_of, nothing_runs, started_by, summary_of
from tests.integration.reading import wait_until

_SECONDS = 280

pytestmark = [pytest.mark.integration, pytest.mark.timeout(_SECONDS + 20)]


def _write(folder: Path, name: str, *rows: object) -> None:
    (folder / name).write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three products, one of them deleted, enough reviews for a summary, a shopper with a question, two bad lines."""
    folder = tmp_path_factory.mktemp("shop")
    products = [
        {"sku": f"P{number}", "name": f"Cove Mug {number}", "category": "Kitchen/Mugs", "material": "Stoneware"}
        for number in (1, 2, 3)
    ]
    _write(folder, "products.jsonl", *products, {"sku": "P3", "deleted": True}, {"name": "nameless"}, "{")
    reviews = [{"sku": "P1", "stars": stars, "text": f"Mug number {stars}, holds tea."} for stars in (3, 4, 5)]
    _write(folder, "reviews.jsonl", *reviews)
    steps = [{"user": "u1", "event": "view", "sku": f"P{number}", "timestamp": number} for number in (1, 2)]
    question = {"user": "u1", "event": "question", "sku": "P1", "text": "What is it made of?", "timestamp": 9}
    _write(folder, "activity.jsonl", *steps, question)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, shop: Path) -> Path:
    """Give the folder of one demo that has run to its end."""
    folder = tmp_path_factory.mktemp("demo")
    with demo_command(folder, "--engine", "fake", "--shop", str(shop)) as process:
        assert process.wait(_SECONDS) == 0, log_of(folder)
    return folder


def test_every_product_of_a_shop_has_its_end(run: Path) -> None:
    summary = summary_of(run)
    ends = summary.products
    assert (summary.adds_up, summary.events, summary.refused_lines) == (True, 10, 2)
    assert (ends["published"] + ends["withheld"], ends["withdrawn"], ends["refused"], ends["products"]) == (2, 1, 2, 5)
    assert "products.jsonl:5" in log_of(run)


def test_every_request_has_its_outcome(run: Path) -> None:
    summary = summary_of(run)
    for task in summary.tasks.values():
        written = task.model + task.template + task.withheld
        assert written + task.withdrawn + task.superseded + task.duplicate + task.dead_lettered == task.requests
    assert summary.requests == sum(task.requests for task in summary.tasks.values()) >= 6


def test_the_topics_on_disk_are_what_the_numbers_say(run: Path) -> None:
    for topic in {task.output.name for task in tasks.ALL}:
        lines = [json.loads(line) for line in (run / "out" / f"{topic}.jsonl").read_text().splitlines()]
        counted = [summary_of(run).tasks[task.name] for task in tasks.ALL if task.output.name == topic]
        assert sum(line["value"] is not None for line in lines) == sum(each.model + each.template for each in counted)
        assert sum(line["value"] is None for line in lines) == sum(each.withheld + each.withdrawn for each in counted)


def test_a_finished_demo_leaves_nothing_running(run: Path) -> None:
    assert nothing_runs(run)


def test_an_interrupted_demo_leaves_nothing_running(tmp_path: Path, shop: Path) -> None:
    with demo_command(tmp_path, "--engine", "fake", "--shop", str(shop)) as process:
        wait_until(started_by(tmp_path, "streams").is_file, "both processes were started", timeout_seconds=150)
        process.send_signal(signal.SIGINT)
        assert process.wait(100) == 130
    assert nothing_runs(tmp_path)


def test_a_window_closed_while_the_broker_starts_leaves_nothing_running(tmp_path: Path, shop: Path) -> None:
    with demo_command(tmp_path, "--engine", "fake", "--shop", str(shop)) as process:
        stack = LocalStack(tmp_path / "home" / "demo", CACHE)
        wait_until(lambda: stack.pids().broker is not None, "the broker was started", timeout_seconds=150)
        process.send_signal(signal.SIGHUP)
        assert process.wait(100) == 130
    assert nothing_runs(tmp_path)


def test_a_process_that_dies_ends_the_demo_with_the_reason(tmp_path: Path, shop: Path) -> None:
    with demo_command(tmp_path, "--engine", "fake", "--shop", str(shop)) as process:
        wait_until(started_by(tmp_path, "streams").is_file, "both processes were started", timeout_seconds=150)
        os.kill(Started.model_validate_json(started_by(tmp_path, "workers").read_bytes()).pid, signal.SIGKILL)
        assert process.wait(100) == 1
    assert "`python -m workers` ended by itself" in log_of(tmp_path)
    assert nothing_runs(tmp_path)
