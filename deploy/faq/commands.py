"""`shelftalk faq`: what shoppers ask often about a product, and what people of the shop answer to it."""

from __future__ import annotations

import getpass
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from deploy.faq import show as show_
from deploy.faq.decide import Answer, Deciding, deciding_on
from deploy.faq.judge import beside_the_record
from deploy.faq.read import asked_of, is_stale, named, product_of, replies_of
from deploy.faq.write import FaqWriter
from deploy.reader import open_world

MIN_SHOPPERS = 3
"""What fewer shoppers ask is answered each time, and proposed to nobody."""

_PIPED_WIDTH = 200

app = typer.Typer(
    name="faq",
    no_args_is_help=True,
    help="Questions that several shoppers ask about a product, and the answers that a person approved.",
)

Id = Annotated[str, typer.Argument(metavar="ID", help="A question's id, as `list` shows it.")]
Language = Annotated[str | None, typer.Option("--locale", help="The answer's language, if there are several.")]
Numbers = Annotated[
    list[int] | None, typer.Option("--wording", min=1, help="Only this wording, by its number in `show`; repeatable.")
]
By = Annotated[str | None, typer.Option(help="Who decides; your user name if not said.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command("list")
def list_(
    *,
    product: Annotated[str | None, typer.Option(help="Only about this product.")] = None,
    min_shoppers: Annotated[int, typer.Option(min=1, help="Asked by so many different shoppers.")] = MIN_SHOPPERS,
    all_: Annotated[bool, typer.Option("--all", help="Also what was decided on.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """List the questions that several shoppers asked and nobody has decided on yet, those of most shoppers first.

    Example: `shelftalk faq list --product KETTLE-1 --all`.
    """
    with open_world() as world:
        found = [
            each
            for each in asked_of(world.source, world.codec, product)
            if (each.is_new and each.question.shoppers >= min_shoppers) or (all_ and not each.is_new)
        ]
    if json_:
        sys.stdout.writelines(f"{json.dumps(show_.fields(each), ensure_ascii=False)}\n" for each in found)
        return
    _console().print(*map(show_.line, found), sep="\n", soft_wrap=True)
    if not found:
        _console().print(f"nothing that {min_shoppers} different shoppers asked waits for an answer")


@app.command()
def show(id_: Id) -> None:
    """Show a question: its wordings by number, what was published to who asked last, and what was decided.

    Example: `shelftalk faq show 3f9a0c1b22d4`.
    """
    with open_world() as world:
        asked = named(asked_of(world.source, world.codec), id_)
        replies = replies_of(world.source, world.codec, asked.question.newest_id)
        product = product_of(world.source, world.codec, asked.product_id)
    stale = frozenset(each.locale for each in asked.entries if is_stale(each, product))
    _console().print(*show_.details(asked, replies, product, stale=stale), sep="\n", soft_wrap=True)


@app.command()
def approve(id_: Id, *, locale: Language = None, wording: Numbers = None, by: By = None, yes: Yes = False) -> None:
    """Approve the answer that stands: the one approved earlier, else what was published to who asked last.

    The guard judges it first, and what the record does not bear out is named: you alone answer for that.
    Example: `shelftalk faq approve 3f9a0c1b22d4`.
    """
    with _deciding(id_) as deciding:
        _approve(deciding, deciding.standing(locale), wording, by=by, yes=yes)


@app.command()
def edit(
    id_: Id,
    text: Annotated[str, typer.Argument(metavar="ANSWER", help="The answer, in your own words.")],
    *,
    locale: Language = None,
    wording: Numbers = None,
    by: By = None,
    yes: Yes = False,
) -> None:
    """Approve an answer of your own: from then on it is given to this question, word for word.

    Example: `shelftalk faq edit 3f9a0c1b22d4 "Yes, the lid may go into the dishwasher."`.
    """
    with _deciding(id_) as deciding:
        answer = Answer(deciding.language(locale), " ".join(text.split()))
        _approve(deciding, answer, wording, by=by, yes=yes)


@app.command()
def reject(id_: Id, *, by: By = None) -> None:
    """Reject a question: an answer that was approved is given no more, and it is not proposed again.

    Example: `shelftalk faq reject 3f9a0c1b22d4`.
    """
    with _deciding(id_) as deciding:
        deciding.reject(by=by or getpass.getuser(), now_unix_ms=_now_unix_ms())
    _console().print(f"{id_} is rejected: nobody is asked about it again")


def _approve(deciding: Deciding, answer: Answer, numbers: list[int] | None, *, by: str | None, yes: bool) -> None:
    proposal = deciding.proposal(answer, tuple(numbers or ()))
    unborne = beside_the_record(proposal)
    _console().print(*show_.proposed(proposal, unborne), sep="\n", soft_wrap=True)
    if not (yes or (sys.stdin.isatty() and typer.confirm("Give this answer from now on?"))):
        _console().print("nothing was approved" + ("" if sys.stdin.isatty() else ": say --yes to do it"))
        return
    deciding.approve(proposal, by=by or getpass.getuser(), now_unix_ms=_now_unix_ms())
    _console().print("approved")


@contextmanager
def _deciding(id_: str) -> Iterator[Deciding]:
    """Give what is decided on, with the right to write it: taken before anything is read."""
    with open_world() as world:
        writer = FaqWriter(world.endpoints, world.codec)
        yield deciding_on(id_, world.source, world.codec, writer)


def _now_unix_ms() -> int:
    return time.time_ns() // 1_000_000


def _console() -> Console:
    """Give standard output; what is piped is not wrapped at 80 columns."""
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)
