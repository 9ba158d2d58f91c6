"""A catalogue service that loses no event: a change and its event are one database transaction (an outbox).

Made to be copied with `relay.py`, which sends the events; docs/integration.md says why it is as it is.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from schemas.events import Product
from schemas.topics import EVENT_LIMIT_BYTES

_TABLES = """
PRAGMA journal_mode = WAL;  -- the relay reads while changes are written
CREATE TABLE IF NOT EXISTS products (
    product_id TEXT PRIMARY KEY,
    source_version INTEGER NOT NULL,  -- a deleted product's row stays: its version never goes back
    record TEXT                       -- NULL: deleted
);
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id TEXT NOT NULL,
    source_version INTEGER NOT NULL,
    record TEXT                       -- NULL: the product was deleted
);
"""

_NEXT_VERSION = """
INSERT INTO products (product_id, source_version) VALUES (?, 1)
ON CONFLICT (product_id) DO UPDATE SET source_version = source_version + 1 RETURNING source_version
"""

_FORGET = """
UPDATE products SET record = NULL, source_version = source_version + 1
WHERE product_id = ? AND record IS NOT NULL RETURNING source_version
"""

_ADD_EVENT = "INSERT INTO outbox (product_id, source_version, record) VALUES (?, ?, ?)"

_BUSY_SECONDS = 10.0


class Refused(Exception):
    """A change that cannot be an event; nothing was stored. The message names the field, never what stands in it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the outbox; without a record the product was deleted, which is a version, too."""

    number: int
    product_id: str
    source_version: int
    record: Product | None


def open_catalogue(path: Path) -> sqlite3.Connection:
    """Give the catalogue's database, made where it is missing; `with database:` is one transaction."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level="IMMEDIATE")
    database.executescript(_TABLES)
    return database


def save(database: sqlite3.Connection, fields: Mapping[str, object]) -> int:
    """Store a product and its event, both or neither, and give its version, which grows with each change.

    Raises Refused where streams would dead-letter the event: whoever makes the change can mend it, a consumer cannot.
    """
    stamped = {**fields, "source_version": 0, "updated_unix_ms": int(time.time() * 1000)}
    try:
        product = Product.model_validate_json(json.dumps(stamped))
    except ValidationError as error:
        raise Refused("; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())) from None
    with database:
        ((version,),) = database.execute(_NEXT_VERSION, (product.product_id,)).fetchall()
        record = product.model_copy(update={"source_version": version}).model_dump_json()
        if (size := len(record.encode())) > EVENT_LIMIT_BYTES:
            raise Refused(f"{size} bytes, at most {EVENT_LIMIT_BYTES} are taken")
        database.execute("UPDATE products SET record = ? WHERE product_id = ?", (record, product.product_id))
        database.execute(_ADD_EVENT, (product.product_id, version, record))
    return int(version)


def delete(database: sqlite3.Connection, product_id: str) -> bool:
    """Delete a product and store that event with it; tell whether there was one."""
    with database:
        versions = database.execute(_FORGET, (product_id,)).fetchall()
        for (version,) in versions:
            database.execute(_ADD_EVENT, (product_id, version, None))
    return bool(versions)


def sendable(database: sqlite3.Connection, *, limit: int) -> list[Event]:
    """Give the oldest events, in their order."""
    rows = database.execute("SELECT id, product_id, source_version, record FROM outbox ORDER BY id LIMIT ?", (limit,))
    return [
        Event(number, name, version, None if raw is None else Product.model_validate_json(raw))
        for number, name, version, raw in rows.fetchall()
    ]


def forget_sent(database: sqlite3.Connection, events: Sequence[Event]) -> None:
    """Take events off the outbox, once the broker has confirmed them."""
    with database:
        database.executemany("DELETE FROM outbox WHERE id = ?", [(event.number,) for event in events])


app = typer.Typer(name="catalogue", help=__doc__, no_args_is_help=True, add_completion=False)
Database = Annotated[Path, typer.Option("--database", help="The catalogue's SQLite file; made where missing.")]
DATABASE = Path("var/examples/catalogue.db")


@app.command("save")
def save_products(lines: typer.FileText, database: Database = DATABASE) -> None:
    """Store products, one JSON object a line (the fields of `Product`); `-` reads standard input."""
    with closing(open_catalogue(database)) as catalogue:
        for number, line in enumerate(lines, start=1):
            try:
                fields = json.loads(line)
                typer.echo(f"{fields['product_id']} is at version {save(catalogue, fields)}")
            except (Refused, ValueError, KeyError, TypeError) as error:
                raise SystemExit(f"line {number}, and what follows, is not stored: {error!r}") from error


@app.command("delete")
def delete_products(product_ids: list[str], database: Database = DATABASE) -> None:
    """Delete products: all published copy about them is withdrawn."""
    with closing(open_catalogue(database)) as catalogue:
        for product_id in product_ids:
            typer.echo(f"{product_id} {'is deleted' if delete(catalogue, product_id) else 'is not there'}")


if __name__ == "__main__":
    app()
