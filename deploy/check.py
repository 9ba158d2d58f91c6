"""`shelftalk check`: texts that somebody wrote, held against the records that they are about."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from deploy.check_lines import Checked, How

_CHUNK: Final = 200
"""Lines that one process judges at a time."""

_LARGE_BYTES: Final = 5_000_000
"""A few thousand lines: some seconds of one process, and what several take to start."""

_STDIN: Final = Path("-")
_SAY_EVERY_SECONDS: Final = 0.5

Numbered = tuple[int, bytes]


@dataclass(slots=True)
class Count:
    """What has been checked so far."""

    texts: int = 0
    allowed: int = 0
    unreadable: int = 0
    rules: Counter[str] = field(default_factory=Counter)

    def take(self, checked: Checked) -> None:
        """Count one more."""
        self.texts += 1
        self.allowed += not checked.rules
        self.unreadable += not checked.readable
        self.rules.update(checked.rules)


def check(
    file: Annotated[Path, typer.Argument(help="JSON lines; - is standard input.")] = _STDIN,
    *,
    out: Annotated[Path | None, typer.Option(help="Where the verdicts go; standard output without it.")] = None,
    summary: Annotated[bool, typer.Option("--summary", help="A table of rules on standard error.")] = False,
    reasons: Annotated[bool, typer.Option("--reasons", help="Add what each rule found.")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; 1, or one a core for a large FILE.")] = None,
    currency: Annotated[str, typer.Option(help="The currency of prices that name none.")] = "EUR",
) -> None:
    """Check texts against the records they are about, with no model and no broker.

    A line in: {"id": 1, "task": "product-description", "locale": "en", "facts": {"title": "Harbour Jacket",
    "attributes": {"material": "Wool"}}, "text": "A wool jacket."}. A line out, in the same order: {"id": 1,
    "allowed": true, "rules": [], "evidence": [...]}.

    Examples: `shelftalk check texts.jsonl --summary > verdicts.jsonl`; `... | shelftalk check - --reasons`.
    The exit code is 1 when a line could not be read. docs/check.md has the format.
    """
    # Only here: the other commands run where the guard's own packages are not installed.
    from deploy.check_lines import How  # noqa: PLC0415

    if file != _STDIN and not file.is_file():
        raise typer.BadParameter(f"{file} is not a file", param_hint="FILE")
    spare_the_collector()
    count = Count()
    with ExitStack() as open_files:
        lines = sys.stdin.buffer if file == _STDIN else open_files.enter_context(file.open("rb"))
        sink = open_files.enter_context(out.open("w", encoding="utf-8")) if out else sys.stdout
        judged = check_lines(lines, How(currency.upper(), reasons), jobs=jobs or jobs_for(file))
        for checked in _told(judged, count):
            sink.write(checked.line + "\n")
    if summary:
        _print(count)
    if count.unreadable:
        raise typer.Exit(1)


def spare_the_collector() -> None:
    """Keep the garbage collector from walking vocabularies and known values over and over: a fifth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 50)


def jobs_for(file: Path) -> int:
    """Give how many processes a file is worth: as many as there are cores where it takes longer than they to start."""
    is_large = file != _STDIN and file.stat().st_size >= _LARGE_BYTES
    return (os.cpu_count() or 1) if is_large else 1


def check_lines(lines: Iterable[bytes], how: How, *, jobs: int = 1) -> Iterator[Checked]:
    """Judge every line that is not empty, in order; with several jobs in as many processes."""
    judge = partial(_judged, how=how)
    chunks = _chunks((number, line) for number, line in enumerate(lines, 1) if line.strip())
    for judged in map(judge, chunks) if jobs == 1 else _in_processes(judge, chunks, jobs):
        yield from judged


def _judged(chunk: list[Numbered], how: How) -> list[Checked]:
    from deploy.check_lines import check_line  # noqa: PLC0415  as in `check`

    return [check_line(raw, number, how) for number, raw in chunk]


def _chunks(lines: Iterator[Numbered]) -> Iterator[list[Numbered]]:
    while chunk := list(islice(lines, _CHUNK)):
        yield chunk


def _in_processes(
    judge: Callable[[list[Numbered]], list[Checked]], chunks: Iterator[list[Numbered]], jobs: int
) -> Iterator[list[Checked]]:
    """Judge chunks in processes, in order, with two a process under way: a file of any length fits into memory."""
    # Spawned, not forked: the language detector has threads of its own.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=spare_the_collector) as pool:
        waiting: deque[Future[list[Checked]]] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(judge, chunk))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _told(found: Iterator[Checked], count: Count) -> Iterator[Checked]:
    """Count what passes through, and say so now and then on standard error where somebody is looking."""
    watched, since, said = sys.stderr.isatty(), time.monotonic(), 0.0
    for checked in found:
        count.take(checked)
        now = time.monotonic() - since
        if watched and now - said > _SAY_EVERY_SECONDS:
            said = now
            print(f"\r{count.texts} texts, {count.texts / now:,.0f}/s", end="", file=sys.stderr, flush=True)
        yield checked
    if said:
        print(file=sys.stderr)


def _print(count: Count) -> None:
    table = Table("rule", "texts", "share")
    for rule, texts in count.rules.most_common():
        table.add_row(rule, str(texts), f"{texts / count.texts:.1%}")
    console = Console(stderr=True, highlight=False)
    console.print(table)
    console.print(f"{count.texts} texts: {count.allowed} allowed, {count.unreadable} unreadable")
