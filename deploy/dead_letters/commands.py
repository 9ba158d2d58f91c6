"""`shelftalk dead-letters`: what could not be processed, and the way back."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from heapq import nlargest
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.dead_letters import show as show_
from deploy.dead_letters.content import content_of, record_of, repaired
from deploy.dead_letters.judge import Judged, Verdict, judge_all
from deploy.dead_letters.known import known_of, marks_of
from deploy.dead_letters.letter import (
    Letter,
    LetterId,
    Listed,
    Selection,
    Unreadable,
    duration_ms,
    letter_id,
    listed,
    oldest,
)
from deploy.dead_letters.read import letters, letters_named
from deploy.dead_letters.redrive import Redriver
from deploy.reader import World, open_world
from schemas.codec import ErrorClass

_BATCH_BYTES = 256 * 1024 * 1024
_PIPED_WIDTH = 200

app = typer.Typer(
    name="dead-letters",
    no_args_is_help=True,
    help="What could not be processed, and the way back. Contents are shown only by `show`.",
)

Class = Annotated[ErrorClass | None, typer.Option("--class", metavar="CLASS", help="Only this error class.")]
FromTopic = Annotated[str | None, typer.Option("--topic", help="Only what came from this topic.")]
Since = Annotated[str | None, typer.Option(help="Only what failed within this time: 30m, 2h, 3d.")]
Key = Annotated[str | None, typer.Option(help="Only messages with this key.")]


@app.command("list")
def list_(
    *,
    class_: Class = None,
    topic: FromTopic = None,
    since: Since = None,
    key: Key = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object per line, without the summary.")] = False,
) -> None:
    """List dead letters, the newest last, and count them by class and topic.

    Examples: `shelftalk dead-letters list --since 2h`; `shelftalk dead-letters list --class truncated --json`.
    """
    selection = _selection((), class_, topic, since, key)
    unreadable: list[Unreadable] = []
    counts: Counter[tuple[str, str]] = Counter()

    def counted() -> Iterator[Listed]:
        for each in letters(world.source, world.codec, selection):
            if isinstance(each, Unreadable):
                unreadable.append(each)
                continue
            counts[each.record.error_class, each.record.topic] += 1
            yield listed(each)

    with _world() as world:
        newest = nlargest(limit, counted(), key=lambda each: (each.failed_unix_ms, each.id))[::-1]
    if json_:
        sys.stdout.writelines(f"{show_.json_line(each)}\n" for each in newest)
    else:
        _print_list(newest, counts)
    for each in unreadable:
        _errors().print(f"{each.id} is no dead letter: {each.error}")


@app.command()
def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="PARTITION/OFFSET, as `list` shows it.")],
    *,
    raw: Annotated[Path | None, typer.Option(help="Write the original bytes to this file instead.")] = None,
) -> None:
    """Show one dead letter whole, its value decoded where it now can be.

    The value may be personal: it goes to this terminal or the file, nowhere else.
    Example: `shelftalk dead-letters show 2/17 --raw bad.bin`.
    """
    (name,) = _ids([id_])
    with _world() as world:
        (letter,) = letters_named(world.source, world.codec, [name])
        content, readable = content_of(letter.record, world.codec), record_of(letter.record, world.codec)
    if raw is None:
        _console().print(show_.details(letter, content, readable), soft_wrap=True)
        return
    if letter.record.value is None:
        raise typer.BadParameter(f"{name} has no value: there is nothing to write", param_hint="--raw")
    raw.write_bytes(letter.record.value)
    _console().print(f"{len(letter.record.value)} bytes written to {raw}")


@app.command()
def redrive(  # noqa: PLR0913  each flag of the command is a parameter
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Letters; all selected if none.")] = None,
    *,
    class_: Class = None,
    topic: FromTopic = None,
    since: Since = None,
    key: Key = None,
    limit: Annotated[int, typer.Option(min=1, help="Look at most at so many, the oldest first.")] = 10_000,
    value: Annotated[Path | None, typer.Option(help="A repaired value for the one ID: JSON or bytes.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Also what is still bad, where that does no harm.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would happen.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Put dead letters back to their topics, unless they are still bad, put back already, or overtaken by newer ones.

    Shows what would happen to each, then asks, and looks again after the answer; without a terminal and without --yes
    it stops there. All of a run go back in one transaction. Running it again puts nothing back twice.
    Examples: `shelftalk dead-letters redrive --class unknown-schema-id --dry-run`;
    `shelftalk dead-letters redrive 2/17 --value repaired.json`.
    """
    named = _ids(ids or [])
    if value and len(named) != 1:
        raise typer.BadParameter("give the one ID that the value is for", param_hint="--value")
    selection = _selection(named, class_, topic, since, key)
    is_rehearsal = dry_run or not (yes or sys.stdin.isatty())
    judging = _Judging(force=force, with_killers=bool(named) or class_ is ErrorClass.KILLS_ENGINE)
    with _world() as world:
        redriver = None if is_rehearsal else Redriver(world.endpoints)
        chosen, left = _chosen(world, selection, limit)
        if value:
            chosen = tuple(repaired(each, value, world.codec) for each in chosen)
        judged = _judged(world, chosen, judging)
    _print_plan(judged, left=left, is_rehearsal=is_rehearsal, is_asked_for=dry_run)
    if redriver:
        judged = judged if yes else _confirmed(judged, judging)
        _put_back(redriver, _going(judged))
    if any(_is_refused(each) for each in judged if named):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Judging:
    """What the operator allows to go back beyond what does so by itself."""

    force: bool
    with_killers: bool


