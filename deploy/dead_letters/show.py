"""Dead letters for eyes and for other programs; only `details` shows what is in one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Group
from rich.table import Table
from rich.text import Text

from deploy.dead_letters.content import Content
from deploy.dead_letters.judge import Judged, Verdict
from deploy.dead_letters.letter import Letter, Listed, clock_time
from deploy.show import safe_text
from schemas.record import Record
from streams.decode import ProductDeleted, Rejection

_DUMPED_BYTES = 256
_ROW_BYTES = 16
_STYLES = {Verdict.PUT_BACK: "green", Verdict.STILL_BAD: "red", Verdict.STALE: "yellow", Verdict.TOO_OLD: "yellow"}


def json_line(each: Listed) -> str:
    """Give what a list says of a letter as one line of JSON."""
    return json.dumps(asdict(each) | {"id": str(each.id)})


def line(each: Listed) -> Text:
    """Give what a list says of a letter as one line for the terminal."""
    attempts = f"{each.attempts} attempt{'s' if each.attempts != 1 else ''}"
    head = f"{each.id!s:<10}  {clock_time(each.failed_unix_ms)}  {each.place}  "
    return Text.assemble(_one_line(head), _one_line(each.error_class, "red"), _one_line(f"  {attempts}  {each.error}"))


def summary(counts: Counter[tuple[str, str]]) -> Table:
    """Give the counts per error class and topic as a table."""
    table = Table("class", "topic", "letters", box=None, pad_edge=False)
    for (error_class, topic), count in counts.most_common():
        table.add_row(safe_text(error_class), safe_text(topic), str(count))
    return table


def plan(judged: Sequence[Judged]) -> list[Text]:
    """Give what becomes of each letter as lines with a heading, in the order in which they go back.

    They are aligned here: rich lays a table of 10,000 rows out in half a minute.
    """
    rows = [("id", "original place", "class", "verdict", "why"), *map(_row, judged)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    styles = ["bold", *(_STYLES.get(each.judgement.verdict, "dim") for each in judged)]
    return [_one_line(told, style) for told, style in zip(lines, styles, strict=True)]


def _row(each: Judged) -> tuple[str, str, str, str, str]:
    letter, verdict = each.letter, each.judgement.verdict
    told = f"{verdict}, forced" if each.goes_back and verdict is not Verdict.PUT_BACK else str(verdict)
    return (str(letter.id), letter.place, letter.record.error_class, told, each.judgement.reason)


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
    lines = [_one_line(f"{name:<{width}}  {value}") for name, value in fields.items()]
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


def _one_line(text: str, style: str = "") -> Text:
    """Give a text from outside for the terminal: it cannot look like lines of ours."""
    return safe_text(text.replace("\n", "\\n"), style)


def _printable(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F else "."


def _text(raw: bytes | None) -> str:
    return "none" if raw is None else raw.decode(errors="backslashreplace")
