"""`shelftalk train-demo`: the demo's model learns from the demo shop, and writes in the next demo if it is better."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.demo.tuned import demo_model, go_back
from deploy.settings import Settings
from deploy.shop_files import DEMO_SHOP
from workers.model import DEFAULT_MODEL, prepare_model


def train_demo(
    *,
    shop: Annotated[Path, typer.Option(help="A folder with products.jsonl and reviews.jsonl.")] = DEMO_SHOP,
    published: Annotated[Path, typer.Option(help="What an earlier demo wrote, if there is one.")] = Path("out/demo"),
    out: Annotated[Path, typer.Option(help="The set, the run and the figures; emptied.")] = Path("out/train-demo"),
    minutes: Annotated[float, typer.Option(min=1, help="About so long it may take on two processor cores.")] = 10.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only make the set, and say what would be done.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Let the next demo write with the default model again.")] = False,
) -> None:
    """Fine-tune the demo's model on the demo shop, and let the next demo write with it if it is better.

    A third of the products is held out: nothing about them is learned, and the texts about them are judged before and
    after. A model that is worse on any gate, or passes the guard no more often, is not released.
    Examples: `shelftalk train-demo --dry-run` says what it would cost; `shelftalk train-demo --undo` goes back.
    """
    # Only this command needs what trains; it is in the extra `training`.
    from deploy.train_demo.improve import Plan, Processes, improve, improvement_table, prepare, release, set_lines  # noqa: PLC0415

    console = Console(highlight=False, markup=False, soft_wrap=True)
    models = Settings().home_folder / "models"
    if undo:
        console.print("the next demo writes with the default model" if go_back(models) else "there is nothing to undo")
        return
    base = prepare_model(DEFAULT_MODEL, models)
    now = demo_model(models)
    plan = Plan(shop, published, base, base if now == DEFAULT_MODEL else Path(now), out, minutes)
    _empty(out)
    prepared = prepare(plan)
    console.print(*set_lines(plan, prepared), sep="\n")
    if dry_run:
        console.print("nothing was trained: leave out --dry-run to do it")
        return
    tuned, found = improve(plan, prepared, Processes(), console)
    console.print(improvement_table(found))
    revision = release(tuned, found, models)
    console.print(
        f"the next demo writes with {revision.name} {revision.revision}: `shelftalk train-demo --undo` goes back"
    )


def _empty(out: Path) -> None:
    """Remove what an earlier training left, and nothing else."""
    for name in ("set", "run"):
        shutil.rmtree(out / name, ignore_errors=True)
    for name in ("before.json", "after.json"):
        (out / name).unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)
