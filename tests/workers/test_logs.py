"""What goes wrong with a request is logged by its id, without a word of what people wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from schemas.codec import ErrorClass
from schemas.request import Facts, GenerationRequest
from tests import factories
from tests.workers.scripted_engine import ScriptedEngine
from tests.workers.test_lane import Bench
from workers import generate
from workers.generate import generate_and_check
from workers.messages import Result
from workers.outcome import Outcome
from workers.process import _log_to_stderr
from workers.serve import Server

PRIVATE = "my neighbour Irma called +49 170 5550123"
FACTS = Facts(product=factories.facts_of(factories.product("P1", description=PRIVATE), "brand", "description"))
REQUEST = factories.request("Q1", subject="P1", facts=FACTS)


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


async def served() -> Result:
    """Give the result of a request whose generation ends in a record that cannot be."""

    async def generation(request: GenerationRequest) -> Outcome:
        GenerationRequest.model_validate(request.model_dump() | {"facts": {"product": PRIVATE}})
        raise AssertionError

    bench = Bench()
    return await Server(generation, bench.publisher, patience_seconds=1).serve(bench.message(0, REQUEST), REQUEST)


async def test_a_defect_is_logged_by_the_requests_id(capfd: pytest.CaptureFixture[str]) -> None:
    _log_to_stderr()
    result = await served()
    told = capfd.readouterr().err
    assert result.entry is not None
    assert result.entry.error_class == ErrorClass.INTERNAL_ERROR
    assert '"request_id": "Q1"' in told
    assert "ValidationError" in told
    assert "Irma" not in told


async def test_a_check_that_fails_is_logged_by_its_kind(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    _log_to_stderr()

    def broken(*_: object) -> None:
        raise ValueError(f"cannot judge: {PRIVATE}")

    monkeypatch.setattr(generate, "guard", broken)
    await generate_and_check(REQUEST, engine=ScriptedEngine("{}", PRIVATE), now_ms=lambda: factories.NOW_MS)
    told = capfd.readouterr().err
    assert "a check failed" in told
    assert "Irma" not in told
