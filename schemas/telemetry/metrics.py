"""Numbers that a process says of itself: named in a table, counted in memory, written as Prometheus reads them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, NamedTuple

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One number, or one for each combination of its labels; what a label says comes out of a small, known set.

    It is told apart by identity, which costs nothing; `buckets` are the upper bounds of a histogram, ascending.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


class Reading(NamedTuple):
    """What a number is at a moment, for the given values of its labels."""

    metric: Metric
    value: float
    labels: tuple[str, ...] = ()


@dataclass(slots=True)
class Distribution:
    """How many of the observed values lie in each bucket, the last one without a bound, and their sum."""

    buckets: tuple[float, ...]
    counts: list[int]
    total: float = 0.0

    def add(self, value: float) -> None:
        """Note one value."""
        self.counts[bisect_left(self.buckets, value)] += 1
        self.total += value


_Place = tuple[Metric, tuple[str, ...]]


class Meter:
    """Counts and distributions since the start of the process.

    Counting takes under a microsecond, with no lock: all of it happens on one thread. `page` may be called on another.
    """

    def __init__(self) -> None:
        self._counts: defaultdict[Metric, defaultdict[tuple[str, ...], float]] = defaultdict(lambda: defaultdict(float))
        self._distributions: dict[_Place, Distribution] = {}

    def of(self, metric: Metric) -> defaultdict[tuple[str, ...], float]:
        """Give where a counter counts, by the values of its labels: for those that count a lot."""
        return self._counts[metric]

    def add(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """Count something that happened."""
        self._counts[metric][labels] += by

    def distribution(self, metric: Metric, *labels: str) -> Distribution:
        """Give where a histogram's values go, for the given values of its labels."""
        known = self._distributions.get((metric, labels))
        if known is None:
            counts = [0] * (len(metric.buckets) + 1)
            known = self._distributions[metric, labels] = Distribution(metric.buckets, counts)
        return known

    def page(self, gauges: Iterable[Reading] = ()) -> str:
        """Give everything, and what is read now, in Prometheus's text format.

        Source: https://prometheus.io/docs/instrumenting/exposition_formats/
        """
        samples: defaultdict[Metric, list[str]] = defaultdict(list)
        for metric, counts in tuple(self._counts.items()):  # copies, which no other thread changes
            samples[metric] += (_line(metric.name, metric.labels, each, count) for each, count in tuple(counts.items()))
        for reading in gauges:
            samples[reading.metric].append(
                _line(reading.metric.name, reading.metric.labels, reading.labels, reading.value)
            )
        for (metric, labels), distribution in tuple(self._distributions.items()):
            samples[metric] += _lines(metric, labels, distribution)
        return "".join(line for metric, lines in samples.items() for line in (*_head(metric), *lines))


def _head(metric: Metric) -> tuple[str, str]:
    meaning = metric.meaning.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {metric.name} {meaning}\n", f"# TYPE {metric.name} {metric.kind}\n"


def _lines(metric: Metric, labels: tuple[str, ...], distribution: Distribution) -> Iterator[str]:
    counts = tuple(distribution.counts)
    bounds = (*map(str, metric.buckets), "+Inf")
    for bound, count in zip(bounds, accumulate(counts), strict=True):
        yield _line(f"{metric.name}_bucket", (*metric.labels, "le"), (*labels, bound), count)
    yield _line(f"{metric.name}_sum", metric.labels, labels, distribution.total)
    yield _line(f"{metric.name}_count", metric.labels, labels, sum(counts))


def _line(name: str, labels: tuple[str, ...], values: tuple[str, ...], number: float) -> str:
    pairs = ",".join(f'{label}="{_escaped(value)}"' for label, value in zip(labels, values, strict=True))
    where = f"{{{pairs}}}" if pairs else ""
    return f"{name}{where} {number!r}\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
