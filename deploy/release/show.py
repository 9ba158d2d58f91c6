"""Releases for eyes and for other programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from deploy.show import safe_text
from schemas.releases import EVERY_TASK, Gate, ModelRelease, ModelRevision

_FOLLOWS = {
    "propose": "workers do nothing yet: `shelftalk release shadow` or `canary` comes next",
    "shadow": "workers load it and generate with it when they have nothing else to do; nothing of it is published",
    "canary": "workers load it and publish what it writes for {percent} % of the subjects, always the same ones",
    "live": "workers publish what it writes for every subject; requests under way end with the model they began with",
    "rollback": "workers go back at once where they have the earlier model loaded, else as soon as they have",
}


def lines(release: ModelRelease) -> Iterator[Text]:
    """Give a task's release in words."""
    yield _line(
        f"{_task(release.task)}: {release.action} by {release.released_by} at {_time(release.released_unix_ms)}"
    )
    yield _line(f"  live       {_named(release.live, _beneath(release.task))}")
    if release.live is not None:
        yield _line(f"  before     {_named(release.previous, _beneath(release.task))}")
    if release.candidate is not None:
        share = f", {release.canary_percent} % of the subjects" if release.stage == "canary" else ""
        yield _line(f"  candidate  {_named(release.candidate, '')} ({release.stage}{share})")


def follows(release: ModelRelease) -> Text:
    """Say what comes of the step that was taken last, and who does it."""
    return _line(_FOLLOWS[release.action].format(percent=release.canary_percent))


def gates_table(gates: Sequence[Gate]) -> Table:
    """Give the gates for people, those that were not passed marked."""
    table = Table("task", "figure", "better", "live", "95 % interval", "candidate", "95 % interval", "passed")
    for gate in gates:
        table.add_row(
            gate.task,
            gate.figure,
            gate.better,
            f"{gate.live:.2f}",
            f"{gate.live_low:.2f} to {gate.live_high:.2f}",
            f"{gate.candidate:.2f}",
            f"{gate.candidate_low:.2f} to {gate.candidate_high:.2f}",
            "yes" if gate.is_passed else "NO",
            style="" if gate.is_passed else "red",
        )
    return table


def _task(task: str) -> str:
    return "* (every task without a release of its own)" if task == EVERY_TASK else task


def _beneath(task: str) -> str:
    settings = "the model that each worker's settings name"
    return settings if task == EVERY_TASK else f"what is released for *, else {settings}"


def _named(revision: ModelRevision | None, nothing: str) -> str:
    return f"{revision.name} {revision.revision}" if revision else nothing


def _time(unix_ms: int) -> str:
    return datetime.fromtimestamp(unix_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _line(text: str) -> Text:
    return safe_text(" ".join(text.split("\n")))
