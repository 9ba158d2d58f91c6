"""From a day's load to machines and money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from deploy.planning.broker import BrokerNeeds
from deploy.planning.figures import Figures, tokens_of
from deploy.planning.load import SECONDS_A_DAY, Load, Shop, catalogue_tokens
from deploy.planning.span import Span, as_span
from schemas.topics import REQUESTS_BULK

DAYS_A_MONTH: Final = 30.4
_HOURS_A_DAY: Final = 24
_SECONDS_AN_HOUR: Final = 3_600
_GIB: Final = 2**30
_TEXTS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What writes: a graphics card, or the cores of a worker; `rate` is in written tokens a second of one of them."""

    kind: Literal["gpu", "cpu"]
    rate: Span
    cores: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What a peak is of the mean, and how busy a machine may be then, from 0 to 1."""

    peak: float
    busy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What things cost, in one currency; None where nobody said."""

    gpu_hour: float | None = None
    core_hour: float | None = None
    gib_month: float | None = None


@dataclass(frozen=True, slots=True)
class Machines:
    """Processes and engines for one rate of events; `engines` are cards, or workers that write on their own cores."""

    streams: Span
    engines: Span
    workers: Span

    @property
    def partitions(self) -> Span:
        """Give how many partitions each topic needs: nobody without one has work; four is the contract's number."""
        return self.streams.or_more(self.workers).or_more(REQUESTS_BULK.partitions)

    def cores(self, engine: Engine) -> Span:
        """Give the cores that these processes use, an engine's own among them."""
        return self.streams + self.workers * (1 if engine.kind == "gpu" else engine.cores)


@dataclass(frozen=True, slots=True)
class Costs:
    """What a month of these machines costs, and of this storage, and 1,000 texts; None where a price is lacking.

    `thousand_texts` shares the month among the texts that a model writes; `thousand_of` is what 1,000 more of a task
    take of a card that is as busy as it may be.
    """

    month: Span | None
    month_storage: Span | None
    thousand_texts: Span | None
    thousand_of: Mapping[str, Span] | None


@dataclass(frozen=True, slots=True)
class Sized:
    """A load with what serves it."""

    load: Load
    engine: Engine
    machines: Machines
    broker: BrokerNeeds


def machines_for(shop: Shop, load: Load, figures: Figures, engine: Engine, margin: Margin, *, times: float) -> Machines:
    """Give the machines for so many times the mean load."""
    in_time = times / SECONDS_A_DAY / margin.busy
    streams = as_span(shop.events_per_day * in_time) / figures["streams-events-per-second"].span
    engines = (load.tokens_per_day * in_time / engine.rate).whole()
    one_core = load.requests_per_day * (figures["delivery-micros"].span + figures["guard-micros"].span)
    delivering = (one_core * (in_time / 1e6)).whole()
    workers = engines.or_more(delivering).or_more(1)
    return Machines(
        streams=streams.whole().or_more(1),
        engines=(workers if engine.kind == "cpu" else engines).or_more(1),
        workers=workers,
    )


def first_fill_hours(shop: Shop, figures: Figures, engine: Engine, machines: Machines, *, busy: float) -> Span:
    """Give how long the whole catalogue takes when it comes in at once."""
    tokens_per_second = engine.rate * machines.engines.likely * busy
    return catalogue_tokens(shop, figures) / tokens_per_second / _SECONDS_AN_HOUR


def costs_of(plan: Sized, figures: Figures, prices: Prices, *, busy: float) -> Costs:
    """Give what the machines of the peak cost when they are always on."""
    month = _hourly(plan.machines, plan.engine, prices)
    month = month * (DAYS_A_MONTH * _HOURS_A_DAY) if month else None
    texts = plan.load.written_per_day * (DAYS_A_MONTH / _TEXTS)
    return Costs(
        month=month,
        month_storage=None if prices.gib_month is None else plan.broker.stored * (prices.gib_month / _GIB),
        thousand_texts=month.each(texts) if month and texts.low else None,
        thousand_of=_thousand_of(plan, figures, prices.gpu_hour, busy) if plan.engine.kind == "gpu" else None,
    )


def _hourly(machines: Machines, engine: Engine, prices: Prices) -> Span | None:
    """Give the price of an hour; cores cost nothing where nobody said, beside a card that has a price."""
    if engine.kind == "cpu":
        return None if prices.core_hour is None else machines.cores(engine) * prices.core_hour
    if prices.gpu_hour is None:
        return None
    return machines.engines * prices.gpu_hour + machines.cores(engine) * (prices.core_hour or 0)


def _thousand_of(plan: Sized, figures: Figures, gpu_hour: float | None, busy: float) -> Mapping[str, Span] | None:
    if gpu_hour is None:
        return None
    hours = {
        task: figures[tokens_of(task)].span / (plan.engine.rate * busy) * (_TEXTS / _SECONDS_AN_HOUR)
        for task in plan.load.requests
    }
    return {task: each * gpu_hour for task, each in hours.items()}
