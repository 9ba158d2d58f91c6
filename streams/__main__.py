"""`python -m streams`: one process that turns events into requests until it is told to stop (SIGTERM drains).

Exit codes: 0 ended in order; 1 a crash or a broken catalogue (start again); 65 a flood of bad messages (look first:
starting again alone only dead-letters some more of them); 75 stuck: events were held and nothing happened to any (start
again); 78 the shop's file is wrong (mend it).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time

import faust
import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from schemas.codec import Codec
from schemas.flood import EX_FLOOD
from schemas.registry import HttpRegistry, RegistryError
from schemas.tasks import REVIEW_SUMMARY
from schemas.telemetry.door import Answers, open_door
from schemas.telemetry.health import TICK_SECONDS
from schemas.topics import CHANGELOGS, DEAD_LETTERS, INPUTS, PRODUCT_DESCRIPTIONS, REQUESTS
from streams.agents import add_agents
from streams.app import FaustWriter, create_app
from streams.catalogue import Catalogue, CatalogueSource
from streams.floods import Floods
from streams.logs import log_as_json
from streams.review_state import SummaryPolicy
from streams.send import Sender
from streams.settings import StreamsSettings
from streams.settle import Settler
from streams.shop import Shop, ShopFileWrong, read_shop
from streams.steps import Steps
from streams.tables import create_tables
from streams.tally import Tally
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
    settings = StreamsSettings()
    log_as_json(settings.log_level)
    shop = _shop(settings)
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    codec = Codec(HttpRegistry(settings.schema_registry_url))
    _wait_for_topics(settings.kafka_bootstrap)
    _wait_for_schemas(codec)
    catalogue = Catalogue(
        CatalogueSource(settings.kafka_bootstrap, settings.data_folder / "catalogue"), codec, on_broken=_stop
    )
    floods = Floods(settings.flood_limits, on_flood=_stop)
    catalogue.start()
    try:
        is_crashed = _work(settings, shop, codec, catalogue, floods)
    finally:
        catalogue.stop()
    if floods.is_seen:
        sys.exit(EX_FLOOD)
    if is_crashed and time.monotonic() - started > _CRASH_LOOP_SECONDS:
        log.error("crashed: starting anew")
        os.execv(sys.executable, [sys.executable, "-m", "streams"])  # noqa: S606  # no shell, our own program
    sys.exit(is_crashed or catalogue.is_broken)


def _shop(settings: StreamsSettings) -> Shop:
    try:
        return read_shop(settings.shop, locales=settings.locales, localise_to=settings.localise_to)
    except ShopFileWrong as error:
        log.error("the shop's file is wrong", error=str(error))
        sys.exit(os.EX_CONFIG)


def _work(settings: StreamsSettings, shop: Shop, codec: Codec, catalogue: Catalogue, floods: Floods) -> bool:
    """Run the app to its end and say whether it crashed."""
    app = create_app(settings)
    writer, tally = FaustWriter(app), Tally()
    vitals = Vitals(tally, Bounds(settings.stall_seconds, settings.late_seconds))
    sender = Sender(writer, codec)
    policy = SummaryPolicy(settings.min_reviews, shop.locales_for(REVIEW_SUMMARY))
    steps = Steps(codec, sender, create_tables(app, writer), catalogue, policy, tally, shop)
    add_agents(app, steps, Settler(sender, tally, floods))

    @app.timer(interval=_TALLY_SECONDS)  # type: ignore[untyped-decorator]
    async def log_counts() -> None:
        log.info("counts", **tally.counts())

    @app.timer(interval=TICK_SECONDS)  # type: ignore[untyped-decorator]
    async def beat() -> None:
        vitals.beat(app.consumer.standing(), generation=app.consumer_generation_id)

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = _DrainingWorker(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.floods, worker.vitals = floods, vitals
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
    floods: Floods
    vitals: Vitals

    def _on_sigint(self) -> None:
        self._on_sigterm()

    def _on_sigterm(self) -> None:
        self.is_told_to_stop = True
        self.vitals.leave()
        watchdog = threading.Timer(_DRAIN_SECONDS, _end_undrained, [self.floods])
        watchdog.daemon = True
        watchdog.start()
        super()._on_sigterm()


def _end_undrained(floods: Floods) -> None:
    log.error("draining took too long: what is unfinished is delivered again")
    os._exit(EX_FLOOD if floods.is_seen else 1)


def _wait_for_topics(bootstrap: str) -> None:
    """Return once the broker answers and has every topic that is used here."""
    needed = {topic.name for topic in (*INPUTS, *REQUESTS, PRODUCT_DESCRIPTIONS, DEAD_LETTERS, *CHANGELOGS)}
    admin = AdminClient({"bootstrap.servers": bootstrap})
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


def _wait_for_schemas(codec: Codec) -> None:
    """Return once the ids of all schemas written here are known: from then on nothing sent needs the registry."""
    while True:
        try:
            codec.warm(*REQUESTS, DEAD_LETTERS)
        except RegistryError as error:
            log.warning("waiting for the schema registry", error=str(error))
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
