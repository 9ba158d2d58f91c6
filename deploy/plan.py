"""`shelftalk plan`: partitions, workers, graphics cards, broker and cost for a shop of some size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.planning.assumed import Assumptions, assume, keeping_of, margin_of, shop_of
from deploy.planning.broker import broker_needs
from deploy.planning.figures import CannotPlan, Figures, figures_from
from deploy.planning.load import load_of
from deploy.planning.needs import Engine, Machines, Prices, Sized, costs_of, first_fill_hours, machines_for
from deploy.planning.report import Plan, tables
from deploy.planning.span import span_from
from schemas.topics import REQUESTS_BULK

_SHOP, _MARGIN, _MEASURED, _PRICE = "The shop", "Taken as given", "Measured", "Prices, in one currency"
_Count = typer.Option(min=1, rich_help_panel=_SHOP)


def plan(  # noqa: PLR0913  each flag of the command is a parameter
    *,
    events_per_day: Annotated[float, typer.Option(min=1, help="All events together.", rich_help_panel=_SHOP)],
    products: Annotated[float | None, _Count] = None,
    product_changes_per_day: Annotated[float | None, typer.Option(min=0, rich_help_panel=_SHOP)] = None,
    reviews_per_day: Annotated[float | None, typer.Option(min=0, rich_help_panel=_SHOP)] = None,
    questions_per_day: Annotated[float | None, typer.Option(min=0, rich_help_panel=_SHOP)] = None,
    drafts_per_day: Annotated[float | None, typer.Option(min=0, rich_help_panel=_SHOP)] = None,
    shoppers: Annotated[float | None, typer.Option(min=0, rich_help_panel=_SHOP)] = None,
    languages: Annotated[int | None, _Count] = None,
    peak_factor: Annotated[float | None, typer.Option(min=1, rich_help_panel=_MARGIN)] = None,
    busy: Annotated[float | None, typer.Option(min=0.05, max=1, rich_help_panel=_MARGIN)] = None,
    cores_per_worker: Annotated[int | None, typer.Option(min=1, rich_help_panel=_MARGIN)] = None,
    replication: Annotated[int | None, typer.Option(min=1, rich_help_panel=_MARGIN)] = None,
    readers: Annotated[int | None, typer.Option(min=0, rich_help_panel=_MARGIN)] = None,
    keep_days: Annotated[float | None, typer.Option(min=0, rich_help_panel=_MARGIN)] = None,
    gpu_tokens_per_second: Annotated[
        str, typer.Option(help="Written tokens of one card, as in 2500 or 2000-3000.", rich_help_panel=_MEASURED)
    ] = "",
    bench: Annotated[
        Path | None, typer.Option(help="out/bench.jsonl of `make bench`.", rich_help_panel=_MEASURED)
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(help="Outcomes, as `tail generation-outcomes --json` gives them.", rich_help_panel=_MEASURED),
    ] = None,
    measured: Annotated[
        Path | None, typer.Option(help="Figures of your own, as figures.toml has them.", rich_help_panel=_MEASURED)
    ] = None,
    gpu_price: Annotated[float | None, typer.Option(min=0, help="A card's hour.", rich_help_panel=_PRICE)] = None,
    core_price: Annotated[float | None, typer.Option(min=0, help="A core's hour.", rich_help_panel=_PRICE)] = None,
    storage_price: Annotated[float | None, typer.Option(min=0, help="A GiB's month.", rich_help_panel=_PRICE)] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object, with every figure and its source.")] = False,
) -> None:
    """Say what a shop of some size needs: machines, partitions, broker and cost.

    It reckons with what was measured, each figure with its spread and source (`--json` lists them), and says what it
    had to assume. Example: `shelftalk plan --events-per-day 1000000 --products 50000 --gpu-tokens-per-second 2000-3000
    --gpu-price 2`. docs/capacity.md goes through one.
    """
    given = {
        "products": products,
        "product-changes-per-day": product_changes_per_day,
        "reviews-per-day": reviews_per_day,
        "questions-per-day": questions_per_day,
        "drafts-per-day": drafts_per_day,
        "shoppers": shoppers,
        "languages": languages,
        "peak-factor": peak_factor,
        "busy": busy,
        "cores-per-worker": cores_per_worker,
        "replication": replication,
        "readers": readers,
        "keep-days": keep_days,
    }
    assumptions = assume(events_per_day, given)
    figures = figures_from(others=measured, bench=bench, ledger=ledger)
    engine = engine_of(gpu_tokens_per_second, figures, assumptions)
    prices = Prices(gpu_hour=gpu_price, core_hour=core_price, gib_month=storage_price)
    made = planned(events_per_day, assumptions, figures, engine, prices)
    console = Console(highlight=False, markup=False)
    if json_:
        console.print_json(made.json())
        return
    for each in tables(made):
        console.print(each, "", sep="\n", soft_wrap=isinstance(each, str))


def engine_of(gpu_tokens_per_second: str, figures: Figures, assumptions: Assumptions) -> Engine:
    """Give a card of the named rate, else the cores of a worker as they were measured; raises CannotPlan."""
    cores = int(assumptions["cores-per-worker"].value)
    if not gpu_tokens_per_second:
        return Engine(kind="cpu", rate=figures["engine-tokens-per-core-second"].span * cores, cores=cores)
    try:
        rate = span_from(gpu_tokens_per_second)
    except ValueError as error:
        raise CannotPlan(f"--gpu-tokens-per-second {gpu_tokens_per_second} is neither 2500 nor 2000-3000") from error
    if not rate.low:
        raise CannotPlan("--gpu-tokens-per-second: a card that writes nothing serves nobody")
    return Engine(kind="gpu", rate=rate, cores=1)


def planned(events_per_day: float, assumptions: Assumptions, figures: Figures, engine: Engine, prices: Prices) -> Plan:
    """Give the plan; raises CannotPlan."""
    shop, margin = shop_of(events_per_day, assumptions), margin_of(assumptions)
    load = load_of(shop, figures)
    mean, peak = (machines_for(shop, load, figures, engine, margin, times=times) for times in (1, margin.peak))
    broker = broker_needs(shop, load, figures, keeping_of(assumptions))
    return Plan(
        load=load,
        engine=engine,
        at_the_mean=mean,
        at_the_peak=peak,
        broker=broker,
        first_fill_hours=first_fill_hours(shop, figures, engine, peak, busy=margin.busy),
        costs=costs_of(Sized(load, engine, peak, broker), figures, prices, busy=margin.busy),
        peak=margin.peak,
        assumptions=tuple(assumptions.values()),
        figures=figures,
        notes=tuple(_notes(engine, peak, prices)),
    )


def _notes(engine: Engine, peak: Machines, prices: Prices) -> Iterator[str]:
    if engine.kind == "cpu":
        yield (
            "No card was measured: what writes here is a model of 135 million parameters on processor cores. Measure "
            "yours with prompts like these, and say --gpu-tokens-per-second LOW-HIGH."
        )
    elif peak.workers.likely > peak.engines.likely:
        yield (
            "Judging and delivering take more processes than there are cards: put the cards behind HTTP "
            "(docs/engines.md) and run that many workers."
        )
    if peak.partitions.high > REQUESTS_BULK.partitions:
        yield (
            f"The contract gives each topic {REQUESTS_BULK.partitions} partitions. Choose their number before the "
            "first event: more of them later moves keys (docs/operations.md)."
        )
    if engine.kind == "gpu" and prices.gpu_hour is not None and prices.core_hour is None:
        yield "Cores have no price (--core-price): the month is that of the cards alone."
    yield "Tokens are those of the default model in the demo shop unless --ledger or --measured gave yours."
