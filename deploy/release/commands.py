"""`shelftalk release`: which model writes, from a proposal over shadow and canary to live, and back."""

from __future__ import annotations

import getpass
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.reader import open_world
from deploy.release import show as show_
from deploy.release.evaluations import gates_of, is_adapter, require_meant
from deploy.release.state import ReleaseWriter, Releasing, releases_of, releasing
from deploy.release.store import keep, revision_of
from deploy.settings import Settings
from schemas.releases import ModelRelease
from training import release as steps
from training.release import Decision, GatesNotPassed

_PIPED_WIDTH = 200

app = typer.Typer(
    name="release",
    no_args_is_help=True,
    help="Which model writes the texts of a task: proposed, shadow, canary, live, and back.",
)

Task = Annotated[str, typer.Argument(help="product-description, support-reply, ..., or '*' for all tasks.")]
By = Annotated[str | None, typer.Option(help="Who decides; your user name if not said.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it; without this it is only said what would be done.")]


@app.command()
def propose(
    task: Task,
    folder: Annotated[Path, typer.Argument(help="The model: a folder with safetensors, or an adapter's.")],
    *,
    evaluation: Annotated[list[Path], typer.Option(help="The candidate's `shelftalk evaluate --json`; repeatable.")],
    against: Annotated[list[Path], typer.Option(help="The same of what is live, in the same order.")],
    name: Annotated[str | None, typer.Option(help="What people call it; the folder's name if not said.")] = None,
    by: By = None,
) -> None:
    """Make a model the candidate of a task: copy it to where workers look, and serve nothing of it yet.

    A candidate that is worse than what is live on any gate, beyond the interval, is refused with the table.
    Example: `shelftalk release propose support-reply out/tuned --evaluation tuned.json --against live.json`.
    """
    candidate, gates = revision_of(folder, name), gates_of(evaluation, against)
    _console().print(show_.gates_table(gates))
    if not all(gate.is_passed for gate in gates):
        raise GatesNotPassed(gates)
    if not is_adapter(folder):
        require_meant(evaluation, candidate, f"is what {folder} holds")
    with _releasing(task) as where:
        if where.live is not None:
            require_meant(against, where.live, "is live")
        following = steps.propose(where.current, candidate, gates, _decision(by))
        kept = keep(folder, candidate, Settings().home_folder / "models")
        where.writer.write(following)
    _tell(following)
    _console().print(f"it is kept in {kept}: bring that folder to every machine that runs workers")


@app.command()
def shadow(task: Task, *, by: By = None, yes: Yes = False) -> None:
    """Let the candidate generate beside what is live: numbers come of it, and no text.

    Example: `shelftalk release shadow support-reply --yes`.
    """
    _step(task, steps.shadow, by=by, yes=yes)


@app.command()
def canary(
    task: Task,
    *,
    share: Annotated[int, typer.Option(min=1, max=99, help="Percent of the subjects (products, shoppers, questions).")],
    by: By = None,
    yes: Yes = False,
) -> None:
    """Let the candidate write for a share of the subjects, always the same ones; also to change the share.

    Example: `shelftalk release canary support-reply --share 10 --yes`.
    """
    _step(task, lambda current, decision: steps.canary(current, share, decision), by=by, yes=yes)


@app.command()
def live(task: Task, *, by: By = None, yes: Yes = False) -> None:
    """Let the canary write for everything; what was live before is kept as the way back.

    Example: `shelftalk release live support-reply --yes`.
    """
    _step(task, steps.live, by=by, yes=yes)


@app.command()
def rollback(task: Task, *, by: By = None, yes: Yes = False) -> None:
    """Go back one step: drop the candidate if there is one, else serve what was live before.

    Example: `shelftalk release rollback support-reply --yes`.
    """
    _step(task, steps.roll_back, by=by, yes=yes)


@app.command()
def show(
    task: Annotated[str | None, typer.Argument(help="Only this task's, with its gates.")] = None,
    *,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Show what is live, what was before, and what is on its way.

    Example: `shelftalk release show support-reply`.
    """
    with open_world() as world:
        found = releases_of(world.source, world.codec)
    if task is not None:
        found = {task: found[task]} if task in found else {}
    if json_:
        sys.stdout.writelines(f"{json.dumps(each.model_dump(mode='json'))}\n" for each in found.values())
        return
    for _, each in sorted(found.items()):
        _console().print(*show_.lines(each), sep="\n", soft_wrap=True)
        if task is not None and each.gates:
            _console().print(show_.gates_table(each.gates))
    if not found:
        _console().print("nothing is released: what serves is the model that each worker's settings name")


def _step(task: str, step: Callable[[ModelRelease, Decision], ModelRelease], *, by: str | None, yes: bool) -> None:
    with _releasing(task) as where:
        following = step(where.current, _decision(by))
        _tell(following)
        if not (yes or (sys.stdin.isatty() and typer.confirm("Do it?"))):
            _console().print("that is what would be; nothing was written: say --yes to do it")
            return
        where.writer.write(following)
    _console().print("done")


def _tell(following: ModelRelease) -> None:
    _console().print(*show_.lines(following), show_.follows(following), sep="\n", soft_wrap=True)


@contextmanager
def _releasing(task: str) -> Iterator[Releasing]:
    """Give what is decided on, with the right to write it: taken before anything is read."""
    with open_world() as world:
        writer = ReleaseWriter(world.endpoints, world.codec)
        yield releasing(releases_of(world.source, world.codec), task, writer)


def _decision(by: str | None) -> Decision:
    return Decision(by or getpass.getuser(), time.time_ns() // 1_000_000)


def _console() -> Console:
    """Give standard output; what is piped is not wrapped at 80 columns."""
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)
