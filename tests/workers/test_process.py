"""A worker process ends with a code that says what happened, and so what whoever starts it again should do."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Self

import pytest
import structlog

from schemas import avsc, topics
from schemas.codec import Codec
from schemas.events import Product
from schemas.registry import FakeRegistry
from schemas.request import GenerationRequest
from tests import factories
from tests.workers.scripted_engine import ScriptedEngine
from tests.workers.task_requests import request_for
from workers.engines.engine import Engine, EngineDied
from workers.engines.fake import FakeEngine
from workers.generate import generate_and_check
from workers.lane import FloodStopped
from workers.ledger import FakeLedger, FakePartition
from workers.model import ModelNotFound
from workers.outbox import BrokerStuck
from workers.outcome import Cost, Outcome, Written
from workers.process import main, parts_for
from workers.publish import Publisher
from workers.serve import EngineGaveUp
from workers.settings import WorkerSettings
from workers.worker import Parts, WorkerFailed


class EnteringEngine(FakeEngine):
    """Does as the test says when it is entered."""

    def __init__(self, entered: Callable[[], object]) -> None:
        super().__init__()
        self._do = entered

    async def __aenter__(self) -> Self:
        self._do()
        return await super().__aenter__()


async def written(request: GenerationRequest, engine: Engine) -> Outcome:
    return Written(factories.description(), Cost())


def parts_with(engine: Engine) -> Parts:
    """Give parts without a broker that read nothing at all."""
    registry = FakeRegistry()
    for topic in topics.ALL:
        registry.register(topic.subject, avsc.text_of(topic.record))
    codec = Codec(registry)
    return Parts(
        engine=engine,
        generate=written,
        codec=codec,
        publisher=Publisher(codec, "test", lambda: factories.NOW_MS),
        ledger_of=lambda _: FakeLedger(FakePartition()),
        recall=lambda _partition, _below: [],
        published_beyond=lambda _partition, _progress: None,
        sources_for=lambda _listener, _blocking: {},
    )


def raising(error: Exception) -> Callable[[WorkerSettings], Parts]:
    """Give a build whose engine fails so as it is entered."""

    def fail() -> None:
        raise error

    return lambda _settings: parts_with(EnteringEngine(fail))


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Give an environment that sets nothing of ours; logging and signals are put back as they were."""
    for name in [*os.environ]:
        if name.startswith("SHELFTALK_") or name in ("KAFKA_BOOTSTRAP", "SCHEMA_REGISTRY_URL"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("workers.worker.gc.freeze", lambda: None)
    yield monkeypatch
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelNotFound("no such model"), 78),
        (EngineGaveUp("away"), 69),
        (EngineDied("dead"), 69),
        (FloodStopped("bad"), 65),
        (BrokerStuck("stuck"), 75),
        (WorkerFailed("the consumer failed"), 70),
        (RuntimeError("a defect"), 70),
    ],
)
def test_each_end_has_the_code_that_tells_what_to_do(error: Exception, code: int) -> None:
    assert main(raising(error)) == code


@pytest.mark.parametrize(("name", "value"), [("MAX_IN_FLIGHT", "none"), ("ENGINE_URL", "http://engine:8000/v1")])
def test_wrong_settings_end_the_process_before_anything_is_built(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(f"SHELFTALK_{name}", value)
    built: list[WorkerSettings] = []

    def build(settings: WorkerSettings) -> Parts:
        built.append(settings)
        return parts_with(FakeEngine())

    assert (main(build), built) == (78, [])


def test_wrong_settings_are_told_without_their_values(
    environment: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("SHELFTALK_MAX_IN_FLIGHT", "sk-secret")
    main()

    told = capfd.readouterr().err
    assert "max_in_flight" in told
    assert "sk-secret" not in told


def invalid_record() -> None:
    Product.model_validate({})


def test_a_record_that_is_invalid_while_working_is_a_defect_and_not_a_wrong_setting() -> None:
    assert main(lambda _settings: parts_with(EnteringEngine(invalid_record))) == 70


def test_a_record_that_is_invalid_while_building_is_a_defect_and_not_a_wrong_setting() -> None:
    def build(settings: WorkerSettings) -> Parts:
        invalid_record()
        return parts_with(FakeEngine())

    assert main(build) == 70


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_asked_to_stop_ends_in_order(number: signal.Signals) -> None:
    engine = EnteringEngine(lambda: os.kill(os.getpid(), number))

    assert main(lambda _settings: parts_with(engine)) == 0


def test_a_guard_that_never_returns_does_not_hold_the_end_up(environment: pytest.MonkeyPatch) -> None:
    end, judging = threading.Event(), []

    def guard(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        end.wait(30)

    def judge() -> None:
        engine = ScriptedEngine('{"headline": "Navy fleece jacket", "body": "It is made of fleece."}')
        request = request_for("product-description")
        judging.append(asyncio.create_task(generate_and_check(request, engine=engine, now_ms=lambda: factories.NOW_MS)))

    environment.setattr("workers.generate.guard", guard)
    began_at = time.monotonic()
    try:
        assert main(lambda _settings: parts_with(EnteringEngine(judge))) == 0
        assert time.monotonic() - began_at < 10
    finally:
        end.set()


def test_a_defect_is_logged_without_the_contents_it_was_met_with(capfd: pytest.CaptureFixture[str]) -> None:
    def build(settings: WorkerSettings) -> Parts:
        review = "the shopper's own words"
        raise RuntimeError(f"a review of {len(review)} characters")

    main(build)

    told = capfd.readouterr().err
    assert "a review of 23 characters" in told
    assert "own words" not in told


def test_the_real_parts_are_built_without_asking_anybody(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SHELFTALK_ENGINE", "fake")

    assert isinstance(parts_for(WorkerSettings()).engine, FakeEngine)
