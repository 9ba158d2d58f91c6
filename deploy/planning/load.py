"""From a shop's size to what it asks for in a day: events by kind, and requests by task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from deploy.planning.figures import Figures, tokens_of
from deploy.planning.span import Span, as_span, total
from schemas import tasks
from schemas.tasks import TaskContract
from streams.product_state import PRODUCT_TASKS

SECONDS_A_DAY: Final = 86_400
WRITTEN: Final = tuple(task for task in tasks.ALL if task is not tasks.LOCALISATION)
"""The tasks of a plan: a shop that localises is one that has its texts written in more languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A shop's size. Events of a day are changes of products, reviews, questions, drafts asked for, and other steps."""

    events_per_day: float
    products: float
    product_changes_per_day: float
    reviews_per_day: float
    questions_per_day: float
    drafts_per_day: float
    shoppers: float
    languages: int

    @property
    def activity_per_day(self) -> float:
        """Give the events that shoppers make, questions and drafts among them."""
        return self.events_per_day - self.product_changes_per_day - self.reviews_per_day

    @property
    def steps_per_day(self) -> float:
        """Give the shoppers' other steps: views, searches, carts, wishes, purchases."""
        return self.activity_per_day - self.questions_per_day - self.drafts_per_day


@dataclass(frozen=True, slots=True)
class Load:
    """What a day brings: requests by task, and the tokens that a model writes for them."""

    requests: Mapping[str, Span]
    tokens: Mapping[str, Span]

    @property
    def requests_per_day(self) -> Span:
        """Give all requests of a day."""
        return total(self.requests.values())

    @property
    def tokens_per_day(self) -> Span:
        """Give all tokens of a day."""
        return total(self.tokens.values())

    @property
    def written_per_day(self) -> Span:
        """Give the requests of a day for which a model writes anything."""
        return total(count for task, count in self.requests.items() if self.tokens[task].high)


def load_of(shop: Shop, figures: Figures) -> Load:
    """Give a day's load, by the rules of the streams where there is one, else by what was measured."""
    requests = {task.name: _requests(task, shop, figures) for task in WRITTEN}
    tokens = {name: count * figures[tokens_of(name)].span for name, count in requests.items()}
    return Load(requests, tokens)


def catalogue_tokens(shop: Shop, figures: Figures) -> Span:
    """Give the tokens that a model writes when the whole catalogue comes in for the first time."""
    a_product = total(figures[tokens_of(task.name)].span for task in PRODUCT_TASKS)
    return a_product * (shop.products * shop.languages)


def _requests(task: TaskContract, shop: Shop, figures: Figures) -> Span:
    if task in PRODUCT_TASKS:
        return as_span(shop.product_changes_per_day * shop.languages)
    match task:
        case tasks.REVIEW_SUMMARY:
            return figures["summaries-per-review"].span * (shop.reviews_per_day * shop.languages)
        case tasks.RECOMMENDATION:
            return figures["recommendations-per-step"].span * (shop.steps_per_day * shop.languages)
        case tasks.REVIEW_INSIGHT:
            return as_span(shop.reviews_per_day)
        case tasks.SUPPORT_REPLY:
            return as_span(shop.questions_per_day * shop.languages)
        case tasks.REVIEW_DRAFT:
            return as_span(shop.drafts_per_day * shop.languages)
        case _:
            raise ValueError(f"nobody says how often {task.name} is asked for")
