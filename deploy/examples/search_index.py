"""A search index in one SQLite file (FTS5): the texts and how far they were read are one transaction.

Made to be copied with `indexer.py`, which fills it; docs/integration.md says why it is as it is.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.outputs import ProductDescription

_TABLES = """
PRAGMA journal_mode = WAL;  -- searches go on while a batch is written
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, locale TEXT NOT NULL, source_version INTEGER NOT NULL, record TEXT
);
CREATE VIRTUAL TABLE IF NOT EXISTS texts USING fts5(headline, body, bullets, tokenize='unicode61 remove_diacritics 2');
CREATE TABLE IF NOT EXISTS progress (partition INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS followed (one INTEGER PRIMARY KEY, unix_seconds REAL NOT NULL);
"""

# Only forward: what was applied before, by us or by a second indexer of this file, is not applied again.
_ADVANCE = """
INSERT INTO progress VALUES (?, ?) ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset
WHERE excluded.next_offset > next_offset
"""
_UPSERT = """
INSERT INTO documents (key, locale, source_version, record) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE
SET source_version = excluded.source_version, record = excluded.record
WHERE excluded.source_version >= source_version RETURNING id
"""
_SEARCH = """
SELECT record FROM texts JOIN documents ON documents.id = texts.rowid
WHERE texts MATCH :words AND (:locale = '' OR locale = :locale OR locale LIKE :locale || '-%')
ORDER BY bm25(texts, 4.0, 1.0, 2.0) LIMIT :limit
"""

_BUSY_SECONDS = 10.0

# Written without spaces between words: each character becomes a word, and what is searched a phrase of them.
_UNSPACED = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])")


@dataclass(frozen=True, slots=True)
class Change:
    """One message of the topic: the text that stands under its key from here on; None withdraws what stood there."""

    partition: int
    offset: int
    key: str
    copy: ProductDescription | None


def open_index(path: Path) -> sqlite3.Connection:
    """Give the index, made where it is missing; `with index:` is one transaction."""
    path.parent.mkdir(parents=True, exist_ok=True)
    index = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level="IMMEDIATE")
    index.executescript(_TABLES)
    return index


def empty(index: sqlite3.Connection) -> None:
    """Take everything out, so that it is filled from the beginning of the topic."""
    with index:
        for table in ("documents", "texts", "progress", "followed"):
            index.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours


def apply(index: sqlite3.Connection, changes: Sequence[Change]) -> None:
    """Bring changes in, together with the offsets behind them, all or none; a repeated one does nothing."""
    with index:
        for change in changes:
            if not index.execute(_ADVANCE, (change.partition, change.offset + 1)).rowcount:
                continue
            if change.copy is None:
                index.execute("DELETE FROM texts WHERE rowid = (SELECT id FROM documents WHERE key = ?)", (change.key,))
                index.execute("DELETE FROM documents WHERE key = ?", (change.key,))
            else:
                _upsert(index, change.key, change.copy)
        index.execute("INSERT OR REPLACE INTO followed VALUES (1, ?)", (time.time(),))


def _upsert(index: sqlite3.Connection, key: str, copy: ProductDescription) -> None:
    row = (key, copy.locale, copy.provenance.source_version, copy.model_dump_json())
    written = index.execute(_UPSERT, row).fetchall()
    if not written:  # what stands there was written from a newer record
        return
    ((number,),) = written
    texts = [_spaced(text) for text in (copy.headline, copy.body, "\n".join(copy.bullets))]
    index.execute("DELETE FROM texts WHERE rowid = ?", (number,))
    index.execute("INSERT INTO texts (rowid, headline, body, bullets) VALUES (?, ?, ?, ?)", (number, *texts))


def next_offsets(index: sqlite3.Connection) -> dict[int, int]:
    """Give where to go on in each partition that was read before."""
    return dict(index.execute("SELECT partition, next_offset FROM progress").fetchall())


def seconds_since_followed(index: sqlite3.Connection) -> float:
    """Give how long nobody has followed the topic for this index; 0 before the first time."""
    ((last,),) = index.execute("SELECT max(unix_seconds) FROM followed").fetchall()
    return 0.0 if last is None else time.time() - float(last)


def search(index: sqlite3.Connection, words: str, *, locale: str = "", limit: int = 10) -> list[ProductDescription]:
    """Give the texts with all of these words or their beginnings, best first, in one language (`de`) or any."""
    wanted = " ".join(f'"{_spaced(word)}" *' for word in words.replace('"', " ").split())
    rows = index.execute(_SEARCH, {"words": wanted or '""', "locale": locale, "limit": limit}).fetchall()
    return [ProductDescription.model_validate_json(record) for (record,) in rows]


def _spaced(text: str) -> str:
    return _UNSPACED.sub(r" \1 ", text)
