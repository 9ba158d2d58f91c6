"""An engine that is away is waited for, and no request takes the worker down or is lost with its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import pytest

from schemas import avsc, topics
from schemas.codec import Codec
from schemas.ledger import DeadLetter, GenerationOutcome
from schemas.registry import FakeRegistry
from schemas.request import GenerationRequest
from tests import factories
from tests.deadline import until
from workers import serve
from workers.engines.engine import EngineDied, EngineUnavailable
from workers.messages import Consumed, Partition, Result
from workers.outcome import Cost, Outcome, Written
from workers.publish import Publisher
from workers.serve import EngineGaveUp, Server

MESSAGE = Consumed(Partition(topics.REQUESTS_BULK.name, 0), 7, factories.NOW_MS, b"P1", b"bytes", ())
WRITTEN = Written(factories.description(), Cost(output_tokens=7))
AWAY = EngineUnavailable("away")

Generate = Callable[[GenerationRequest], Awaitable[Outcome]]


class Desk:
    """A server whose clock goes on by ten seconds at each call of the engine, which says what it is told to say."""

    def __init__(self) -> None:
        registry = FakeRegistry()
        for topic in topics.ALL:
            registry.register(topic.subject, avsc.text_of(topic.record))
        self.codec = Codec(registry)
        self.codec.warm()
        self.now = 0.0
        self.calls = 0
        self.answers: list[Outcome | Exception] = []

    def server(self, *, patience_seconds: float | None, generate: Generate | None = None) -> Server:
        publisher = Publisher(self.codec, "test", lambda: factories.NOW_MS)
        return Server(generate or self.answer, publisher, patience_seconds=patience_seconds)

    async def answer(self, request: GenerationRequest) -> Outcome:
        self.calls += 1
        self.now += 10.0
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def outcome(self, result: Result) -> str:
        (entry,) = (message.value for message in result.messages if message.topic == topics.GENERATION_OUTCOMES.name)
        record = self.codec.decode(topics.GENERATION_OUTCOMES, entry or b"")
        assert isinstance(record, GenerationOutcome)
        return record.outcome

    def letter(self, result: Result) -> DeadLetter:
        (value,) = (message.value for message in result.messages if message.topic == topics.DEAD_LETTERS.name)
        record = self.codec.decode(topics.DEAD_LETTERS, value or b"")
        assert isinstance(record, DeadLetter)
        return record


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(serve, "_RETRY_SECONDS", 0.0)
    monkeypatch.setattr(serve, "time", SimpleNamespace(monotonic=lambda: desk.now))
    return desk


async def test_an_engine_that_comes_back_serves_what_waited_for_it(desk: Desk) -> None:
    desk.answers = [AWAY, AWAY, WRITTEN]

    result = await desk.server(patience_seconds=60).serve(MESSAGE, factories.request())

    assert (result.offset, desk.outcome(result), result.bad) == (7, "published", False)


async def test_an_engine_that_stays_away_longer_than_patience_allows_is_given_up(desk: Desk) -> None:
    desk.answers = [AWAY] * 10

    with pytest.raises(EngineGaveUp, match="more than 25 s"):
        await desk.server(patience_seconds=25).serve(MESSAGE, factories.request())

    assert desk.calls == 4  # away since the first, 30 s later it is too long


async def test_without_a_limit_the_engine_is_waited_for_however_long_it_takes(desk: Desk) -> None:
    desk.answers = [*[AWAY] * 500, WRITTEN]

    result = await desk.server(patience_seconds=None).serve(MESSAGE, factories.request())

    assert desk.outcome(result) == "published"


async def test_each_absence_of_the_engine_has_the_whole_patience(desk: Desk) -> None:
    desk.answers = [AWAY, AWAY, WRITTEN, AWAY, AWAY, WRITTEN]
    server = desk.server(patience_seconds=15)

    results = [await server.serve(MESSAGE, factories.request()) for _ in range(2)]

    assert [desk.outcome(result) for result in results] == ["published", "published"]


async def test_each_absence_has_the_whole_patience_also_while_a_long_request_goes_on(desk: Desk) -> None:
    long_one_ends = asyncio.Event()

    async def generate(request: GenerationRequest) -> Outcome:
        if request.request_id == "long":
            await long_one_ends.wait()
        return await desk.answer(request)

    desk.answers = [AWAY, AWAY, WRITTEN, AWAY, AWAY, WRITTEN, WRITTEN]
    server = desk.server(patience_seconds=15, generate=generate)
    long_one = asyncio.create_task(server.serve(MESSAGE, factories.request("long")))
    await asyncio.sleep(0)
    results = [await server.serve(MESSAGE, factories.request()) for _ in range(2)]
    long_one_ends.set()

    assert [desk.outcome(result) for result in [*results, await long_one]] == ["published"] * 3


async def test_an_absence_that_nobody_waited_out_does_not_count_against_the_next_request(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "_RETRY_SECONDS", 3_600)
    desk.answers = [AWAY, AWAY, WRITTEN]
    server = desk.server(patience_seconds=15)
    waiting = asyncio.create_task(server.serve(MESSAGE, factories.request()))
    await until(lambda: desk.calls == 1)
    waiting.cancel()
    await asyncio.wait([waiting])
    desk.now += 1_000
    monkeypatch.setattr(serve, "_RETRY_SECONDS", 0.0)

    result = await server.serve(MESSAGE, factories.request())

    assert desk.outcome(result) == "published"


async def test_an_engine_that_died_is_not_waited_for(desk: Desk) -> None:
    desk.answers = [EngineDied("dead"), WRITTEN]

    with pytest.raises(EngineDied):
        await desk.server(patience_seconds=None).serve(MESSAGE, factories.request())

    assert desk.calls == 1


async def test_a_request_that_the_engine_leaves_while_it_serves_others_is_given_up(desk: Desk) -> None:
    async def generate(request: GenerationRequest) -> Outcome:
        if request.request_id == "other":
            return WRITTEN
        await server.serve(MESSAGE, factories.request("other"))
        raise AWAY

    server = desk.server(patience_seconds=60, generate=generate)

    result = await server.serve(MESSAGE, factories.request("unserved"))

    letter = desk.letter(result)
    assert (result.bad, letter.error_class, letter.attempts) == (True, "not-served", 20)


async def test_a_request_that_waits_while_nobody_is_served_is_never_given_up(desk: Desk) -> None:
    desk.answers = [WRITTEN, *[AWAY] * 200, WRITTEN]
    server = desk.server(patience_seconds=None)
    await server.serve(MESSAGE, factories.request("other"))

    result = await server.serve(MESSAGE, factories.request())

    assert desk.outcome(result) == "published"


async def test_a_defect_meets_one_request_and_its_letter_tells_no_contents(desk: Desk) -> None:
    desk.answers = [ValueError("the shopper's own words")]

    result = await desk.server(patience_seconds=60).serve(MESSAGE, factories.request())

    letter = desk.letter(result)
    assert (result.bad, letter.error_class, letter.value) == (True, "internal-error", b"bytes")
    assert letter.error == "generation failed: ValueError"


async def test_a_text_that_cannot_be_written_down_becomes_a_dead_letter(desk: Desk) -> None:
    desk.answers = [WRITTEN]  # a product description, though a summary was asked for

    result = await desk.server(patience_seconds=60).serve(MESSAGE, factories.request(task="review-summary"))

    assert (desk.outcome(result), desk.letter(result).error_class) == ("dead-lettered", "internal-error")


async def test_a_request_that_is_no_longer_wanted_stops_waiting_for_the_engine(desk: Desk) -> None:
    desk.answers = [AWAY] * 100_000
    serving = asyncio.create_task(desk.server(patience_seconds=None).serve(MESSAGE, factories.request()))
    await until(lambda: desk.calls > 1)

    serving.cancel()
    await asyncio.wait([serving])

    assert serving.cancelled()
