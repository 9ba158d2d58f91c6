"""Measurements to medians, and medians to a table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median

from tests.benchmarks.contenders import ContenderName
from tests.benchmarks.loads import LoadName
from tests.benchmarks.meter import Spent

Samples = dict[tuple[LoadName, ContenderName], list[Spent]]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, with the lowest and the highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """Give the spread of at least one value."""
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Summary:
    """One contender under one load; `rate` and `cpu` compare with the plain loop of the same round."""

    load: LoadName
    contender: ContenderName
    rounds: int
    requests_per_second: Spread
    cpu_micros: Spread
    rate: Spread
    cpu: Spread
    micros_by_thread: dict[str, float]

    def row(self) -> dict[str, object]:
        """Give the summary as one JSON object."""
        return asdict(self)


def summarised(samples: Samples) -> list[Summary]:
    """Give one summary per load and contender; every round has a plain loop to compare with."""
    return [_summary(load, name, spent, samples[load, "at-least-once"]) for (load, name), spent in samples.items()]


def _summary(load: LoadName, name: ContenderName, spent: list[Spent], plain: list[Spent]) -> Summary:
    pairs = list(zip(spent, plain, strict=True))
    threads = sorted({thread for one in spent for thread in one.micros_by_thread})
    return Summary(
        load=load,
        contender=name,
        rounds=len(spent),
        requests_per_second=Spread.of([one.per_second for one in spent]),
        cpu_micros=Spread.of([one.cpu_micros for one in spent]),
        rate=Spread.of([one.per_second / beside.per_second for one, beside in pairs]),
        cpu=Spread.of([one.cpu_micros / beside.cpu_micros for one, beside in pairs]),
        micros_by_thread={each: median(one.micros_by_thread.get(each, 0.0) for one in spent) for each in threads},
    )


def table(summaries: list[Summary]) -> str:
    """Give the summaries as text: medians, with lowest and highest in brackets."""
    lines = [f"{'load':8} {'contender':24} {'requests/s':>24} {'CPU us/request':>24} {'rate':>8} {'CPU':>7}"]
    for one in summaries:
        rate, cpu = _shown(one.requests_per_second, ",.0f"), _shown(one.cpu_micros, ",.1f")
        lines.append(
            f"{one.load:8} {one.contender:24} {rate:>24} {cpu:>24} {one.rate.median:>8.3f} {one.cpu.median:>7.2f}"
        )
    lines.append("rate and CPU: beside the at-least-once loop of the same round")
    return "\n".join(lines)


def _shown(spread: Spread, form: str) -> str:
    return f"{spread.median:{form}} ({spread.low:{form}}-{spread.high:{form}})"
