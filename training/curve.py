"""The losses of a run as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

Points = Sequence[tuple[int, float]]


def draw(path: Path, *, train: Points, dev: Points, title: str) -> None:
    """Draw the train loss of each step and the dev loss of each look as a PNG."""
    mpl.use("Agg")
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(*_columns(train), label="train", linewidth=0.8)
    if dev:
        axes.plot(*_columns(dev), label="dev", marker="o")
    axes.set(xlabel="step", ylabel="loss", title=title)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)


def _columns(points: Points) -> tuple[list[int], list[float]]:
    return [step for step, _ in points], [value for _, value in points]
