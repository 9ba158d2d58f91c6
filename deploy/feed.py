"""`shelftalk feed`: a shop's files to the input topics."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from deploy.endpoints import find_endpoints
from deploy.feeder import FeedProgress, FeedReport, Sending, count_folder, feed_folder, rate
from deploy.settings import Settings
from deploy.shop_files import PARTS, TOPICS, Part, Reading
from schemas.telemetry.otlp import span_writer
from schemas.telemetry.trace import Write

_SHOWN = 20
"""How many refused or undelivered lines are listed one by one."""


def feed(  # noqa: PLR0913  each flag of the command is a parameter
    folder: Annotated[Path, typer.Argument(help="Where products.jsonl, reviews.jsonl and activity.jsonl are.")],
    *,
    rate_: Annotated[str, typer.Option("--rate", help="At most so many events: 50/s, 300/m.")] = "",
    loop: Annotated[bool, typer.Option("--loop", help="Begin again at the end, until Ctrl-C.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count; send nothing.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first products and what concerns them.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse lines with unknown fields.")] = False,
    keep_malformed: Annotated[
        bool, typer.Option("--keep-malformed", help="Send refused lines as they stand, to be dead-lettered.")
    ] = False,
    currency: Annotated[str, typer.Option(help="The currency of prices that name none.")] = "EUR",
    trace: Annotated[bool, typer.Option("--trace", help="Begin a trace with each event: see shelftalk trace.")] = False,
    only: Annotated[Part | None, typer.Option(help="Only one of the files.")] = None,
) -> None:
    """Feed a shop's files to the input topics.

    Examples: `shelftalk feed my-shop --dry-run` shows what would be refused and why;
    `shelftalk feed my-shop --rate 50/s --loop` keeps a test system busy. docs/feed.md has the formats.
    """
    console = Console(markup=False)
    reading = Reading(currency=currency.upper(), strict=strict, only=only, first_products=limit)
    try:
        sending = Sending(rate(rate_) if rate_ else None, loop, keep_malformed, _span_writer() if trace else None)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--rate") from error
    report = count_folder(folder, reading) if dry_run else _fed(folder, reading, sending, console)
    _print(report, console, dry_run=dry_run)
    if not report.total:
        raise typer.Exit(1)


def _span_writer() -> Write:
    return span_writer(None, Settings().home_folder / "traces", service="feed", pid=os.getpid())


def _fed(folder: Path, reading: Reading, sending: Sending, console: Console) -> FeedReport:
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("connecting", total=None)

        def show(at: FeedProgress) -> None:
            progress.update(task, description=f"{at.part}: {at.sent} confirmed, {at.refused} refused")

        endpoints = find_endpoints(Settings())
        return feed_folder(folder, endpoints, reading=reading, sending=sending, on_progress=show)


def _print(report: FeedReport, console: Console, *, dry_run: bool) -> None:
    table = Table("file", "topic", "would be sent" if dry_run else "sent", "refused")
    refused = Counter(each.line.part for each in report.refused)
    for part in PARTS:
        table.add_row(f"{part}.jsonl", TOPICS[part].name, str(report.sent[part]), str(refused[part]))
    console.print(table)
    console.print(f"{report.deletions} deletions and {report.malformed} malformed lines among them", highlight=False)
    for each in report.refused[:_SHOWN]:
        console.print(Text(f"refused {each.line.place}: {each.reason}"))
    if len(report.refused) > _SHOWN:
        console.print(f"... and {len(report.refused) - _SHOWN} more refused lines", highlight=False)
    for line in report.undelivered[:_SHOWN]:
        console.print(Text(f"not delivered: {line}", style="red"))
