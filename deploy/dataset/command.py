"""`shelftalk dataset`: a set of training examples out of files, or out of what a shop's topics hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from deploy.endpoints import find_endpoints
from deploy.reader import open_world
from deploy.settings import Settings
from schemas import topics
from schemas.record import Record
from schemas.tasks import TaskContract
from training.card import PAGE
from training.examples import digest


def dataset(  # noqa: PLR0913  each flag of the command is a parameter
    task: Annotated[
        str, typer.Argument(help="product-description, ad-copy, social-post, support-reply or review-summary")
    ],
    *,
    out: Annotated[Path, typer.Option(help="A folder for train.jsonl, dev.jsonl and the data card.")],
    data: Annotated[
        list[Path] | None, typer.Option(help="A file or folder of examples (docs/evaluate.md); may be repeated.")
    ] = None,
    from_topics: Annotated[bool, typer.Option(help="Also what the topics hold: copy, feedback, withheld.")] = False,
    evaluation: Annotated[
        list[Path] | None, typer.Option(help="What must not be learned: files to be judged by.")
    ] = None,
    drop_overlap: Annotated[bool, typer.Option(help="Leave out what an evaluation file knows.")] = False,
    augment: Annotated[int, typer.Option(min=0, help="Make up to so many more out of each example.")] = 0,
    nearest: Annotated[
        bool, typer.Option(help="Where the guard refuses a person's answer, take the nearest part of the evidence.")
    ] = False,
    negatives: Annotated[bool, typer.Option(help="Add lies, marked as not wanted, for preference tuning.")] = False,
    teacher: Annotated[
        str | None, typer.Option(help="A model that writes the answers to the files' prompts, instead of people.")
    ] = None,
    dev_share: Annotated[
        float, typer.Option(min=0, max=0.5, help="The share of prompts that is kept to look at.")
    ] = 0.1,
    locale: Annotated[str, typer.Option(help="The language of the texts.")] = "en",
    seed: Annotated[int, typer.Option(help="Chooses what is made out of what.")] = 1,
) -> None:
    """Make a set of training examples: the worker's own prompts with texts that its guard would publish.

    Texts that the guard refuses, personal data, hidden characters, orders to machines and near-duplicates are left out
    and counted; what an evaluation file knows is refused, or left out with --drop-overlap. docs/training.md explains
    the formats: `shelftalk dataset support-reply --data answers_train.tsv --evaluation answers_dev.tsv --out my-set`.
    """
    # Only this command needs the whole of both worlds.
    from deploy.dataset.build import Splitting, build  # noqa: PLC0415
    from deploy.dataset.files import Making, from_files, known_prompts  # noqa: PLC0415
    from deploy.dataset.taught import from_teacher  # noqa: PLC0415
    from deploy.dataset.topics import from_records  # noqa: PLC0415
    from deploy.evaluation.examples import Asked, task_named  # noqa: PLC0415
    from deploy.evaluation.run import engine_of  # noqa: PLC0415
    from training.card import Card  # noqa: PLC0415

    files, asked = data or [], Asked(task_named(task), locale)
    making = Making(augment, nearest, negatives, seed)
    chosen = {"augment": augment, "nearest": nearest, "negatives": negatives, "dev_share": dev_share, "seed": seed}
    made = chosen | ({"teacher": teacher} if teacher else {})
    made_from = _hashes(files) | ({"topics": find_endpoints(Settings()).bootstrap} if from_topics else {})
    card = Card(task, made_from, {"locale": locale, **made}, {}, held_against=_hashes(evaluation or []))
    kept = from_records(_records(asked.task), task) if from_topics else iter(())
    told = from_teacher(files, asked, engine_of(teacher)) if teacher else from_files(files, asked, making)
    found = track(chain(told, kept), "examples", console=Console(stderr=True))
    whole = build(found, known_prompts(evaluation or [], asked), card, out, Splitting(dev_share, drop_overlap))
    Console().print((out / PAGE).read_text(encoding="utf-8"), markup=False)
    if whole.overlapping:
        Console(stderr=True).print(f"{whole.overlapping} examples that an evaluation file knows were left out")


def _hashes(paths: list[Path]) -> dict[str, str]:
    files = (one for path in paths for one in (sorted(path.iterdir()) if path.is_dir() else [path]))
    return {path.name: digest(path)[:16] for path in files if path.is_file()}


def _records(task: TaskContract) -> Iterator[Record]:
    """Give what the topics hold of a task, the requests first. Raises CannotRead and RegistryUnavailable."""
    with open_world() as world:
        for topic in (*topics.REQUESTS, task.output, topics.CONTENT_WITHHELD, topics.CONTENT_FEEDBACK):
            for message in world.source.read(world.source.beginnings(topic.name)):
                if isinstance(record := world.codec.decode(topic, message.value() or b""), Record):
                    yield record
