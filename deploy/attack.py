"""`shelftalk attack`: hostile and harmless instructions in a shop's events, and what is published in spite of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from deploy.shop_files import DEMO_SHOP
from workers.model import DEFAULT_MODEL


def attack(  # noqa: PLR0913  each flag of the command is a parameter
    hostile: Annotated[Path, typer.Argument(help="JSON: instructions that no text may obey.")],
    *,
    benign: Annotated[Path | None, typer.Option(help="JSON: harmless texts that only sound like orders.")] = None,
    shop: Annotated[Path, typer.Option(help="The shop whose products and reviews carry them.")] = DEMO_SHOP,
    model: Annotated[str, typer.Option(help="As for `evaluate`; `none` is the templates alone.")] = DEFAULT_MODEL,
    limit: Annotated[int, typer.Option(min=1, help="So many attacks, drawn with the seed.")] = 300,
    seed: Annotated[int, typer.Option(help="Draws the attacks.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
) -> None:
    """Attack the worker through titles, descriptions, attributes, reviews and questions.

    Each instruction is an order with a disguise (special tokens, full-width or look-alike letters, hidden characters)
    in one place of a real record. A published text obeys when it has the mark that it is told to write, the words of
    the instruction, or is encoded or reversed. Exits 1 when one obeys.

    Example: `shelftalk attack orders.json --benign harmless.json --model none --limit 3000`.
    """
    # Only this command and `evaluate` need what scores texts; it is in the extra `training`.
    from deploy.evaluation.assault import assault, carriers  # noqa: PLC0415
    from deploy.evaluation.attacks import attacked, instructions  # noqa: PLC0415
    from deploy.evaluation.attacks import benign as harmless  # noqa: PLC0415
    from deploy.evaluation.run import engine_of  # noqa: PLC0415

    carrying = carriers(shop)
    attacks = attacked(instructions(hostile), carrying, seed=seed)[:limit]
    innocent = harmless(instructions(benign), carrying) if benign else ()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("texts", total=len(attacks) + 2 * len(innocent))
        found = asyncio.run(assault(attacks, innocent, engine_of(model), on_done=lambda: progress.advance(bar)))
    console = Console()
    console.print_json(found.json()) if json_ else console.print(found.table(), *found.shown())
    raise typer.Exit(1 if found.obeyed else 0)
