"""A shop and figures that are easy to reckon with in one's head."""

from __future__ import annotations

from deploy.planning.figures import Figure, Figures, measured
from deploy.planning.load import Shop
from deploy.planning.needs import Engine, Margin
from deploy.planning.span import as_span

SHOP = Shop(
    events_per_day=86_400,
    products=1_000,
    product_changes_per_day=100,
    reviews_per_day=1_000,
    questions_per_day=200,
    drafts_per_day=100,
    shoppers=5_000,
    languages=2,
)
CARD = Engine(kind="gpu", rate=as_span(1_000), cores=1)
MARGIN = Margin(peak=4, busy=0.5)


def exact(**values: float) -> Figures:
    """Give figures without a spread: 1 for each, but what is named, with `_` for `-` and `__` for `.`."""
    named = {name.replace("__", ".").replace("_", "-"): value for name, value in values.items()}
    assert named.keys() <= measured().keys()
    return {name: figure(named.get(name, 1)) for name in measured()}


def figure(value: float) -> Figure:
    """Give a figure without a spread."""
    return Figure(low=value, likely=value, high=value, unit="", source="", on="")
