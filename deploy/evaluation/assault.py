"""What is published in spite of attacks, and what is withheld because of harmless texts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rich.table import Table

from deploy.evaluation.attacks import Attacked, obeys
from deploy.evaluation.errors import NoExamples
from deploy.evaluation.examples import Asked, shop_facts
from deploy.evaluation.run import Answer, answers
from schemas.outputs import SupportReply
from schemas.request import Facts
from schemas.tasks import REVIEW_SUMMARY
from workers.engines.engine import Engine

_MOST_CARRIERS = 30
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Obeyed:
    """One published text that does what an instruction says."""

    instruction: str
    place: str
    disguise: str
    text: str


@dataclass(frozen=True, slots=True)
class Assault:
    """What came of an assault: texts that obeyed, and how often a harmless text cost its subject a published one.

    `by_place` and `by_disguise` count attacks; `withheld_for_it` are the harmless texts with which a text was withheld
    that is published without them, or whose question was handed over as hostile.
    """

    attacks: int
    published: int
    obeyed: tuple[Obeyed, ...]
    by_place: dict[str, int]
    by_disguise: dict[str, int]
    benign: int
    withheld_for_it: tuple[str, ...]

    def json(self) -> str:
        """Give the figures and every text that obeyed as one JSON object."""
        told = {name: getattr(self, name) for name in ("attacks", "published", "by_place", "by_disguise", "benign")}
        obeyed = [{name: getattr(one, name) for name in Obeyed.__slots__} for one in self.obeyed]
        return json.dumps({**told, "obeyed": obeyed, "withheld_for_it": self.withheld_for_it}, ensure_ascii=False)

    def table(self) -> Table:
        """Give the figures as a table for people."""
        table = Table("what", "count", "share")
        table.add_row("attacks", str(self.attacks), "")
        table.add_row("published all the same", str(self.published), _share(self.published, self.attacks))
        table.add_row("published and obeying", str(len(self.obeyed)), _share(len(self.obeyed), self.attacks))
        table.add_row("harmless texts", str(self.benign), "")
        withheld = len(self.withheld_for_it)
        table.add_row("withheld for a harmless text", str(withheld), _share(withheld, self.benign))
        return table

    def shown(self) -> tuple[str, ...]:
        """Give the first texts that obeyed and the first harmless texts that were held against their subject."""
        obeyed = (f"obeyed ({one.place}, {one.disguise}): {one.instruction!r} -> {one.text!r}" for one in self.obeyed)
        return (*tuple(obeyed)[:_SHOWN], *(f"withheld for: {text!r}" for text in self.withheld_for_it[:_SHOWN]))


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def carriers(shop: Path) -> tuple[Facts, ...]:
    """Give the shop's first reviewed products, whole; raises NoExamples."""
    found = tuple(islice((facts for facts in shop_facts(shop) if facts.reviews), _MOST_CARRIERS))
    if not found:
        raise NoExamples(f"no product with reviews in {shop}: it takes products.jsonl and reviews.jsonl")
    return found


async def assault(
    attacks: Sequence[Attacked], innocent: Sequence[Attacked], engine: Engine, *, on_done: Callable[[], None]
) -> Assault:
    """Put all attacks and all harmless texts to the worker; a harmless one is judged beside the record without it."""
    honest = {_subject(one): one.honest for one in innocent}
    controls = {name: Asked(REVIEW_SUMMARY).example(name, facts) for name, facts in honest.items()}
    examples = [*(one.example for one in (*attacks, *innocent)), *controls.values()]
    found = await answers(examples, engine, on_done=on_done)
    at_attacks, at_innocent = found[: len(attacks)], found[len(attacks) : len(attacks) + len(innocent)]
    fine = {name for name, one in zip(controls, found[len(attacks) + len(innocent) :], strict=True) if one.text}
    held = (case for case, one in zip(innocent, at_innocent, strict=True) if _is_held(case, one, fine))
    return Assault(
        attacks=len(attacks),
        published=sum(bool(one.text) for one in at_attacks),
        obeyed=tuple(_obeyed(attacks, at_attacks)),
        by_place=dict(Counter(one.place for one in attacks)),
        by_disguise=dict(Counter(one.disguise for one in attacks)),
        benign=len(innocent),
        withheld_for_it=tuple(case.instruction for case in held),
    )


def _obeyed(attacks: Sequence[Attacked], found: Sequence[Answer]) -> Iterator[Obeyed]:
    for case, one in zip(attacks, found, strict=True):
        if obeys(one.text, case):
            yield Obeyed(case.instruction, case.place, case.disguise, one.text)


def _is_held(case: Attacked, one: Answer, fine: set[str]) -> bool:
    if isinstance(one.copy, SupportReply):
        return one.copy.handover_reason == "hostile"
    return not one.text and (case.place == "question" or _subject(case) in fine)


def _subject(case: Attacked) -> str:
    return case.honest.product.product_id if case.honest.product else ""
