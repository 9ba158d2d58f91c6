"""`shelftalk demo`: the whole flow on this machine, from a shop's files to checked copy, with an account of it all."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer
from rich.console import Console

from deploy.demo.files import write_files
from deploy.demo.processes import Engine, Home, ModelChoice, stop_all
from deploy.demo.run import Finished, Plan, finished_run
from deploy.demo.screen import print_account, print_refused, print_samples
from deploy.demo.summary import RunFacts, Summary, generating_seconds, summarise
from deploy.demo.tuned import demo_model
from deploy.local.spawn import INTERRUPTIONS
from deploy.settings import Settings
from deploy.shop_files import DEMO_SHOP
from workers.model import DEFAULT_MODEL

_INTERRUPTED: Final = 130


def demo(  # noqa: PLR0913  each flag of the command is a parameter
    *,
    shop: Annotated[
        Path, typer.Option(help="A folder with products.jsonl, reviews.jsonl, activity.jsonl.")
    ] = DEMO_SHOP,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first products and what concerns them.")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="A folder, or OWNER/MODEL@COMMIT on Hugging Face; else what `train-demo` made, or the default."
        ),
    ] = None,
    engine: Annotated[Engine, typer.Option(help="vllm here, an OpenAI-compatible server, or a fake.")] = "vllm",
    out: Annotated[Path, typer.Option(help="Where the topics and the numbers are written.")] = Path("out/demo"),
    timeout: Annotated[float, typer.Option(min=0.1, help="Give up when nothing moves for so many minutes.")] = 10.0,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running at the end.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Only end what --keep left running.")] = False,
) -> None:
    """Run the whole flow: a broker, a registry, the streams, a worker with its model; a shop in, checked copy out.

    Shows how far it is, prints some of the copy with its evidence and where every request and product went, and writes
    each output topic to OUT/TOPIC.jsonl and the numbers to OUT/summary.json.
    Examples: `shelftalk demo --limit 5` is a quick look; `shelftalk demo --shop my-shop --keep` leaves it running.
    Exits 0 when everything adds up, 1 when it does not or something failed, 130 when it was interrupted.
    """
    console = Console(markup=False)
    settings = Settings()
    home = _home(settings, out)
    if stop:
        console.print("stopped" if stop_all(home) else "nothing was running")
        return
    ours = demo_model(home.user / "models") if engine == "vllm" else DEFAULT_MODEL
    plan = Plan(shop, limit, ModelChoice(engine, model or ours), timeout * 60, home, keep)
    try:
        with _interruptible():
            adds_up = _demo(plan, settings, console, out)
    except _Interrupted as error:
        with suppress(OSError):  # the window may be gone
            console.print("interrupted: everything that was started has ended")
        raise typer.Exit(_INTERRUPTED) from error
    if not adds_up:
        raise typer.Exit(1)


def _demo(plan: Plan, settings: Settings, console: Console, out: Path) -> bool:
    began = time.monotonic()
    with finished_run(plan, settings, console) as run:
        summary = _summary(run, plan, seconds=time.monotonic() - began)
        write_files(out, run.messages, summary)
        print_samples(console, run.what)
        print_refused(console, run.report)
        print_account(console, run.accounts, summary)
        console.print(
            f"written to {out}: summary.json, and every output topic as TOPIC.jsonl", highlight=False, soft_wrap=True
        )
        if plan.keep:
            _print_kept(run, plan, console)
    return summary.adds_up


def _summary(run: Finished, plan: Plan, *, seconds: float) -> Summary:
    outcomes = [outcome for found in run.what.outcomes.values() for outcome in found]
    facts = RunFacts(
        shop=plan.shop.resolve().name,
        engine=plan.choice.engine,
        model=Path(plan.choice.model).name if Path(plan.choice.model).is_dir() else plan.choice.model,
        refused_lines=len(run.report.refused),
        seconds=seconds,
        generating_seconds=generating_seconds(outcomes),
    )
    return summarise(run.accounts, facts)


def _print_kept(run: Finished, plan: Plan, console: Console) -> None:
    lines = (
        f"everything is still running: the broker at {run.endpoints.bootstrap}, the registry, the streams, a worker",
        f"  export KAFKA_BOOTSTRAP={run.endpoints.bootstrap} SCHEMA_REGISTRY_URL={run.endpoints.registry_url}",
        "  shelftalk tail --from-beginning    shows the copy, and what comes next",
        f"  shelftalk feed {plan.shop}    feeds the shop again: it costs nothing",
        "  shelftalk demo --stop    ends it",
    )
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)


def _home(settings: Settings, out: Path) -> Home:
    user = settings.home_folder
    return Home(data=user / "demo", user=user, cache=settings.cache_folder, logs=out / "logs")


class _Interrupted(BaseException):
    """Somebody wants it to end: no step may take that for an error of its own and go on."""


@contextmanager
def _interruptible() -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and a closed window into _Interrupted, once; cleaning up is not interrupted again.

    Under nohup, which ignores SIGHUP, a closed window stays without effect.
    """

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise _Interrupted

    before = {number: signal.getsignal(number) for number in INTERRUPTIONS}
    if before[signal.SIGHUP] is signal.SIG_IGN:
        del before[signal.SIGHUP]
    for number in before:
        signal.signal(number, interrupted)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
