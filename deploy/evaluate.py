"""`shelftalk evaluate`: how good a model's texts are for a task, on a file or folder of examples."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from workers.model import DEFAULT_MODEL

_TIMED = 50
"""So many examples are timed: each is asked one at a time, of both models."""


def evaluate(  # noqa: PLR0913  each flag of the command is a parameter
    task: Annotated[str, typer.Argument(help="product-description, ad-copy, social-post, review-summary, ...")],
    *,
    data: Annotated[Path, typer.Option(help="A file of examples, or a folder with such files or a shop's.")],
    model: Annotated[
        str, typer.Option(help="The default model, a folder, OWNER/MODEL@COMMIT, or `none`: the template alone.")
    ] = DEFAULT_MODEL,
    locale: Annotated[str, typer.Option(help="The language of the texts.")] = "en",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first examples.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
    beside: Annotated[
        str | None, typer.Option(help="What is live: latencies of both, in turn, on the first examples.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Gets each text with its references, one a line.")] = None,
) -> None:
    """Score a model's texts for a task: people's texts, claims, variety, readability.

    The texts go through the worker's own ladder: model, guard, repair, template. Examples:
    `shelftalk evaluate review-summary --data fewsum/val.csv --model none` scores the template;
    `shelftalk evaluate product-description --data my-shop --limit 50 --out texts.jsonl` keeps the texts to be read.
    docs/evaluate.md explains each figure and each format.
    """
    # Only this command needs what scores texts; it is in the extra `training`.
    from deploy.evaluation.examples import Asked, read, task_named  # noqa: PLC0415
    from deploy.evaluation.latency import timed  # noqa: PLC0415
    from deploy.evaluation.report import report  # noqa: PLC0415
    from deploy.evaluation.run import answers, engine_of, lines  # noqa: PLC0415

    examples = read(data, Asked(task_named(task), locale), limit=limit)
    engine = engine_of(model)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("texts", total=len(examples))
        found = asyncio.run(answers(examples, engine, on_done=lambda: progress.advance(bar)))
    if out:
        out.write_text(lines(found), encoding="utf-8")
    some = examples[:_TIMED]
    latencies = asyncio.run(timed(some, engine_of(model), engine_of(beside))) if beside else None
    scores = report(task, model, found, revision=engine.model.revision, latencies=latencies)
    console = Console()
    console.print_json(scores.json()) if json_ else console.print(scores.table())
