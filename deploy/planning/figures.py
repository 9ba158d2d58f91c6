"""The figures that a plan rests on: measured, each with its spread, its source, and what it was measured on.

They stand in `figures.toml`. A file of the same form puts others in their place, and so do the output of `make bench`
and a shop's own ledger.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import fmean, stdev
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from deploy.planning.span import Span

_MEASURED: Final = Path(__file__).with_name("figures.toml")
_NORMAL_95: Final = 1.96
_BYTES: Final = "bytes."


class CannotPlan(Exception):
    """A file of figures is not one, or what is asked for cannot be; the message says which and why."""


class Figure(BaseModel):
    """One measured figure: its spread, its unit, where it was published and on what it was measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float = Field(ge=0)
    likely: float = Field(ge=0)
    high: float = Field(ge=0)
    unit: str
    source: str
    on: str

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        Span(self.low, self.likely, self.high)
        return self

    @property
    def span(self) -> Span:
        """Give it for arithmetic."""
        return Span(self.low, self.likely, self.high)


class _Outcome(BaseModel):
    """What is read of an entry of the ledger (`schemas.ledger.GenerationOutcome`), of any release."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    task: str
    outcome: str
    output_tokens: int


Figures = Mapping[str, Figure]
_FIGURES: Final = TypeAdapter(dict[str, Figure])


def tokens_of(task: str) -> str:
    """Give the name of the figure that says how many tokens a model writes for one request of a task."""
    return f"tokens.{task}"


def bytes_of(topic: str) -> str:
    """Give the name of the figure that says how many bytes a message of a topic takes on the broker's disk."""
    return f"{_BYTES}{topic}"


def is_size(name: str) -> bool:
    """Tell whether a figure is the size of a topic's messages."""
    return name.startswith(_BYTES)


def measured() -> Figures:
    """Give the figures that the project's own pages publish."""
    return _read(_MEASURED)


def figures_from(*, others: Path | None, bench: Path | None, ledger: Path | None) -> Figures:
    """Give the published figures with those of the given files in their place, the most particular last."""
    figures = measured()
    figures = with_bench(figures, bench) if bench else figures
    figures = with_ledger(figures, ledger) if ledger else figures
    return with_file(figures, others) if others else figures


def with_file(figures: Figures, path: Path) -> Figures:
    """Put a file's figures in the place of those of the same name; raises CannotPlan, also for a name that is none."""
    others = _read(path)
    unknown = sorted(others.keys() - figures.keys())
    if unknown:
        raise CannotPlan(f"{path}: there is no figure {', '.join(unknown)}; there are {', '.join(sorted(figures))}")
    return {**figures, **others}


def with_bench(figures: Figures, path: Path) -> Figures:
    """Take what delivering a request costs from the last run of `make bench` in a file; raises CannotPlan."""
    rows = [row for row in _objects(path) if (row.get("load"), row.get("contender")) == ("records", "worker")]
    if not rows:
        raise CannotPlan(f"{path} has no line of `make bench` for the worker under the load `records`")
    try:
        spread = rows[-1]["cpu_micros"]
        found = {"low": spread["low"], "likely": spread["median"], "high": spread["high"]}  # type: ignore[index]
        named = {"unit": figures["delivery-micros"].unit, "source": str(path), "on": "the machine of that run"}
        return {**figures, "delivery-micros": Figure.model_validate(found | named)}
    except (KeyError, TypeError, ValidationError) as error:
        raise CannotPlan(f"{path}: the last such line is not as `make bench` writes it") from error


def with_ledger(figures: Figures, path: Path) -> Figures:
    """Take the tokens of each task from a shop's own outcomes.

    They come as `shelftalk tail generation-outcomes --json` gives them. Of each task it is the mean over its published
    and withheld texts, with its 95 % interval; a task without two such texts keeps its figure. Raises CannotPlan.
    """
    written: dict[str, list[int]] = defaultdict(list)
    for outcome in _outcomes(path):
        if outcome.outcome in ("published", "withheld") and tokens_of(outcome.task) in figures:
            written[outcome.task].append(outcome.output_tokens)
    known = {tokens_of(task): _mean(path, some) for task, some in written.items() if len(some) > 1}
    if not known:
        raise CannotPlan(f"{path} has no task of which two texts were written")
    return {**figures, **known}


def _mean(path: Path, tokens: list[int]) -> Figure:
    mean = fmean(tokens)
    half = _NORMAL_95 * stdev(tokens) / math.sqrt(len(tokens))
    return Figure(
        low=max(mean - half, 0),
        likely=mean,
        high=mean + half,
        unit="tokens",
        source=str(path),
        on=f"{len(tokens)} texts of that ledger",
    )


def _outcomes(path: Path) -> Iterator[_Outcome]:
    for row in _objects(path):
        try:
            yield _Outcome.model_validate(row.get("value", row))
        except ValidationError as error:
            raise CannotPlan(f"{path} has a line that is no outcome of the ledger") from error


def _objects(path: Path) -> Iterator[dict[str, object]]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not isinstance(row := json.loads(line), dict):
                    raise CannotPlan(f"{path}: line {number} is no JSON object")
                yield row
    except (OSError, ValueError) as error:
        raise CannotPlan(f"{path} is not a file of JSON lines: {error}") from error


def _read(path: Path) -> Figures:
    try:
        return _FIGURES.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise CannotPlan(f"{path}: {wrong}") from error
    except (OSError, ValueError) as error:
        raise CannotPlan(f"{path} cannot be read as TOML: {error}") from error
