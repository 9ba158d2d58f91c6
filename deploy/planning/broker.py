"""What a day's load makes of the broker: bytes kept, and bytes that go in, out and between its machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from deploy.planning.figures import Figures, bytes_of
from deploy.planning.load import SECONDS_A_DAY, WRITTEN, Load, Shop
from deploy.planning.span import Span, as_span, total
from schemas import tasks, topics
from schemas.tasks import TaskContract
from schemas.topics import Changelog, Topic
from streams.product_state import PRODUCT_TASKS

_DAY_MS: Final = SECONDS_A_DAY * 1000
_LATEST: Final = Span(1, 1.5, 2)
"""A compacted topic holds up to twice its keys before it is cleaned (`min.cleanable.dirty.ratio` of a half)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How messages are kept and read: copies of each, groups that read published copy, days of texts without an end."""

    replication: int
    readers: int
    days: float


@dataclass(frozen=True, slots=True)
class Flow:
    """One topic: messages a day, how many are kept, and how many groups read it."""

    topic: Topic | Changelog
    per_day: Span
    kept: Span
    readers: int


@dataclass(frozen=True, slots=True)
class BrokerNeeds:
    """What the broker stores, all copies together, and what it takes in, gives out and copies in a day; in bytes."""

    stored: Span
    taken_in: Span
    given_out: Span
    copied: Span


def broker_needs(shop: Shop, load: Load, figures: Figures, keeping: Keeping) -> BrokerNeeds:
    """Give what all topics together ask of the broker; dead letters and withheld texts are taken for few."""
    flows = tuple(flows_of(shop, load, keeping))
    sizes = {flow.topic: figures[bytes_of(flow.topic.name)].span for flow in flows}
    taken_in = total(flow.per_day * sizes[flow.topic] for flow in flows)
    return BrokerNeeds(
        stored=total(flow.kept * sizes[flow.topic] for flow in flows) * keeping.replication,
        taken_in=taken_in,
        given_out=total(flow.per_day * sizes[flow.topic] * flow.readers for flow in flows),
        copied=taken_in * (keeping.replication - 1),
    )


def flows_of(shop: Shop, load: Load, keeping: Keeping) -> Iterator[Flow]:
    """Give each topic's messages; a table's changelog is read only when a disk is lost."""
    yield _latest(topics.PRODUCT_CREATED, shop.product_changes_per_day, shop.products, readers=2)
    yield _log(topics.REVIEW_POSTED, as_span(shop.reviews_per_day), readers=1)
    yield _log(topics.USER_ACTIVITY, as_span(shop.activity_per_day), readers=1)
    yield _log(topics.PRODUCT_QUESTIONS, as_span(shop.questions_per_day), readers=1)
    for topic in topics.REQUESTS:
        yield _log(topic, total(load.requests[task.name] for task in WRITTEN if task.requests is topic), readers=1)
    for task in WRITTEN:
        readers = keeping.readers + (task is tasks.PRODUCT_DESCRIPTION)  # which the streams say in other languages
        yield _latest(task.output, load.requests[task.name], _texts(task, shop, load, keeping), readers=readers)
    yield _log(topics.GENERATION_OUTCOMES, load.requests_per_day, readers=0)
    yield _latest(topics.PRODUCTS_CHANGELOG, shop.product_changes_per_day, shop.products, readers=0)
    yield _latest(topics.REVIEWS_CHANGELOG, shop.reviews_per_day, shop.products, readers=0)
    yield _latest(topics.QUESTIONS_CHANGELOG, shop.questions_per_day, shop.products, readers=0)
    yield _latest(topics.SHOPPERS_CHANGELOG, shop.activity_per_day, shop.shoppers, readers=0)


def _texts(task: TaskContract, shop: Shop, load: Load, keeping: Keeping) -> Span | float:
    """Give how many texts of a task there are at a time: one for each product or shopper, else all of the days."""
    if task in PRODUCT_TASKS or task is tasks.REVIEW_SUMMARY:
        return shop.products * shop.languages
    if task is tasks.RECOMMENDATION:
        return shop.shoppers * shop.languages
    return load.requests[task.name] * keeping.days


def _log(topic: Topic, per_day: Span, *, readers: int) -> Flow:
    return Flow(topic, per_day, per_day * ((topic.retention_ms or 0) / _DAY_MS), readers)


def _latest(topic: Topic | Changelog, per_day: Span | float, keys: Span | float, *, readers: int) -> Flow:
    return Flow(topic, as_span(per_day), _LATEST * keys, readers)
