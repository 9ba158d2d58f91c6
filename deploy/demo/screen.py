"""What the demo shows: how far it is, some of the copy with its evidence, and where everything went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Column, Table
from rich.text import Text

from deploy.demo.accounting import Accounts, ProductEnd, TaskAccount
from deploy.demo.progress import Progress
from deploy.demo.seen import Seen
from deploy.demo.summary import Summary
from deploy.feeder import FeedReport
from deploy.show import Shown, panel, safe_text
from schemas import tasks
from schemas.provenance import Copy

_PLAIN_EVERY_SECONDS: Final = 5.0
_LISTED: Final = 20
_DESCRIPTIONS_SHOWN: Final = 3
_ORIGINS: Final = ("model", "repaired", "template")

Show = Callable[[Progress, str], None]
"""Takes the state of the run and what it waits for now."""


@contextmanager
def progress_shown(console: Console) -> Iterator[Show]:
    """Give a function that shows how far the run is: in place on a terminal, else as a line every five seconds."""
    began = time.monotonic()
    if not console.is_terminal:
        yield _plain_lines(console, began)
        return
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        spinner = Spinner("dots")

        def show(at: Progress, waits_for: str) -> None:
            spinner.update(text=Text(waits_for))
            live.update(Group(_progress_table(at, time.monotonic() - began), spinner))

        yield show


def waits_for(at: Progress, *, engine: str) -> str:
    """Say what the run waits for now."""
    if not at.events:
        return "the first events to be readable"
    if at.events_to_go:
        return f"the streams take in {at.events_to_go} more events"
    if at.requests_to_go and not at.generating_seconds:
        return "the model loads, about 30 s" if engine == "vllm" else "the worker takes its partitions"
    if at.requests_to_go:
        return f"{at.requests_to_go} texts to go"
    return "a moment of quiet, to be sure that nothing more comes"


def print_samples(console: Console, what: Seen) -> None:
    """Print the copy of a few products with its evidence, and a text of every other task."""
    console.rule("some of the copy, with the evidence for what it says")
    for shown in samples(what):
        console.print(panel(shown))


def samples(what: Seen) -> tuple[Shown, ...]:
    """Give published texts to show: three descriptions, one text of each other task, the model's own ones first."""
    chosen: list[Shown] = []
    for task in tasks.ALL:
        count = _DESCRIPTIONS_SHOWN if task is tasks.PRODUCT_DESCRIPTION else 1
        latest = {each.key: each for each in what.copy[task.output.name]}
        chosen += sorted((each for each in latest.values() if _task_of(each) == task.name), key=_worth)[:count]
    return tuple(chosen)


def _task_of(shown: Shown) -> str | None:
    return shown.record.provenance.task if isinstance(shown.record, Copy) else None


def print_refused(console: Console, report: FeedReport) -> None:
    """Print the lines of the shop's files that are no events, with their numbers."""
    if not report.refused:
        return
    sent = "sent as they stand, to be dead-lettered" if report.malformed else "not sent"
    console.rule(f"{len(report.refused)} lines are no events: {sent}")
    for each in report.refused[:_LISTED]:
        console.print(safe_text(f"{each.line.place}: {each.reason}"))
    if len(report.refused) > _LISTED:
        console.print(f"... and {len(report.refused) - _LISTED} more lines", highlight=False)


def print_account(console: Console, accounts: Accounts, summary: Summary) -> None:
    """Print where everything went, and whether it adds up."""
    console.rule("where everything went")
    console.print(_task_table(accounts.tasks))
    _print_reasons(console, "withheld for", {task.task: task.why_withheld for task in accounts.tasks})
    _print_reasons(console, "first candidates refused for", {task.task: task.why_not_first for task in accounts.tasks})
    _print_reasons(console, "for", {"dead letters": accounts.dead_letters})
    _print_ends(console, accounts.products)
    for line in _sums(accounts, summary):
        console.print(line, highlight=False, soft_wrap=True)
    for problem in accounts.problems[:_LISTED]:
        console.print(safe_text(f"does not add up: {problem}", "red"))
    if len(accounts.problems) > _LISTED:
        console.print(f"... and {len(accounts.problems) - _LISTED} more", style="red")


def _plain_lines(console: Console, began: float) -> Show:
    last = [-_PLAIN_EVERY_SECONDS]

    def show(at: Progress, waits_for: str) -> None:
        now = time.monotonic()
        if now - last[0] >= _PLAIN_EVERY_SECONDS:
            last[0] = now
            told = ", ".join(f"{count} {kind}" for kind, count in _counts(at)) or "no text yet"
            console.print(f"{now - began:5.0f} s  {told}; {waits_for}", highlight=False, soft_wrap=True)

    return show


def _counts(at: Progress) -> list[tuple[str, int]]:
    found = {
        "events": at.events,
        "requests": at.requests,
        **{kind: at.outcomes.get(kind, 0) for kind in (*_ORIGINS, "withheld", "withdrawn", "superseded")},
        "dead-lettered": at.dead_letters,
        "tokens/s": round(at.tokens_per_second),
    }
    return [(kind, count) for kind, count in found.items() if count]


