"""What the loops that users would write instead of a worker have in common: their settings and their work.

They read the same requests, ask the same engine for them and write down whose text it was. They run with their
library's defaults, but for the time after which a dead member of the group is missed: 6 s, the worker's own, so that
a run does not wait for a minute after each kill. It changes neither what they lose nor what they double.
"""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.codec import Codec
from schemas.registry import HttpRegistry
from schemas.request import GenerationRequest
from schemas.topics import REQUESTS_BULK
from tests.faults.orders import FAILS_ONCE
from tests.faults.worker import SAMPLING, prompt_of
from workers.engines.engine import Engine, EngineUnavailable
from workers.engines.fake import FakeEngine
from workers.settings import WorkerSettings

SESSION_SECONDS = 6


class BaselineSettings(BaseSettings):
    """Where a loop reads and writes, under which group, and how many texts it has written at once."""

    model_config = SettingsConfigDict(env_prefix="BASELINE_", frozen=True, extra="ignore")

    inputs: str
    copies: str
    group: str
    at_once: int = 32


class Writing:
    """Makes a request's bytes into its text's: here only whose it is, since nothing else is counted."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._codec = Codec(HttpRegistry(settings.schema_registry_url))
        self._engine: Engine = FakeEngine(settings.fake)
        self._failed: set[str] = set()

    async def start(self) -> None:
        """Start the engine."""
        await self._engine.__aenter__()

    async def write(self, value: bytes) -> bytes:
        """Give the text for a request; raises EngineUnavailable at the first try of one that is marked so."""
        request = self._codec.decode(REQUESTS_BULK, value)
        if not isinstance(request, GenerationRequest):
            raise TypeError("what a baseline is sent can be decoded")
        if FAILS_ONCE.encode() in value and request.request_id not in self._failed:
            self._failed.add(request.request_id)
            raise EngineUnavailable("as engines are now and then")
        await self._engine.generate(prompt_of(request), SAMPLING)
        return request.request_id.encode()
