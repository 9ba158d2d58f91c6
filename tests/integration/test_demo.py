"""`shelftalk demo` from start to end on the real broker and registry, with the real processes and a fake engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.demo_processes import Started
from deploy.demo_summary import Summary
from deploy.local.stack import LocalStack, Pids
from schemas import tasks
from tests.integration.conftest import CACHE
from tests.integration.reading import wait_until

pytestmark = pytest.mark.integration

_SECONDS = 240


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


@contextmanager
def _demo(tmp_path: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Give `shelftalk demo` as a live process, in a home of its own; what it prints goes to `demo.log`."""
    command = [str(Path(sys.executable).with_name("shelftalk")), "demo", "--engine", "fake"]
    environment = os.environ | {"SHELFTALK_HOME": str(tmp_path / "home"), "SHELFTALK_CACHE": str(CACHE)}
    with (tmp_path / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--out", str(tmp_path / "out"), *arguments], env=environment, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def _nothing_runs(home: Path) -> bool:
    records = [Started.model_validate_json((home / f"{name}.json").read_bytes()) for name in ("streams", "workers")]
    return not any(each.is_alive for each in records) and LocalStack(home, CACHE).pids() == Pids(None, None)


def _log(tmp_path: Path) -> str:
    return (tmp_path / "demo.log").read_text()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, shop: Path) -> Path:
    """Give the folder of one demo that has run to its end."""
    folder = tmp_path_factory.mktemp("demo")
    with _demo(folder, "--shop", str(shop)) as process:
        assert process.wait(_SECONDS) == 0, _log(folder)
    return folder


def _summary(run: Path) -> Summary:
    return Summary.model_validate_json((run / "out" / "summary.json").read_bytes())


@pytest.mark.timeout(_SECONDS)
def test_every_product_of_a_shop_has_its_end(run: Path) -> None:
    summary, ends = _summary(run), _summary(run).products
    assert (summary.adds_up, summary.events, summary.refused_lines) == (True, 10, 2)
    assert (ends["published"] + ends["withheld"], ends["withdrawn"], ends["refused"], ends["products"]) == (2, 1, 2, 5)
    assert "products.jsonl:5" in _log(run)


def test_every_request_has_its_outcome(run: Path) -> None:
    summary = _summary(run)
    for task in summary.tasks.values():
        written = task.model + task.template + task.withheld
        assert written + task.withdrawn + task.superseded + task.duplicate + task.dead_lettered == task.requests
    assert summary.requests == sum(task.requests for task in summary.tasks.values()) >= 6


def test_the_topics_on_disk_are_what_the_numbers_say(run: Path) -> None:
    for task in tasks.ALL:
        lines = [json.loads(line) for line in (run / "out" / f"{task.output.name}.jsonl").read_text().splitlines()]
        counted = _summary(run).tasks[task.name]
        assert sum(line["value"] is not None for line in lines) == counted.model + counted.template
        assert sum(line["value"] is None for line in lines) == counted.withheld + counted.withdrawn


def test_a_finished_demo_leaves_nothing_running(run: Path) -> None:
    assert _nothing_runs(run / "home" / "demo")


@pytest.mark.timeout(_SECONDS)
def test_an_interrupted_demo_leaves_nothing_running(tmp_path: Path, shop: Path) -> None:
    worker = tmp_path / "home" / "demo" / "workers.json"
    with _demo(tmp_path, "--shop", str(shop)) as process:
        wait_until(worker.is_file, "the worker was started", timeout_seconds=120)
        wait_until((worker.parent / "streams.json").is_file, "the streams were started", timeout_seconds=30)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert _nothing_runs(worker.parent)


@pytest.mark.timeout(_SECONDS)
def test_a_process_that_dies_ends_the_demo_with_the_reason(tmp_path: Path, shop: Path) -> None:
    worker = tmp_path / "home" / "demo" / "workers.json"
    with _demo(tmp_path, "--shop", str(shop)) as process:
        wait_until(worker.is_file, "the worker was started", timeout_seconds=120)
        os.kill(Started.model_validate_json(worker.read_bytes()).pid, signal.SIGKILL)
        assert process.wait(_SECONDS) == 1
    assert "`python -m workers` ended by itself" in _log(tmp_path)
    assert _nothing_runs(worker.parent)