def _progress_table(at: Progress, seconds: float) -> Table:
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(justify="right", style="bold")
        table.add_column()
    cells = [
        (str(at.events - at.events_to_go), f"of {at.events} events"),
        (str(at.finished), f"of {at.requests} requests done"),
        (str(at.outcomes.get("model", 0)), "by the model"),
        (str(at.outcomes.get("repaired", 0)), "repaired"),
        (str(at.outcomes.get("template", 0)), "by template"),
        (str(at.outcomes.get("withheld", 0)), "withheld"),
        (str(at.outcomes.get("superseded", 0)), "superseded"),
        (str(at.dead_letters), "dead-lettered"),
        (f"{at.tokens_per_second:.0f}", "tokens/s"),
        (f"{seconds:.0f}", "s"),
    ]
    for left, right in zip(cells[::2], cells[1::2], strict=True):
        table.add_row(*left, *right)
    return table


def _worth(shown: Shown) -> tuple[int, int, str]:
    """Order texts: the model's own ones first, those with the most evidence first among them."""
    if not isinstance(shown.record, Copy):
        return len(_ORIGINS), 0, shown.key
    provenance = shown.record.provenance
    return _ORIGINS.index(provenance.origin), -sum(len(each.claims) for each in provenance.evidence), shown.key


def _task_table(accounts: Sequence[TaskAccount]) -> Table:
    """Give a row for each task: what became of its requests, how many outcomes they have, and their tokens."""
    found = {name: [count(task) for task in accounts] for name, count in _OUTCOMES.items()}
    shown = {name: counts for name, counts in found.items() if any(counts)}
    table = Table(Column(no_wrap=True), box=SIMPLE_HEAD, padding=(0, 1, 0, 0), collapse_padding=True, show_footer=True)
    for name, counts in shown.items():
        table.add_column(name, _shown(sum(counts)), justify="right")
    ended, asked = (sum(counts) for counts in zip(*((task.ended, task.requests) for task in accounts), strict=True))
    table.add_column("of all\nasked", f"{ended}/{asked}", justify="right", style="bold", min_width=8)
    table.add_column("\ntokens", _shown(sum(task.output_tokens for task in accounts)), justify="right")
    for number, task in enumerate(accounts):
        cells = (_shown(counts[number]) for counts in shown.values())
        table.add_row(task.task, *cells, f"{task.ended}/{task.requests}", _shown(task.output_tokens))
    return table


_OUTCOMES: Final[dict[str, Callable[[TaskAccount], int]]] = {
    "\nown": lambda task: task.model,
    "re-\npaired": lambda task: task.repaired,
    "tem-\nplate": lambda task: task.template,
    "with-\nheld": lambda task: task.withheld,
    "with-\ndrawn": lambda task: task.withdrawn,
    "super-\nseded": lambda task: task.superseded,
    "dupli-\ncate": lambda task: task.duplicate,
    "dead-\nletter": lambda task: task.dead_lettered,
}
"""The columns: a head in two lines, and what it counts; a column of zeros is left out."""


def _shown(count: int) -> str:
    return str(count) if count else "·"


def _print_reasons(console: Console, what: str, by_task: Mapping[str, Mapping[str, int] | None]) -> None:
    for task, reasons in by_task.items():
        if reasons:
            told = ", ".join(f"{rule} {count}" for rule, count in reasons.items())
            console.print(f"{task} {what}: {told}", highlight=False)


def _print_ends(console: Console, ends: Sequence[ProductEnd]) -> None:
    told = [end for end in ends if end.kind not in ("published", "unchanged")]
    for end in told[:_LISTED]:
        console.print(safe_text(f"product {end.product_id}: {end.kind} {', '.join(end.reasons)}".rstrip()))
    if len(told) > _LISTED:
        console.print(f"... and {len(told) - _LISTED} more products that are not published", highlight=False)


def _sums(accounts: Accounts, summary: Summary) -> list[Text]:
    kinds = [(kind, count) for kind, count in summary.products.items() if kind != "products" and count]
    products = " + ".join(f"{count} {kind.replace('_', '-')}" for kind, count in kinds) or "nothing"
    ended = sum(task.ended for task in accounts.tasks)
    mark = Text("it adds up", style="bold green") if summary.adds_up else Text("it does not add up", style="bold red")
    share = _share(summary)
    pace = f"{summary.output_tokens} tokens at {summary.output_tokens_per_second}/s, {summary.seconds} s in all"
    return [
        Text(f"{len(accounts.products)} products = {products}"),
        Text(f"{accounts.requests} requests = {ended} outcomes, {accounts.events} events").append(": ").append(mark),
        Text("; ".join(part for part in (share, pace) if part)),
    ]


def _share(summary: Summary) -> str:
    if summary.own_share is None:
        return ""
    task = summary.tasks[tasks.PRODUCT_DESCRIPTION.name]
    return f"{summary.own_share:.0%} of descriptions are the model's own ({task.repaired} of {task.model} repaired)"
