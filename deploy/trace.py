"""`shelftalk trace`: what happened to one event and all that came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.settings import Settings
from deploy.trace_tree import as_json, find_traces, grown, lines, read_spans


class NoTrace(Exception):
    """No file has a trace of that name; the message says what to do next."""


def trace(
    name: Annotated[str, typer.Argument(help="A request's id, a subject, a message's place or a trace's id.")],
    *,
    file: Annotated[list[Path] | None, typer.Option(help="Read only this; may be repeated.")] = None,
    as_json_: Annotated[bool, typer.Option("--json", help="One JSON value for other programs.")] = False,
) -> None:
    """Show the newest trace of a request, a product or a question.

    Traces are written where SHELFTALK_TRACE_RATIO is set, below SHELFTALK_HOME: docs/observability.md.
    Example: `shelftalk trace P17` from `shelftalk feed my-shop --trace` to the published copy.
    """
    files = file or sorted(Settings().home_folder.rglob("traces/*.jsonl"))
    found = find_traces(read_spans(files), name)
    if not found:
        raise NoTrace(
            f"no trace of {name} in {len(files)} files: see that SHELFTALK_TRACE_RATIO is set where it was made"
        )
    nodes = grown(found[-1])
    if as_json_:
        print(json.dumps(as_json(nodes), indent=2))
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"trace {found[-1][0].span.context.trace_id}, {len(found) - 1} older ones of that name")
    console.print("    began       took   what")
    for line in lines(nodes):
        console.print(line)
