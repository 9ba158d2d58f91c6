"""Examples out of files: what is asked of a worker, and what people wrote for the same facts.

| file | columns | task |
|---|---|---|
| `*.csv` | `data` (an attribute, nested), `text` | product-description and the other texts about products |
| `*.tsv` | `question`, `candidate` (evidence), `answer` | support-reply |
| `*.csv`, tabs | `group_id`, `rev1`.. with `rating1`.., `summ1`.. | review-summary |
| a shop's folder | `products.jsonl`, `reviews.jsonl` (docs/feed.md) | texts about products, review-summary |
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from deploy.evaluation.errors import NoExamples
from deploy.shop_files import Reading, ShopEvent, events
from schemas.events import Product, ProductFacts, Review
from schemas.request import Facts, GenerationRequest, Question, ReviewFact
from schemas.tasks import BY_NAME, REVIEW_SUMMARY, SUPPORT_REPLY, TaskContract
from streams.requests import Wanted, facts_read, request_for
from training.nested_attributes import flat, parse

ABOUT_PRODUCTS: Final = frozenset({"product-description", "ad-copy", "social-post"})
"""The tasks that need a product and nothing else."""


@dataclass(frozen=True, slots=True)
class Example:
    """One request, the texts that people wrote for its facts, and the values that its record has to tell."""

    request: GenerationRequest
    references: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which texts are wanted: of which task, in which language."""

    task: TaskContract
    locale: str = "en"

    def example(
        self, subject: str, facts: Facts, references: tuple[str, ...] = (), values: tuple[str, ...] = ()
    ) -> Example:
        """Give an example about one subject."""
        wanted = Wanted(self.task, subject, self.locale, 1, facts)
        return Example(request_for(wanted, now_unix_ms=0), references, values)


def read(data: Path, asked: Asked, *, limit: int | None = None) -> tuple[Example, ...]:
    """Give the examples for a task in a file, or in all files of a folder, by name; raises NoExamples."""
    if not data.exists():
        raise NoExamples(f"there is no {data}")
    files = sorted(path for path in data.iterdir() if path.is_file()) if data.is_dir() else [data]
    found = (example for file in files if file.suffix in (".csv", ".tsv") for example in _rows(file, asked))
    shop = _shop(data, asked) if data.is_dir() else iter(())
    examples = tuple(islice((one for some in (found, shop) for one in some), limit))
    if not examples:
        raise NoExamples(f"no example for {asked.task.name} in {data}; `shelftalk evaluate --help` names the formats")
    return examples


def _rows(file: Path, asked: Asked) -> Iterator[Example]:
    with file.open(encoding="utf-8", newline="") as lines:
        head = lines.readline()
        lines.seek(0)
        separator = "\t" if "\t" in head else ","
        # Reviews behind tabs begin with quotation marks of their own; everything else is quoted where it must be.
        quoting: Literal[0, 3] = csv.QUOTE_NONE if "rev1" in head.split(separator) else csv.QUOTE_MINIMAL
        rows = csv.DictReader(lines, delimiter=separator, quoting=quoting)
        reader = _reader(frozenset(rows.fieldnames or ()), asked.task)
        if reader is not None:
            for number, row in enumerate(rows):
                yield reader(f"{file.stem}-{number}", {name: text or "" for name, text in row.items()}, asked)


Reader = Callable[[str, dict[str, str], Asked], Example]


def _reader(columns: frozenset[str], task: TaskContract) -> Reader | None:
    if {"data", "text"} <= columns and task.name in ABOUT_PRODUCTS:
        return _attributes
    if {"question", "candidate", "answer"} <= columns and task is SUPPORT_REPLY:
        return _answer
    if {"rev1", "summ1"} <= columns and task is REVIEW_SUMMARY:
        return _reviewed
    return None


def _attributes(name: str, row: dict[str, str], asked: Asked) -> Example:
    attribute, _, values = row["data"].partition(":")
    attributes = flat({attribute.strip(): parse(values)})
    product = ProductFacts(product_id=name, title="Product", attributes=attributes)
    return _about(product, asked, (row["text"],))


def _about(product: ProductFacts, asked: Asked, references: tuple[str, ...]) -> Example:
    values = tuple(value for some in product.attributes.values() for value in some)
    return asked.example(product.product_id, Facts(product=facts_read(product, asked.task)), references, values)


def _answer(name: str, row: dict[str, str], asked: Asked) -> Example:
    """Give a question whose evidence is what one reviewer said; an attribute is said in words."""
    said = ReviewFact(review_id=f"{name}-evidence", rating=4, body=_spoken(row["candidate"]))
    question = Question(user_id="asker", product_id=name, text=row["question"])
    facts = Facts(product=ProductFacts(product_id=name, title="Product"), reviews=(said,), question=question)
    return asked.example(name, facts, (row["answer"],), (row["candidate"],))


def _spoken(evidence: str) -> str:
    """Give evidence as a sentence: `age: { unit:years, value:3.0 }` as `age: 3 years.`"""
    attribute, _, data = evidence.partition(":")
    if not data.lstrip().startswith(("{", "[")):
        return evidence
    said = flat({attribute.strip(): parse(data)})
    return " ".join(f"{re.sub(r'[._]+', ' ', name)}: {', '.join(values)}." for name, values in said.items())


def _reviewed(name: str, row: dict[str, str], asked: Asked) -> Example:
    bodies = {key.removeprefix("rev"): text for key, text in row.items() if key.startswith("rev") and text}
    reviews = tuple(
        ReviewFact(review_id=f"R{number}", rating=round(float(row.get(f"rating{number}") or 3)), body=body)
        for number, body in bodies.items()
    )
    references = tuple(text for key, text in row.items() if key.startswith("summ") and text)
    facts = Facts(product=ProductFacts(product_id=name, title="Product"), reviews=reviews)
    return asked.example(name, facts, references)


def _shop(folder: Path, asked: Asked) -> Iterator[Example]:
    for facts in shop_facts(folder):
        product = facts.product
        if product and asked.task.name in ABOUT_PRODUCTS:
            yield _about(product, asked, (product.description,) if product.description else ())
        elif product and asked.task is REVIEW_SUMMARY and facts.reviews:
            read = facts.model_copy(update={"product": facts_read(product, asked.task)})
            yield asked.example(product.product_id, read)


def shop_facts(folder: Path) -> Iterator[Facts]:
    """Give each product of a shop's files, whole, with its reviews."""
    found = [one.record for one in events(folder, Reading()) if isinstance(one, ShopEvent)]
    reviews: dict[str, list[ReviewFact]] = defaultdict(list)
    for one in found:
        if isinstance(one, Review):
            said = ReviewFact(review_id=one.review_id, rating=one.rating, title=one.title, body=one.body)
            reviews[one.product_id].append(said)
    for one in found:
        if isinstance(one, Product):
            facts = ProductFacts.model_validate(one.model_dump(include=set(ProductFacts.model_fields)))
            yield Facts(product=facts, reviews=tuple(reviews[one.product_id]))


def task_named(name: str) -> TaskContract:
    """Give the task of a name; raises NoExamples with the names there are."""
    if name not in BY_NAME:
        raise NoExamples(f"no task {name!r}; there are {', '.join(BY_NAME)}")
    return BY_NAME[name]
