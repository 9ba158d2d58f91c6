"""`shelftalk model`: the folder of a model, made or fetched first where it is not there yet."""

from __future__ import annotations

from typing import Annotated

import typer

from workers.model import DEFAULT_MODEL, prepare_model


def model(
    name: Annotated[str, typer.Argument(help="The default model, a folder, or OWNER/MODEL@COMMIT.")] = DEFAULT_MODEL,
) -> None:
    """Print where a model's files are, for what takes a folder.

    Example: `python -m training.tune --model "$(shelftalk model)" --data my-set --out my-run`.
    """
    typer.echo(prepare_model(name))
