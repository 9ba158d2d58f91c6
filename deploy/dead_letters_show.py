"""Dead letters for eyes and for other programs; only `details` shows what is in one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Group
from rich.table import Table
from rich.text import Text

from deploy.dead_letters_content import Content
from deploy.dead_letters_judge import Judged, Verdict
from deploy.dead_letters_letter import Letter, Listed, clock_time
from deploy.show import safe_text
from schemas.record import Record
from streams.decode import ProductDeleted, Rejection

_DUMPED_BYTES = 256
_ROW_BYTES = 16
_STYLES = {Verdict.PUT_BACK: "green", Verdict.STILL_BAD: "red", Verdict.STALE: "yellow", Verdict.TOO_OLD: "yellow"}


def json_line(each: Listed) -> str:
    """Give what a list says of a letter as one line of JSON."""
    fields = asdict(each) | {"id": str(each.id)}
    return json.dumps(fields)


def line(each: Listed) -> Text:
    """Give what a list says of a letter as one line for the terminal."""
    attempts = f"{each.attempts} attempt{'s' if each.attempts != 1 else ''}"
    head = f"{each.id!s:<10}  {clock_time(each.failed_unix_ms)}  {each.place}  "
    return Text.assemble(
        safe_text(head), safe_text(each.error_class, "red"), safe_text(f"  {attempts}  {' '.join(each.error.split())}")
    )


def summary(counts: Counter[tuple[str, str]]) -> Table:
    """Give the counts per error class and topic as a table."""
    table = Table("class", "topic", "letters", box=None, pad_edge=False)
    for (error_class, topic), count in counts.most_common():
        table.add_row(safe_text(error_class), safe_text(topic), str(count))
    return table


def plan(judged: Sequence[Judged]) -> Table:
    """Give what becomes of each letter as a table, in the order in which they go back."""
    table = Table("id", "original place", "class", "verdict", "why", box=None, pad_edge=False)
    for each in judged:
        letter, verdict = each.letter, each.judgement.verdict
        forced = each.goes_back and verdict is not Verdict.PUT_BACK
        told = f"{verdict}, forced" if forced else str(verdict)
        table.add_row(
            Text(str(letter.id), no_wrap=True),
            safe_text(letter.place),
            safe_text(letter.record.error_class),
            Text(told, style=_STYLES.get(verdict, "dim")),
            safe_text(each.judgement.reason),
        )
    return table


def details(letter: Letter, content: Content | None, readable: Record | None) -> Group:
    """Give everything about a letter: its place and reason, its headers, and its value, readable where it can be."""
    record = letter.record
    fields = {
        "letter": str(letter.id),
        "from": letter.place,
        "written": clock_time(record.timestamp_unix_ms) if record.timestamp_unix_ms >= 0 else "unknown",
        "failed": f"{clock_time(record.failed_unix_ms)} in {record.failed_by}, attempts: {record.attempts}",
        "reason": f"{record.error_class}: {record.error}",
        "key": _text(record.key),
        **{f"header {each.name}": _text(each.value) for each in record.headers},
    }
    width = max(map(len, fields))
    lines = [safe_text(f"{name:<{width}}  {value}") for name, value in fields.items()]
    return Group(*lines, Text(), *value_lines(record.value, content, readable))


def value_lines(value: bytes | None, content: Content | None, readable: Record | None) -> list[Text]:
    """Give a value as its record where it is one, else its first bytes; and what is wrong with the message today."""
    if value is None:
        deletes = isinstance(content, ProductDeleted)
        return [safe_text("no value: the product is deleted" if deletes else "no value", "italic")]
    wrong = []
    if isinstance(content, Rejection):
        wrong = [safe_text(f"today {content.error_class}: {content.detail}", "red")]
    if readable is not None:
        return [*wrong, safe_text(readable.model_dump_json(indent=2))]
    rows = [safe_text(row) for row in dump(value[:_DUMPED_BYTES])]
    more = [safe_text(f"{len(value)} bytes in all: --raw FILE writes them")] if len(value) > _DUMPED_BYTES else []
    return [*wrong, *rows, *more]


def dump(raw: bytes) -> list[str]:
    """Give bytes in rows of 16: where, in hex, and as text where they are printable ASCII."""
    rows = [raw[at : at + _ROW_BYTES] for at in range(0, len(raw), _ROW_BYTES)]
    return [
        f"{at * _ROW_BYTES:06x}  {row.hex(' '):<{_ROW_BYTES * 3}} {''.join(map(_printable, row))}"
        for at, row in enumerate(rows)
    ]


def _printable(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F else "."


def _text(raw: bytes | None) -> str:
    return "none" if raw is None else raw.decode(errors="backslashreplace")