@contextmanager
def _world() -> Iterator[World]:
    """Give broker and registry, showing on a terminal what is read."""
    counts: Counter[str] = Counter()
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=_errors(), transient=True) as progress:
        task = progress.add_task("connecting", total=None)

        def show_read(topic: str) -> None:
            counts[topic] += 1
            if counts[topic] % 500 == 1:
                progress.update(task, description=f"{topic}: {counts[topic]} messages read")

        with open_world(show_read) as found:
            yield found


def _chosen(world: World, selection: Selection, limit: int) -> tuple[tuple[Letter, ...], int]:
    """Give the letters to judge, and how many more were meant: sizes are looked at first, since values may be large."""
    if selection.ids:
        found = letters_named(world.source, world.codec, sorted(selection.ids))
        return tuple(each for each in found if selection.holds(each)), 0
    meant = [listed(each) for each in letters(world.source, world.codec, selection) if isinstance(each, Letter)]
    if len(meant) > limit:
        # Else every run would look at the same ones.
        marks = marks_of(meant, world.source)
        meant = [each for each in meant if each.id.mark not in marks]
    names = oldest(meant, count=limit, value_bytes=_BATCH_BYTES)
    return letters_named(world.source, world.codec, names), len(meant) - len(names)


def _put_back(redriver: Redriver, going: tuple[Letter, ...]) -> None:
    if going:
        redriver.put_back(going)
        _console().print(f"{len(going)} put back")


def _confirmed(judged: tuple[Judged, ...], judging: _Judging) -> tuple[Judged, ...]:
    """Ask if anything is to go back, and judge that again after the yes: the question may stand for long."""
    going = _going(judged)
    if not going:
        return judged
    if not typer.confirm(f"Put {len(going)} back?"):
        _console().print("nothing was put back")
        return tuple(replace(each, goes_back=False) for each in judged)
    with _world() as world:
        again = {each.letter.id: each for each in _judged(world, going, judging)}
    overtaken = [each for each in again.values() if not each.goes_back]
    if overtaken:
        _console().print("overtaken while the question stood:", *show_.plan(overtaken), sep="\n", soft_wrap=True)
    return tuple(again.get(each.letter.id, each) for each in judged)


def _going(judged: tuple[Judged, ...]) -> tuple[Letter, ...]:
    return tuple(each.letter for each in judged if each.goes_back)


def _judged(world: World, chosen: tuple[Letter, ...], judging: _Judging) -> tuple[Judged, ...]:
    found = [(letter, content_of(letter.record, world.codec)) for letter in chosen]
    known = known_of(found, world.source, world.codec)
    now_unix_ms = time.time_ns() // 1_000_000
    return judge_all(found, known, now_unix_ms=now_unix_ms, force=judging.force, with_killers=judging.with_killers)


def _selection(
    ids: tuple[LetterId, ...], class_: ErrorClass | None, topic: str | None, since: str | None, key: str | None
) -> Selection:
    try:
        since_unix_ms = time.time_ns() // 1_000_000 - duration_ms(since) if since else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from error
    return Selection(frozenset(ids), class_.value if class_ else None, topic, key, since_unix_ms)


def _ids(texts: list[str]) -> tuple[LetterId, ...]:
    try:
        return tuple(dict.fromkeys(letter_id(text) for text in texts))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="ID") from error


def _is_refused(each: Judged) -> bool:
    """Tell whether a letter that was named does not go back, and is not back either."""
    return not each.goes_back and each.judgement.verdict is not Verdict.ALREADY_REDRIVEN


def _print_list(newest: list[Listed], counts: Counter[tuple[str, str]]) -> None:
    console = _console()
    for each in newest:
        console.print(show_.line(each), soft_wrap=True)
    if not counts:
        console.print("no dead letters")
        return
    if counts.total() > len(newest):
        console.print(f"the newest {len(newest)} of {counts.total()}: --limit shows more")
    console.print()
    console.print(show_.summary(counts))


def _print_plan(judged: tuple[Judged, ...], *, left: int, is_rehearsal: bool, is_asked_for: bool) -> None:
    console = _console()
    if not judged:
        console.print("no dead letters are meant")
        return
    console.print(*show_.plan(judged), sep="\n", soft_wrap=True)
    counts = Counter("put back" if each.goes_back else str(each.judgement.verdict) for each in judged)
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    console.print(
        f"\n{told}" + (f"; {left} more were not looked at: --limit, or --class, --topic, --since" if left else "")
    )
    if is_rehearsal and counts["put back"]:
        console.print("nothing was put back" + ("" if is_asked_for else ": say --yes to do it"))


def _console() -> Console:
    """Give standard output; what is piped is not wrapped at 80 columns."""
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)


def _errors() -> Console:
    return Console(stderr=True, highlight=False, markup=False)
