"""`python -m tests.benchmarks.guard`: what judging a text costs, in processor time, on one core.

Three loads: a short sentence with a record that no other text has, a whole description against its record, and a text
that climbs the worker's ladder until a step of it holds. The lines are made from the demo shop; with a file of lines as
`shelftalk check` reads them, that file is the load. Times are processor time of this process, and of each text the best
of several rounds, with other numbers and names in each: the machine is never quiet, and other work can only add.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles

from deploy.check import spare_the_collector
from deploy.check_lines import How, check_line
from deploy.shop_files import DEMO_SHOP
from schemas.request import Facts
from tests import factories
from tests.workers.scripted_engine import ScriptedEngine
from workers.generate import generate_and_check

_TEXTS = 100
_DESCRIPTION_CHARACTERS = 600


Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Load:
    """Texts to judge, other ones in each round, so that no round lives on what the one before has kept."""

    name: str
    texts: Callable[[int], Sequence[Work]]


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time of one load: the mean over its texts, and what 99 of 100 texts stay below."""

    name: str
    micros: float
    p99_micros: float

    @property
    def per_second(self) -> float:
        """Give how many texts one core judges in a second."""
        return 1e6 / self.micros


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.guard", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", help="JSON lines as `shelftalk check` reads them")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="one object a load instead of a table")
    chosen = parser.parse_args()
    loads = (_lines(chosen.file),) if chosen.file else _demo_loads()
    for load in loads:
        spare_the_collector()  # as `shelftalk check` and the worker do
        cost = measured(load, rounds=chosen.rounds)
        row = {"load": cost.name, "per_second": round(cost.per_second), "micros": round(cost.micros)}
        row["p99_micros"] = round(cost.p99_micros)
        told = f"{cost.name:32} {cost.per_second:8,.0f}/s {cost.micros:8,.0f} us {cost.p99_micros:8,.0f} us at p99"
        print(json.dumps(row) if chosen.json else told)  # noqa: T201 - the answer of a command


def measured(load: Load, *, rounds: int) -> Cost:
    """Do a load once to warm up, then so many rounds, and keep the best time of each place in it."""
    best: list[float] = []
    for number in range(rounds + 1):
        spent = [_micros(text) for text in load.texts(number)]
        if number:
            best = [min(pair) for pair in zip(best or spent, spent, strict=True)]
    return Cost(load.name, sum(best) / len(best), quantiles(best, n=100)[98])


def _micros(text: Work) -> float:
    start = time.process_time_ns()
    text()
    return (time.process_time_ns() - start) / 1000


def _demo_loads() -> tuple[Load, ...]:
    loop = asyncio.new_event_loop()
    lines = (DEMO_SHOP / "products.jsonl").read_text().splitlines()
    shop = [json.loads(line) for line in lines if '"description":' in line and line.endswith("}")]

    def short(number: int) -> list[Work]:
        many = islice(enumerate(cycle(shop), _TEXTS * number), _TEXTS)
        return [_judging(_line(_short(one, n), n)) for n, one in many]

    def long(number: int) -> list[Work]:
        return [_judging(_line(_long(one, shop, number), n)) for n, one in enumerate(shop)]

    def climbing(number: int) -> list[Work]:
        return [_climbing(_TEXTS * number + n, loop) for n, _ in enumerate(shop)]

    return (
        Load("worker's ladder", climbing),
        Load("short text, new record", short),
        Load("description, new record", long),
    )


def _lines(file: Path) -> Load:
    lines = [_judging(line) for line in file.read_bytes().splitlines() if line.strip()]
    return Load(file.name, lambda _: lines)


def _judging(line: bytes) -> Work:
    return lambda: check_line(line, 1, How())


def _line(case: tuple[dict[str, object], str], number: int) -> bytes:
    facts, text = case
    row = {"id": number, "task": "product-description", "locale": "en", "facts": facts, "text": text}
    return json.dumps(row).encode()


def _short(product: dict[str, object], number: int) -> tuple[dict[str, object], str]:
    """Give a record of six attributes, two of them its own alone, and a sentence about it."""
    known = product["attributes"]
    assert isinstance(known, dict)
    attributes = dict(islice(known.items(), 4)) | {"model": f"{number} {product['title']}", "weight": f"{number + 7} g"}
    facts = {name: product[name] for name in ("title", "brand", "categories") if name in product}
    name, value = next(iter(attributes.items()))
    said = value[0] if isinstance(value, list) else value
    text = f"The {product['title']} weighs {number + 7} g, and its {name} is {said}."
    return facts | {"attributes": attributes}, text


def _long(product: dict[str, object], shop: list[dict[str, object]], number: int) -> tuple[dict[str, object], str]:
    """Give a record, and its description followed by others' until it has the length of a whole page's."""
    product = product | {"title": f"{product['title']} {number}"}
    text = f"{product['description']} It is number {number}."
    for other in shop:
        if len(text) < _DESCRIPTION_CHARACTERS and str(other["description"]) not in text:
            text += f" {other['description']}"
    return product, text[:_DESCRIPTION_CHARACTERS]


def _climbing(number: int, loop: asyncio.AbstractEventLoop) -> Work:
    """Give a text with one wrong sentence, which the guard refuses whole and allows without it."""
    product = factories.product(f"P{number}", title=f"Harbour Jacket {number}")
    request = factories.request(
        f"r{number}", task="product-description", facts=Facts(product=factories.facts_of(product))
    )
    body = f"The Harbour Jacket {number} is a jacket of its own kind. It weighs {number + 5_000} kg. Wear it every day."
    answer = json.dumps({"body": body, "headline": f"Harbour Jacket {number}"})
    return lambda: loop.run_until_complete(
        generate_and_check(request, engine=ScriptedEngine(answer, answer), now_ms=lambda: 0)
    )


if __name__ == "__main__":
    main()
