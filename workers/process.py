"""One worker process, from settings to exit code.

Exit codes: 0 ended in order; 65 a flood of bad messages (look before starting again); 69 the engine stayed away, died
or hung (start again); 70 a defect or a broken consumer (start again, and look at the log); 75 a client call did not
return, the event loop stood still, or the broker took nothing for too long (start again); 77 the broker or the registry
refuses who we are or what we need, 78 the settings are wrong (starting again will not help).
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import structlog
from pydantic import ValidationError
from structlog.tracebacks import ExceptionDictTransformer

from schemas.access import EX_REFUSED, AccessRefused
from schemas.admission import knock, require_rights
from schemas.codec import Codec
from schemas.connection import OPEN, wrong_settings
from schemas.flood import EX_FLOOD
from schemas.registry import HttpRegistry
from schemas.request import GenerationRequest
from schemas.telemetry.door import Answers, open_door
from schemas.topics import REQUESTS, WORKERS_GROUP
from workers.alike import RecentTexts
from workers.authors import Releasing
from workers.commit import Committer
from workers.engines.beside import Beside
from workers.engines.build import build_engine
from workers.engines.engine import Engine, EngineDied
from workers.follow import ReleaseFollower
from workers.generate import Effort, generate_and_check
from workers.lane import FloodStopped
from workers.latest import Served
from workers.messages import Partition
from workers.model import ModelNotFound
from workers.outbox import BrokerStuck
from workers.outcome import Outcome
from workers.publish import Publisher
from workers.published import PublishedTail
from workers.recall import recall
from workers.serve import EngineGaveUp
from workers.settings import WorkerSettings
from workers.source import Source
from workers.window import Progress
from workers.worker import Parts, Worker

log = structlog.get_logger()

_ENDINGS: dict[type[Exception], tuple[int, str]] = {
    ModelNotFound: (os.EX_CONFIG, "there is no such model"),
    EngineGaveUp: (os.EX_UNAVAILABLE, "the engine stayed away"),
    EngineDied: (os.EX_UNAVAILABLE, "the engine died or hung"),
    FloodStopped: (EX_FLOOD, "too many messages are bad: look at this release, or at who writes them"),
    AccessRefused: (EX_REFUSED, "we are refused: starting again alone will not help"),
    BrokerStuck: (os.EX_TEMPFAIL, "the broker takes nothing from this process"),
}


def main(build: Callable[[WorkerSettings], Parts] | None = None) -> int:
    """Run one worker until it is asked to stop, and give the process's exit code.

    `build` gives other parts than `parts_for`; rehearsals of failures leave some out.
    """
    _log_to_stderr()
    try:
        settings = WorkerSettings()
    except ValidationError as error:
        log.error("the settings are wrong", errors=wrong_settings(error))
        return os.EX_CONFIG
    try:
        _require_admission(settings)
        asyncio.run(_work(settings, build or parts_for))
    except tuple(_ENDINGS) as error:
        code, told = next(ending for kind, ending in _ENDINGS.items() if isinstance(error, kind))
        log.error(told, error=str(error))
        return code
    except Exception:
        log.exception("the worker failed")
        return os.EX_SOFTWARE
    return os.EX_OK


def _require_admission(settings: WorkerSettings) -> None:
    """Return when a closed broker lets us in to do all that a worker does, before the engine costs anything."""
    kafka = settings.kafka(WORKERS_GROUP)
    if kafka.security != OPEN:
        require_rights(knock(kafka.common()), "worker")


class _Unjoined(ThreadPoolExecutor):
    """Threads whose end nobody waits for: the loop's own end waits for its executor, and a check may never return."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - its own form
        """Begin nothing more; what is under way is left to itself."""
        super().shutdown(wait=False, cancel_futures=True)


async def _work(settings: WorkerSettings, build: Callable[[WorkerSettings], Parts]) -> None:
    asyncio.get_running_loop().set_default_executor(_Unjoined(thread_name_prefix="asyncio"))
    worker = Worker(build(settings), settings.rules(owner=secrets.token_hex(4)))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, worker.stop)
    answers = Answers(worker.vitals.health, worker.vitals.page)
    with open_door(settings.metrics_address, answers, process="worker", folder=settings.home / "metrics"):
        await worker.run()


def parts_for(settings: WorkerSettings) -> Parts:
    """Give the real parts that the settings ask for."""
    kafka = settings.kafka(WORKERS_GROUP)
    codec = Codec(HttpRegistry(settings.schema_registry_url, access=settings.registry_access()))
    write_span = settings.span_writer("worker")
    is_traced = write_span is not None
    recent, effort = RecentTexts(), Effort(candidates=settings.candidates)

    async def generate(request: GenerationRequest, engine: Engine) -> Outcome:
        return await generate_and_check(request, engine=engine, now_ms=_now_ms, effort=effort, recent=recent)

    def recalled(partition: Partition, below: int) -> list[Served]:
        return recall(partition, below=below, count=settings.recalled_requests, kafka=kafka)

    async def rehearse(request: GenerationRequest, engine: Engine) -> Outcome:
        return await generate_and_check(request, engine=engine, now_ms=_now_ms, effort=effort)

    choice = settings.engine_choice()
    engine = build_engine(choice)
    return Parts(
        engine=engine,
        generate=generate,
        codec=codec,
        publisher=Publisher(codec, settings.worker_id or f"{socket.gethostname()}-{os.getpid()}", _now_ms, is_traced),
        ledger_of=lambda partition: Committer(partition, kafka),
        recall=recalled,
        published_beyond=PublishedTail(kafka, codec).beyond if settings.check_published else _nothing_beyond,
        sources_for=lambda listener, blocking: {
            topic.name: Source(topic.name, kafka, listener, blocking) for topic in REQUESTS
        },
        write_span=write_span,
        releasing=Releasing(
            follower=lambda told, refused: ReleaseFollower(kafka, codec, told=told, refused=refused),
            open_beside=Beside(engine, choice, settings.home / "models").open,
            rehearse=rehearse,
        ),
    )


def _nothing_beyond(partition: Partition, progress: Progress) -> None:
    """Believe the broker, whatever was published."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _log_to_stderr() -> None:
    """Write one JSON object a line; libraries speak up from WARNING on."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),  # no contents in logs
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


def leave(code: int) -> NoReturn:
    """End this process now, not after client calls that were abandoned or a check: those may never return."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
