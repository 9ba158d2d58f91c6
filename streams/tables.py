"""The tables: what is remembered per product and shopper, on disk here and in a changelog for the next owner."""

from __future__ import annotations

from typing import Generic, TypeVar

import faust
from faust.types import TP
from pydantic import BaseModel

from schemas.topics import (
    LOCALISED_CHANGELOG,
    PRODUCTS_CHANGELOG,
    QUESTIONS_CHANGELOG,
    REVIEWS_CHANGELOG,
    SHOPPERS_CHANGELOG,
    STREAMS_APP,
    Changelog,
)
from streams.localised_state import LocalisedState
from streams.memory import Memory
from streams.product_state import ProductState
from streams.question_state import QuestionState
from streams.review_state import ReviewState
from streams.send import Outgoing, Writer
from streams.shopper_state import ShopperState

S = TypeVar("S", bound=BaseModel)


class StateTable(Generic[S]):
    """One Faust table whose values are states of one kind, as JSON.

    A write is in the changelog, confirmed, before it is in the store, and in the store before it returns. Faust's own
    assignment only queues the change and confirms nothing: a process killed then has a state that its changelog lacks,
    takes the event's replay for a repeat, and the next owner never hears of it.
    Usable only while an event is processed: the event's partition is the table's.
    """

    def __init__(self, table: faust.Table, changelog: Changelog, state: type[S], writer: Writer) -> None:
        self._table = table
        self._changelog = changelog
        self._state = state
        self._writer = writer

    def read(self, key: str) -> S | None:
        """Give what is remembered under a key, None when nothing is."""
        raw = self._table.data.get(key.encode())
        return self._state.model_validate_json(raw) if raw is not None else None

    async def write(self, key: str, state: S, *, partition: int) -> None:
        """Remember a state; returns when it would survive the loss of this machine. Raises as Writer.write does."""
        raw = state.model_dump_json(exclude_defaults=True).encode()
        outgoing = Outgoing(self._changelog.name, key.encode(), raw, partition=partition)
        offset = await self._writer.write(outgoing)
        self._table.data[key.encode()] = raw
        self._table.data.set_persisted_offset(TP(self._changelog.name, partition), offset)


def create_tables(app: faust.App, writer: Writer) -> Memory:
    """Declare the tables of an app."""
    return Memory(
        products=StateTable(_table(app, PRODUCTS_CHANGELOG), PRODUCTS_CHANGELOG, ProductState, writer),
        reviews=StateTable(_table(app, REVIEWS_CHANGELOG), REVIEWS_CHANGELOG, ReviewState, writer),
        shoppers=StateTable(_table(app, SHOPPERS_CHANGELOG), SHOPPERS_CHANGELOG, ShopperState, writer),
        localised=StateTable(_table(app, LOCALISED_CHANGELOG), LOCALISED_CHANGELOG, LocalisedState, writer),
        questions=StateTable(_table(app, QUESTIONS_CHANGELOG), QUESTIONS_CHANGELOG, QuestionState, writer),
    )


def _table(app: faust.App, changelog: Changelog) -> faust.Table:
    name = changelog.name.removeprefix(f"{STREAMS_APP}-").removesuffix("-changelog")
    # Bounds for a store per table and partition; the defaults are 64 MiB of write buffer and 2 GiB of cache each.
    options = {
        "driver": "rocksdict",
        "write_buffer_size": 4 * 1024 * 1024,
        "block_cache_size": 16 * 1024 * 1024,
        "max_open_files": 64,
    }
    return app.Table(name, key_type=bytes, value_type=bytes, partitions=changelog.partitions, options=options)
