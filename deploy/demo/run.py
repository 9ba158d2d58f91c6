"""One run of the whole flow, from a fresh start to its account."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from confluent_kafka.admin import AdminClient
from rich.console import Console

from deploy.demo.accounting import Accounts, Fed, RefusedProduct, account
from deploy.demo.errors import MachineLacks
from deploy.demo.processes import (
    Home,
    ModelChoice,
    make_fresh,
    start_streams,
    start_worker,
    stop_all,
)
from deploy.demo.reader import Start, live_reader, read_run, start_of
from deploy.demo.seen import Seen, seen
from deploy.demo.watch import Watched, watch
from deploy.doctor import is_installed
from deploy.endpoints import Endpoints
from deploy.feeder import CannotFeed, FeedReport, Sending, feed_folder
from deploy.local.spawn import INTERRUPTIONS
from deploy.provision import ProvisioningFailed, ensure_provisioned
from deploy.settings import Settings
from deploy.shop_files import DEMO_SHOP, Reading, parts_in
from deploy.show import Shown
from deploy.up import ensure_up

_AGREE_SECONDS: Final = 10.0
"""So long the last transaction may take to become visible on all topics."""

_AGREE_PAUSE_SECONDS: Final = 0.5

_PREPARE: Final = """
import sys
from pathlib import Path
from workers.model import ModelNotFound, prepare_model
try:
    prepare_model(sys.argv[1], Path(sys.argv[2]))
except ModelNotFound as error:
    sys.exit(str(error))
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: the shop or its first products, who writes, and how long nothing may move before it is given up.

    With `keep` everything goes on running afterwards.
    """

    shop: Path
    first_products: int | None
    choice: ModelChoice
    patience_seconds: float
    home: Home
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has come to its end, as a read_committed reader sees it."""

    messages: tuple[Shown, ...]
    what: Seen
    accounts: Accounts
    report: FeedReport
    endpoints: Endpoints


@contextmanager
def finished_run(plan: Plan, settings: Settings, console: Console) -> Iterator[Finished]:
    """Give one finished run, its processes still alive. Afterwards all that was started is ended, unless it is kept.

    It is ended as well when the run fails or is interrupted. Raises DemoError, and what starting, provisioning and
    feeding raise; each says what to do next.
    """
    _require_machine(plan)
    with ExitStack() as cleaning:
        make_fresh(plan.home)
        cleaning.callback(_stop_undisturbed, plan.home)
        run = _run(plan, settings, console)
        yield run
        if plan.keep:
            cleaning.pop_all()


def _stop_undisturbed(home: Home) -> None:
    for number in INTERRUPTIONS:
        signal.signal(number, signal.SIG_IGN)
    stop_all(home)


def _run(plan: Plan, settings: Settings, console: Console) -> Finished:
    if plan.choice.engine == "vllm":
        _prepare_model(plan, console)
    console.print(f"starting the broker and the registry; logs are in {plan.home.logs}", highlight=False)
    endpoints = ensure_up(settings.model_copy(update={"home": plan.home.data}), say=console.print)
    _provision(endpoints, is_ours=settings.kafka_bootstrap is None)
    start = start_of(endpoints)
    # The worker first: its model loads while the streams work.
    processes = (start_worker(plan.home, endpoints, plan.choice), start_streams(plan.home, endpoints))
    console.print(f"feeding {plan.shop.name}", highlight=False)
    report = _feed(plan, endpoints)
    with live_reader(endpoints, start) as reader:
        watched = Watched(report.total, endpoints, plan.choice.engine, processes, plan.home)
        watch(reader, watched, console, patience_seconds=plan.patience_seconds)
    return _settled(endpoints, start, report)


def _require_machine(plan: Plan) -> None:
    """Return when all that the run needs is there; raises MachineLacks."""
    needed = ["faust", "rocksdict", *(["vllm"] if plan.choice.engine == "vllm" else [])]
    missing = [name for name in needed if not is_installed(name)]
    if missing:
        raise MachineLacks(f"{', '.join(missing)} not installed here: run `make env`, or see `shelftalk doctor`")
    if not Path("/proc/self/cmdline").exists():
        raise MachineLacks("the demo finds its processes in /proc: it needs Linux")
    if not parts_in(plan.shop):
        raise MachineLacks(f"{plan.shop} has no products.jsonl, reviews.jsonl or activity.jsonl: see docs/feed.md")


def _provision(endpoints: Endpoints, *, is_ours: bool) -> None:
    """Make topics and schemas; on a broker that was named, what somebody chose there is left as it is."""
    admin = AdminClient(endpoints.kafka() | {"log_level": 0})
    registry = endpoints.registry()
    planned = ensure_provisioned(admin, registry, dry_run=True)
    missing = [change for change in planned.changes if change.kind != "setting"]
    if not is_ours and missing and len(missing) < len(planned.changes):
        raise ProvisioningFailed(f"{endpoints.bootstrap} lacks {missing[0].name}: run `shelftalk provision` first")
    if missing:
        ensure_provisioned(admin, registry)


def _prepare_model(plan: Plan, console: Console) -> None:
    """Make the model's folder where needed; raises MachineLacks when it is not to be had.

    In a process of its own: building takes a gigabyte of memory that is then free, and an interruption ends it.
    """
    console.print(f"preparing the model {plan.choice.model}", highlight=False)
    command = [sys.executable, "-c", _PREPARE, plan.choice.model, str(plan.home.user / "models")]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MachineLacks(f"the model could not be prepared: {(done.stderr.splitlines() or ['no reason given'])[-1]}")


def _feed(plan: Plan, endpoints: Endpoints) -> FeedReport:
    reading = Reading(first_products=plan.first_products)
    # The demo's own shop shows what becomes of malformed lines; those of another shop are reported, not sent.
    sending = Sending(keep_malformed=plan.shop.resolve() == DEMO_SHOP.resolve())
    report = feed_folder(plan.shop, endpoints, reading=reading, sending=sending)
    if report.undelivered:
        lost = len(report.undelivered)
        raise CannotFeed(f"the broker did not take {lost} events, the first one {report.undelivered[0]}: run it again")
    return report


def _settled(endpoints: Endpoints, start: Start, report: FeedReport) -> Finished:
    """Read the run anew and give its account. Topics may show the last transaction a moment after one another."""
    fed = _fed(report, start)
    deadline = time.monotonic() + _AGREE_SECONDS
    while True:
        messages = read_run(endpoints, start)
        what = seen(messages)
        accounts = account(what, fed)
        if not accounts.problems or time.monotonic() > deadline:
            return Finished(messages, what, accounts, report, endpoints)
        time.sleep(_AGREE_PAUSE_SECONDS)


def _fed(report: FeedReport, start: Start) -> Fed:
    return Fed(
        events=report.total,
        refused=tuple(
            RefusedProduct(each.key.decode(errors="replace"), each.line.place, each.reason)
            for each in report.refused
            if each.line.part == "products"
        ),
        known_before=start.known_products,
    )
