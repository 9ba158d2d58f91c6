"""`python -m tests.integration.releasing_worker`: the real worker, but for what it writes.

Each request asks its engine twice, as a text that is repaired does. The published text says which model it was begun
with, its provenance which one it was ended with; no guard is asked.
"""

from __future__ import annotations

from dataclasses import replace

from schemas.provenance import Provenance
from schemas.request import GenerationRequest
from tests.factories import description, provenance
from workers.engines.engine import Engine, Prompt, Sampling
from workers.outcome import Cost, Outcome, Written
from workers.process import leave, main, parts_for
from workers.settings import WorkerSettings
from workers.worker import Parts


async def generate(request: GenerationRequest, engine: Engine) -> Outcome:
    """Ask the engine twice, and say who it was before and after."""
    begun_with = engine.model.revision
    for turn in range(2):
        await engine.generate(Prompt("", f"{request.request_id} {turn}"), Sampling(max_tokens=8))
    written = description(request.subject).model_copy(
        update={"body": begun_with, "provenance": _provenance(request, engine)}
    )
    return Written(written, Cost())


def _provenance(request: GenerationRequest, engine: Engine) -> Provenance:
    model = engine.model
    return provenance(
        request.request_id,
        source_version=request.source_version,
        model=model.name,
        model_revision=model.revision,
        adapter=model.adapter,
    )


def _build(settings: WorkerSettings) -> Parts:
    parts = parts_for(settings)
    return replace(parts, generate=generate, releasing=replace(parts.releasing, rehearse=generate))


if __name__ == "__main__":
    leave(main(build=_build))
