"""What a search found: the best recipe as TOML, every trial in a table, and how the dev loss goes with each setting."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from training.recipe import Recipe
from training.search_space import Value


@dataclass(frozen=True, slots=True)
class Tried:
    """One trial that ended: what was drawn, its best dev loss, if it had one, and whether it was given up."""

    drawn: dict[str, Value]
    loss: float | None
    given_up: bool


def write_report(out: Path, tried: Sequence[Tried], best: Recipe) -> None:
    """Write `best.toml`, `trials.md` and `trials.png` in place of those of fewer trials."""
    told = "".join(f"{name} = {json.dumps(value)}\n" for name, value in asdict(best).items() if value is not None)
    _written(out / "best.toml", told)
    _written(out / "trials.md", _table(tried))
    _draw(out / "trials.png", tried)


def _written(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _table(tried: Sequence[Tried]) -> str:
    names = list(tried[0].drawn)
    rows = [("trial", *names, "dev loss", "")]
    rows += [("---",) * len(rows[0])]
    for number, one in enumerate(tried, start=1):
        loss = "no number" if one.loss is None else f"{one.loss:.4f}"
        rows.append((str(number), *(_short(one.drawn[name]) for name in names), loss, "given up" * one.given_up))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _short(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _draw(path: Path, tried: Sequence[Tried]) -> None:
    """Draw the dev loss of every trial against its number and against each setting; hollow is given up."""
    mpl.use("Agg")
    known = [(number, one) for number, one in enumerate(tried, start=1) if one.loss is not None]
    names = list(tried[0].drawn)
    figure = Figure(figsize=(3.5 * (1 + len(names)), 3.5), layout="constrained")
    plots = figure.subplots(1, 1 + len(names), sharey=True, squeeze=False)[0]
    for plot, name in zip(plots, ["trial", *names], strict=True):
        for number, one in known:
            value = number if name == "trial" else one.drawn[name]
            plot.plot(
                _place(value), one.loss, marker="o", color="tab:blue", fillstyle="none" if one.given_up else "full"
            )
        plot.set(xlabel=name)
        plot.grid(visible=True, alpha=0.3)
        if name.endswith("rate"):
            plot.set_xscale("log")
            plot.tick_params(axis="x", which="both", labelrotation=60)
    plots[0].set(ylabel="dev loss")
    figure.savefig(path, dpi=120)


def _place(value: Value) -> Value:
    """Give where a value is drawn: numbers in their place, words one beside the other."""
    return str(value) if isinstance(value, (str, bool)) else value
