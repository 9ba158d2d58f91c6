"""`shelftalk feedback`: what people make of published texts, one by one and in figures for each revision."""

from __future__ import annotations

import json
import sys
import time
import uuid
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import KafkaError, Message, Producer
from rich.console import Console

from deploy.feedback.passages import passages_of
from deploy.feedback.read import NoVerdict, feedback_of, provenances, published_text
from deploy.feedback.verdict import Given, feedback_on, said
from deploy.kafka_writer import NotWritten
from deploy.reader import World, open_world
from schemas.feedback import ContentFeedback
from schemas.topics import CONTENT_FEEDBACK

_CONFIRM_SECONDS = 30.0
_PIPED_WIDTH = 200

app = typer.Typer(
    name="feedback",
    no_args_is_help=True,
    help="What people make of published texts, and which revision they like better.",
)

Id = Annotated[str, typer.Argument(metavar="ID", help="The request_id of a published text's provenance.")]
Task = Annotated[str | None, typer.Option(help="Only texts of this task; finds one faster.")]


@app.command()
def record(
    id_: Id,
    kind: Annotated[str, typer.Argument(help="approved, edited, rejected, rated, clicked or purchased.")],
    value: Annotated[
        str | None, typer.Argument(help="rejected: why; rated: 1 to 5; edited: a JSON file of texts by place, or `-`.")
    ] = None,
    *,
    by: Annotated[str, typer.Option(help="Who judges: a role or a pseudonym, never a name.")] = "operator",
    task: Task = None,
) -> None:
    """Write down what a person makes of a published text.

    Examples: `shelftalk feedback record 3f9a... approved`; `... rejected "says nothing"`; `... rated 4 --by editor`;
    `shelftalk feedback show 3f9a... > text.json`, change it, `shelftalk feedback record 3f9a... edited text.json`.
    """
    verdict = said(kind, value, read=_read)
    with open_world() as world:
        text = published_text(world.source, world.codec, id_, task)
        told = feedback_on(text, verdict, Given(by, time.time_ns() // 1_000_000, uuid.uuid4().hex))
        _write(told, world)
    _console().print(f"{told.kind}: the {told.task} of {told.model} {told.model_revision}, origin {told.origin}")


@app.command()
def show(id_: Id, *, task: Task = None) -> None:
    """Print a published text piece by piece, as JSON that can be changed and given back as an edit.

    Example: `shelftalk feedback show 3f9a0c1b22d4 > text.json`.
    """
    with open_world() as world:
        text = published_text(world.source, world.codec, id_, task)
    texts = {one.place: one.text for one in passages_of(text.copy)}
    sys.stdout.write(f"{json.dumps(texts, ensure_ascii=False, indent=2)}\n")


@app.command()
def report(
    *,
    task: Annotated[str | None, typer.Option(help="Only this task.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Only what was said in so many days.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Compare revisions by what people made of their texts: shares, ratings and edits, each with its interval of 95 %.

    Example: `shelftalk feedback report --task support-reply --days 14`.
    """
    # Only this command needs numpy, which comes with the extra `training`.
    from deploy.feedback.show import standings_table  # noqa: PLC0415
    from training.feedback import standings  # noqa: PLC0415

    since = None if days is None else int((time.time() - timedelta(days=days).total_seconds()) * 1000)
    with open_world() as world:
        told = [
            each for each in feedback_of(world.source, world.codec, since_unix_ms=since) if task in (None, each.task)
        ]
        found = standings(told, provenances(world.source, world.codec, task))
    if json_:
        sys.stdout.writelines(f"{json.dumps(asdict(each))}\n" for each in found)
        return
    _console().print(standings_table(found))


def _read(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NoVerdict(f"{path} cannot be read: {type(error).__name__}") from error


def _write(told: ContentFeedback, world: World) -> None:
    """Put a verdict on its topic; returns when the broker has it. Raises NotWritten."""
    answers: list[KafkaError | None] = []

    def note(error: KafkaError | None, _: Message) -> None:
        answers.append(error)

    producer = Producer(world.endpoints.kafka() | {"enable.idempotence": True, "partitioner": "murmur2_random"})
    value = world.codec.encode(CONTENT_FEEDBACK, told)
    producer.produce(CONTENT_FEEDBACK.name, value, told.content_id.encode(), on_delivery=note)
    producer.flush(_CONFIRM_SECONDS)
    if answers != [None]:
        why = answers[0].str() if answers and answers[0] else f"no answer within {_CONFIRM_SECONDS:.0f} s"
        raise NotWritten(f"the verdict is not on {CONTENT_FEEDBACK.name} ({why}): run the same command again")


def _console() -> Console:
    """Give standard output; what is piped is not wrapped at 80 columns."""
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)
