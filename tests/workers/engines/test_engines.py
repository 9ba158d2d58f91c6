"""The contract, over each engine that needs no model."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.workers.engines.chat_server import ChatServer, serving
from tests.workers.engines.contract import PROMPT, EngineContract
from workers.engines.engine import Engine, EngineUnavailable, Sampling
from workers.engines.fake import FakeEngine, FakeSettings
from workers.engines.openai import OpenAiEngine, OpenAiSettings

SETTINGS = FakeSettings(median_seconds=0.1)


def _in_flight(fake: FakeEngine) -> int:
    return fake.counts.started - fake.counts.finished - fake.counts.aborted


class TestFakeEngine(EngineContract):
    @pytest.fixture
    async def engine(self) -> AsyncIterator[Engine]:
        async with FakeEngine(SETTINGS) as engine:
            yield engine

    def in_flight(self, engine: Engine) -> int:
        assert isinstance(engine, FakeEngine)
        return _in_flight(engine)

    async def test_an_engine_that_was_left_serves_no_more(self, engine: Engine) -> None:
        await engine.__aexit__(None, None, None)
        with pytest.raises(EngineUnavailable):
            await engine.generate(PROMPT, Sampling(max_tokens=3))


class TestOpenAiEngine(EngineContract):
    @pytest.fixture
    async def behind(self) -> AsyncIterator[FakeEngine]:
        async with FakeEngine(SETTINGS) as fake:
            yield fake

    @pytest.fixture
    async def engine(self, behind: FakeEngine) -> AsyncIterator[Engine]:
        async with (
            serving(ChatServer(behind)) as server,
            OpenAiEngine(OpenAiSettings(base_url=server.base_url)) as engine,
        ):
            self._behind = behind
            yield engine

    def in_flight(self, engine: Engine) -> int:
        return _in_flight(self._behind)

    async def test_an_engine_that_was_left_serves_no_more(self, engine: Engine) -> None:
        await engine.__aexit__(None, None, None)
        with pytest.raises(EngineUnavailable):
            await engine.generate(PROMPT, Sampling(max_tokens=3))
