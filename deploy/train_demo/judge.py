"""`python -m deploy.train_demo.judge`: what a model makes of the held-out products, in a process that then is gone.

The engine's memory is free again when the next step begins.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.progress import Progress

from deploy.evaluation.examples import Example
from deploy.evaluation.report import report
from deploy.evaluation.run import Answer, answers, engine_of
from deploy.train_demo.lessons import held_out
from training.release import Evaluation
from workers.engines.engine import Engine


class Text(BaseModel):
    """Who wrote one held-out text: `model`, `repaired`, `template`, or why there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    subject: str
    origin: str


class Judged(BaseModel):
    """What came of one model: the evaluation of each task, and each text by who wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    evaluations: tuple[Evaluation, ...]
    texts: tuple[Text, ...]


def judged(examples: Sequence[Example], engine: Engine, model: str) -> Judged:
    """Put the examples to an engine, all tasks at once, and score each task."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("texts", total=len(examples))
        found = asyncio.run(answers(examples, engine, on_done=lambda: progress.advance(bar)))
    by_task: dict[str, list[Answer]] = defaultdict(list)
    for one in found:
        by_task[one.example.request.task].append(one)
    reports = (report(task, model, some, revision=engine.model.revision) for task, some in by_task.items())
    texts = (
        Text(task=one.example.request.task, subject=one.example.request.subject, origin=one.origin) for one in found
    )
    return Judged(
        evaluations=tuple(Evaluation.model_validate_json(one.json()) for one in reports),
        texts=tuple(texts),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge a model by a shop's held-out products, and write what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shop", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args(arguments)
    found = judged(held_out(asked.shop), engine_of(asked.model), asked.model)
    asked.out.write_text(found.model_dump_json(indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
