"""A plan as it is shown, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter
from rich.table import Table

from deploy.planning.assumed import Assumption
from deploy.planning.broker import BrokerNeeds
from deploy.planning.figures import Figure, is_size
from deploy.planning.load import SECONDS_A_DAY, Load
from deploy.planning.needs import Costs, Engine, Machines
from deploy.planning.span import Span

_GIB, _KIB = 2**30, 2**10


@dataclass(frozen=True, slots=True)
class Plan:
    """What a shop needs, and all that this rests on."""

    load: Load
    engine: Engine
    at_the_mean: Machines
    at_the_peak: Machines
    broker: BrokerNeeds
    first_fill_hours: Span
    costs: Costs
    peak: float
    assumptions: tuple[Assumption, ...]
    figures: Mapping[str, Figure]
    notes: tuple[str, ...]

    def json(self) -> str:
        """Give the plan as one JSON object."""
        return TypeAdapter(Plan).dump_json(self).decode()


def tables(plan: Plan) -> Iterator[Table | str]:
    """Give what is shown, from top to bottom."""
    yield _load_table(plan)
    yield _machine_table(plan)
    yield _broker_table(plan)
    yield _cost_table(plan)
    yield _assumption_table(plan.assumptions)
    yield _figure_table(plan.figures)
    yield from plan.notes


def _load_table(plan: Plan) -> Table:
    load, costs = plan.load, plan.costs.thousand_of
    price = ("1,000 more cost",) if costs else ()
    table = _table("What a day brings", "task", "requests a day", "tokens a day", *price)
    for task, count in load.requests.items():
        table.add_row(task, shown(count), shown(load.tokens[task]), *([shown(costs[task])] if costs else []))
    table.add_row("together", shown(load.requests_per_day), shown(load.tokens_per_day))
    return table


def _machine_table(plan: Plan) -> Table:
    mean, peak = plan.at_the_mean, plan.at_the_peak
    engine = "graphics cards" if plan.engine.kind == "gpu" else f"workers that write on {plan.engine.cores} cores each"
    table = _table("Machines", "", "at the mean", f"at {plan.peak:g} times it")
    for what, of_mean, of_peak in (
        ("streams", mean.streams, peak.streams),
        *([("workers", mean.workers, peak.workers)] if plan.engine.kind == "gpu" else []),
        (engine, mean.engines, peak.engines),
        ("partitions of each topic", mean.partitions, peak.partitions),
        ("cores", mean.cores(plan.engine), peak.cores(plan.engine)),
    ):
        table.add_row(what, shown(of_mean), shown(of_peak))
    table.add_row("hours for the whole catalogue at first", "", shown(plan.first_fill_hours))
    return table


def _broker_table(plan: Plan) -> Table:
    broker, peak = plan.broker, plan.peak / SECONDS_A_DAY / _KIB
    table = _table("Broker")
    table.add_row("stored, all copies, GiB", shown(broker.stored * (1 / _GIB)))
    for what, amount in (("in", broker.taken_in), ("out", broker.given_out), ("between brokers", broker.copied)):
        table.add_row(f"{what} at the peak, KiB/s", shown(amount * peak))
    return table


def _cost_table(plan: Plan) -> Table:
    costs = plan.costs
    table = _table("Cost, with the machines of the peak always on")
    table.add_row("a month", _priced(costs.month))
    table.add_row("a month of storage", _priced(costs.month_storage))
    table.add_row("1,000 texts that a model writes", _priced(costs.thousand_texts))
    return table


def _assumption_table(assumptions: tuple[Assumption, ...]) -> Table:
    table = _table("Taken as given")
    for each in assumptions:
        table.add_row(each.what, f"{each.value:,g}", each.flag if each.is_given else f"assumed: {each.flag}")
    return table


def _figure_table(figures: Mapping[str, Figure]) -> Table:
    table = _table("Measured (bytes of each topic's messages: --json)")
    for name, figure in figures.items():
        if not is_size(name):
            table.add_row(f"{name}: {shown(figure.span)} {figure.unit}", f"{figure.source}; on {figure.on}")
    return table


def _table(title: str, *headers: str) -> Table:
    return Table(*headers, title=title, box=None, title_justify="left", show_header=bool(headers))


def shown(span: Span) -> str:
    """Give a figure with its ends, to three places at most: more would say what nobody knows."""
    if span.low == span.high:
        return _number(span.likely)
    return f"{_number(span.likely)} ({_number(span.low)}-{_number(span.high)})"


def _number(value: float) -> str:
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 or rounded == int(rounded) else f"{rounded:.2g}"


def _priced(span: Span | None) -> str:
    return "no price given" if span is None else shown(span)
