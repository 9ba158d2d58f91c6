"""What nobody measured: each assumption has a value, a reason in words, and a flag by which it is said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.planning.broker import Keeping
from deploy.planning.figures import CannotPlan
from deploy.planning.load import Shop
from deploy.planning.needs import Margin


@dataclass(frozen=True, slots=True)
class Assumption:
    """One value, the flag that says otherwise, and whether it was given."""

    what: str
    value: float
    flag: str
    is_given: bool


Assumptions = Mapping[str, Assumption]


def assume(events_per_day: float, given: Mapping[str, float | None]) -> Assumptions:
    """Give every assumption under the name of its flag; what is given goes before what is assumed."""
    products = given["products"] or 10_000
    assumed = {
        "products": ("products in the catalogue", products),
        "product-changes-per-day": (
            "of them change materially in a day: a hundredth, or a tenth of the events",
            min(products / 100, events_per_day / 10),
        ),
        "reviews-per-day": ("reviews a day: a hundredth of the events", events_per_day / 100),
        "questions-per-day": ("questions a day: one of 500 events", events_per_day / 500),
        "drafts-per-day": ("review drafts asked for in a day: one of 1,000 events", events_per_day / 1_000),
        "shoppers": ("shoppers that have recommendations: one for ten events of a day", events_per_day / 10),
        "languages": ("languages that each text is written in", 1.0),
        "peak-factor": ("times the mean, at the peak", 3.0),
        "busy": ("of its time a machine may be busy then", 0.7),
        "cores-per-worker": ("cores of a worker that writes without a card", 2.0),
        "replication": ("copies of each message", 3.0),
        "readers": ("groups that read published copy", 1.0),
        "keep-days": ("days for which texts of shoppers and about reviews add up", 365.0),
    }
    values = {name: (what, value, given.get(name)) for name, (what, value) in assumed.items()}
    return {
        name: Assumption(what, value if said is None else said, f"--{name}", said is not None)
        for name, (what, value, said) in values.items()
    }


def shop_of(events_per_day: float, assumptions: Assumptions) -> Shop:
    """Give the shop; raises CannotPlan when its parts are more than the whole."""
    shop = Shop(
        events_per_day=events_per_day,
        products=assumptions["products"].value,
        product_changes_per_day=assumptions["product-changes-per-day"].value,
        reviews_per_day=assumptions["reviews-per-day"].value,
        questions_per_day=assumptions["questions-per-day"].value,
        drafts_per_day=assumptions["drafts-per-day"].value,
        shoppers=assumptions["shoppers"].value,
        languages=int(assumptions["languages"].value),
    )
    if shop.steps_per_day < 0:
        parts = events_per_day - shop.steps_per_day
        raise CannotPlan(
            f"changes, reviews, questions and drafts make {parts:,.0f} events a day, and --events-per-day says "
            f"{events_per_day:,.0f}: it is all of them together, shoppers' other steps among them"
        )
    return shop


def keeping_of(assumptions: Assumptions) -> Keeping:
    """Give how messages are kept and read."""
    return Keeping(
        replication=int(assumptions["replication"].value),
        readers=int(assumptions["readers"].value),
        days=assumptions["keep-days"].value,
    )


def margin_of(assumptions: Assumptions) -> Margin:
    """Give what a peak is, and how busy a machine may be."""
    return Margin(peak=assumptions["peak-factor"].value, busy=assumptions["busy"].value)
