"""`python -m streams`: one process that turns events into requests until it is told to stop (SIGTERM drains).

Exit codes: 0 ended in order; 1 a crash or a broken catalogue (start again); 65 a flood of bad messages (look first:
starting again alone only dead-letters some more of them); 75 stuck: events were held and nothing happened to any (start
again); 77 the broker or the registry refuses who we are or what we need (another password or right first); 78 the
settings or the shop's file are wrong (mend them).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass

import faust
import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from pydantic import ValidationError

from schemas.access import EX_REFUSED, AccessRefused
from schemas.admission import knock, require_rights
from schemas.codec import Codec
from schemas.connection import OPEN, wrong_settings
from schemas.flood import EX_FLOOD
from schemas.registry import HttpRegistry, RegistryError, RegistryRefused
from schemas.tasks import REVIEW_SUMMARY
from schemas.telemetry.door import Answers, open_door
from schemas.telemetry.health import TICK_SECONDS
from schemas.topics import (
    CHANGELOGS,
    DEAD_LETTERS,
    INPUTS,
    PRODUCT_DESCRIPTIONS,
    PRODUCT_QUESTIONS,
    QUESTIONS,
    REQUESTS,
)
from streams.agents import add_agents
from streams.app import FaustWriter, create_app
from streams.catalogue import Catalogue, CatalogueSource
from streams.floods import Floods
from streams.logs import log_as_json
from streams.refusals import Refusals
from streams.review_state import SummaryPolicy
from streams.send import Sender
from streams.settings import StreamsSettings
from streams.settle import Settler
from streams.shop import Shop, ShopFileWrong, read_shop
from streams.steps import Steps
from streams.tables import create_tables
from streams.tally import Tally
from streams.tracing import Tracing
from streams.vitals import Bounds, Vitals

_PAUSE_SECONDS = 1.0
_TALLY_SECONDS = 10.0
_DRAIN_SECONDS = 20.0
_CRASH_LOOP_SECONDS = 10.0

log = structlog.get_logger()


def main() -> None:
    """Wait for broker and registry, then work until SIGTERM or SIGINT, and exit with 0.

    A crash loses nothing: the process starts itself anew, under the same pid. One that crashes within ten seconds of
    its start exits with 1 instead, for its supervisor to see, and so does one whose catalogue broke. A flood of bad
    messages ends it with 65.
    """
    started = time.monotonic()
    settings = _settings()
    shop = _shop(settings)
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    source = CatalogueSource(settings.kafka_bootstrap, settings.data_folder / "catalogue", settings.security())
    codec = Codec(HttpRegistry(settings.schema_registry_url, access=settings.registry_access()))
    _wait_for_world(source, codec)
    stops = Stops(Floods(settings.flood_limits, on_flood=_stop), Refusals(on_refused=_stop))
    catalogue = Catalogue(source, codec, on_broken=_stop, on_refused=stops.refusals.note)
    catalogue.start()
    try:
        is_crashed = _work(settings, shop, codec, catalogue, stops)
    finally:
        catalogue.stop()
    if stops.code is not None:
        sys.exit(stops.code)
    if is_crashed and time.monotonic() - started > _CRASH_LOOP_SECONDS:
        log.error("crashed: starting anew")
        os.execv(sys.executable, [sys.executable, "-m", "streams"])  # noqa: S606  # no shell, our own program
    sys.exit(is_crashed or catalogue.is_broken)


@dataclass(frozen=True, slots=True)
class Stops:
    """What ends the process for good, until somebody has looked."""

    floods: Floods
    refusals: Refusals

    @property
    def code(self) -> int | None:
        """Give the exit code that says which of them it was; None when neither was seen."""
        if self.refusals.is_seen:
            return EX_REFUSED
        return EX_FLOOD if self.floods.is_seen else None


def _settings() -> StreamsSettings:
    try:
        settings = StreamsSettings()
    except ValidationError as error:
        log_as_json("INFO")
        log.error("the settings are wrong", error=wrong_settings(error))
        sys.exit(os.EX_CONFIG)
    log_as_json(settings.log_level)
    return settings


def _shop(settings: StreamsSettings) -> Shop:
    try:
        return read_shop(settings.shop, locales=settings.locales, localise_to=settings.localise_to)
    except ShopFileWrong as error:
        log.error("the shop's file is wrong", error=str(error))
        sys.exit(os.EX_CONFIG)


def _work(settings: StreamsSettings, shop: Shop, codec: Codec, catalogue: Catalogue, stops: Stops) -> bool:
    """Run the app to its end and say whether it crashed."""
    app = create_app(settings)
    writer, tally = FaustWriter(app), Tally()
    tracing = Tracing(settings.span_writer("streams"), settings.trace_ratio or 0.0)
    vitals = Vitals(tally, Bounds(settings.stall_seconds, settings.late_seconds))
    sender = Sender(writer, codec)
    policy = SummaryPolicy(settings.min_reviews, shop.locales_for(REVIEW_SUMMARY))
    steps = Steps(codec, sender, create_tables(app, writer), catalogue, policy, tally, shop)
    add_agents(app, steps, Settler(sender, tally, stops.floods, stops.refusals, tracing))

    @app.timer(interval=_TALLY_SECONDS)  # type: ignore[untyped-decorator]
    async def log_counts() -> None:
        log.info("counts", **tally.counts())

    @app.timer(interval=TICK_SECONDS)  # type: ignore[untyped-decorator]
    async def beat() -> None:
        vitals.beat(app.consumer.standing(), generation=app.consumer_generation_id)

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = _DrainingWorker(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.stops, worker.vitals = stops, vitals
    worker.spinner = None  # It would write control characters to standard output.
    answers = Answers(vitals.health, vitals.page)
    with open_door(settings.metrics_address, answers, process="streams", folder=settings.home / "metrics"):
        try:
            worker.execute_from_commandline()
        except SystemExit:
            log.info("stopped", **tally.counts())
    return not worker.is_told_to_stop


class _DrainingWorker(faust.Worker):  # type: ignore[misc]  # Faust ships no types
    """A worker whose draining has an end: without a broker Faust would wait for its last commit for ever."""

    is_told_to_stop = False
    stops: Stops
    vitals: Vitals

    def _on_sigint(self) -> None:
        self._on_sigterm()

    def _on_sigterm(self) -> None:
        self.is_told_to_stop = True
        self.vitals.leave()
        watchdog = threading.Timer(_DRAIN_SECONDS, _end_undrained, [self.stops])
        watchdog.daemon = True
        watchdog.start()
        super()._on_sigterm()


def _end_undrained(stops: Stops) -> None:
    log.error("draining took too long: what is unfinished is delivered again")
    os._exit(1 if stops.code is None else stops.code)


def _wait_for_world(source: CatalogueSource, codec: Codec) -> None:
    """Return once broker and registry answer and have what is used here; ends the process when they refuse us."""
    try:
        _wait_for_topics(source)
        _wait_for_schemas(codec)
    except AccessRefused as error:
        log.error("we are refused: starting again alone will not help", error=str(error))
        sys.exit(EX_REFUSED)


def _wait_for_topics(source: CatalogueSource) -> None:
    """Return once the broker answers and has every topic that is used here; raises AccessRefused."""
    used = (*INPUTS, *QUESTIONS, *REQUESTS, PRODUCT_DESCRIPTIONS, DEAD_LETTERS, *CHANGELOGS)
    needed = {topic.name for topic in used}
    admin = _admitted(source)
    while True:
        try:
            missing = needed - set(admin.list_topics(timeout=5).topics)
        except KafkaException as error:
            log.warning("waiting for the broker", error=str(error))
        else:
            if not missing:
                return
            log.warning("waiting for topics: run `shelftalk provision`", missing=sorted(missing))
        time.sleep(_PAUSE_SECONDS)
        admin = admin if source.security == OPEN else _admitted(source)


def _admitted(source: CatalogueSource) -> AdminClient:
    """Give a client that a closed broker has let in, with the rights that are needed here; raises AccessRefused.

    The rights come before the topics: one that we may not see looks like one that is missing.
    """
    if source.security == OPEN:
        return AdminClient(source.client())
    admin = knock(source.client())
    require_rights(admin, "streams")
    return admin


def _wait_for_schemas(codec: Codec) -> None:
    """Return once the ids of all schemas written here are known: from then on nothing sent needs the registry.

    Raises RegistryRefused.
    """
    while True:
        try:
            codec.warm(*REQUESTS, PRODUCT_QUESTIONS, DEAD_LETTERS)
        except RegistryRefused:
            raise
        except RegistryError as error:
            log.warning("waiting for the schema registry", error=str(error))
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
