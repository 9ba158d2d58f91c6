"""`python -m tests.faults.worker`: the real worker, but for what it writes and for what is told to go wrong in it.

Consuming, windows, transactions and everything else is `workers` itself. What differs: the engine is asked once per
request and a fixed text is published without the guard, which costs 50 ms of processor time per text and is not what
is tested here; and `tests.faults.failpoints` may break this process at a chosen moment.
"""

from __future__ import annotations

import gc

gc.disable()  # as workers/__main__.py does, before anything is imported
# ruff: noqa: E402

import asyncio
import faulthandler
import signal
from dataclasses import replace

from schemas.ledger import ContentWithheld, RuleHit
from schemas.provenance import Copy
from schemas.request import GenerationRequest
from schemas.tasks import BY_NAME
from tests.factories import COPY_BY_TASK, NOW_MS, provenance
from tests.faults.failpoints import Failpoints
from tests.faults.orders import WITHHELD
from workers.engines.engine import Engine, Prompt, Sampling
from workers.outcome import Cost, Outcome, Withheld, Written
from workers.process import leave, main, parts_for
from workers.settings import WorkerSettings
from workers.worker import Parts

SAMPLING = Sampling(max_tokens=64)
_COPY: dict[str, Copy] = {name: COPY_BY_TASK[name]() for name in BY_NAME}


def prompt_of(request: GenerationRequest) -> Prompt:
    """Give a prompt that no other request has, and which shows the product's title for the engine's markers."""
    product = request.facts.product if request.facts else None
    return Prompt(system="", user=f"{request.request_id} {product.title if product else ''}")


def outcome_of(request: GenerationRequest) -> Outcome:
    """Give the fixed text of the request's task under the request's own name, or withhold it when its title says so."""
    product = request.facts.product if request.facts else None
    if product and WITHHELD in product.title:
        return Withheld(_refusal(request), Cost())
    own = provenance(request.request_id, task=request.task, source_version=request.source_version)
    return Written(_COPY[request.task].model_copy(update={"provenance": own}), Cost())


async def generate(request: GenerationRequest, engine: Engine) -> Outcome:
    """Ask the engine once and give the fixed outcome."""
    await engine.generate(prompt_of(request), SAMPLING)
    return outcome_of(request)


def _refusal(request: GenerationRequest) -> ContentWithheld:
    return ContentWithheld(
        request_id=request.request_id,
        task=request.task,
        subject=request.subject,
        locale=request.locale,
        source_version=request.source_version,
        hits=(RuleHit(rule="fixed", detail="the title asks for it"),),
        ruleset_version="0",
        candidate="{}",
        model="fake",
        model_revision="1",
        withheld_unix_ms=NOW_MS,
    )


def _build(settings: WorkerSettings) -> Parts:
    return replace(parts_for(settings), generate=generate)


def _show_tasks(*_: object) -> None:
    """Write where each task stands."""
    for task in asyncio.all_tasks():
        task.print_stack()


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _show_tasks)  # where all stand, for whoever asks why nothing goes on: the tasks,
    faulthandler.register(signal.SIGUSR1, chain=True)  # and before them the threads
    Failpoints().install()
    leave(main(build=_build))
