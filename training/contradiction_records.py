"""Products and what people wrote about them, out of a folder of files: the true statements that lies are made from.

Read are `products.jsonl` (one product a line: sku, title, categories, price, attributes, description),
`attribute_to_text*.csv` (an attribute as nested data, and a sentence that a person made of it) and `answers*.tsv`
(a piece of evidence, and the answer that a person gave from it), wherever in the folder they lie.
"""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from training.nested_attributes import Json, flat, parse

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\u2022])|\s*\u2022\s*")
_SHORTEST_WORDS = 3
_LONGEST_VALUE_WORDS = 4
_NO_VALUES = frozenset(["", "-", "n/a", "na", "unknown", "other", "not applicable", "not specified"])
_NOT = re.compile(r"(?i)\b(?:not|no|non|without|free)\b")
_DENIALS = frozenset(["no", "false", "0"])
_SWITCHES = frozenset(["yes", "no", "true", "false", "0", "1", ""])


@dataclass(frozen=True, slots=True)
class Product:
    """One product's record: what a text about it may say."""

    sku: str
    title: str
    attributes: dict[str, tuple[str, ...]]
    categories: tuple[str, ...] = ()
    price: str = ""
    description: str = ""

    def facts(self) -> dict[str, Json]:
        """Give the record as a line of a shop's `products.jsonl` has it."""
        said: dict[str, Json] = {name: list(values) for name, values in self.attributes.items()}
        fixed: dict[str, Json] = {"sku": self.sku, "title": self.title, "categories": list(self.categories)}
        priced: dict[str, Json] = {"price": self.price} if self.price else {}
        return fixed | priced | {"attributes": said, "description": self.description}

    def states_nothing(self) -> bool:
        """Say whether no field has a value: all unknown, or not applicable."""
        values = [value.lower() for values in self.attributes.values() for value in values]
        return not self.description and all(value in _NO_VALUES for value in values)

    def is_switch(self) -> bool:
        """Say whether the record is nothing but a yes or no to what its attributes are named for."""
        values = [value.lower() for values in self.attributes.values() for value in values]
        return not self.description and bool(values) and all(value in _SWITCHES for value in values)

    def is_denied(self) -> bool:
        """Say whether such a yes or no denies: `waterproof: No`, and not `not_for_kids: No`."""
        denied = any(value.lower() in _DENIALS for values in self.attributes.values() for value in values)
        return denied != any(_NOT.search(_spoken(name)) for name in self.attributes)

    def text(self) -> str:
        """Give everything that the record says, attribute names included, in one text."""
        said = [f"{_spoken(name)} {' ; '.join(values)}" for name, values in self.attributes.items()]
        return " ; ".join([self.title, *self.categories, self.price, *said, self.description])


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that is true of a product; `attribute` and `states` say what it is about, where that is known.

    `states` has the values of the product's attributes that the sentence was made of, by their full names.
    """

    id: str
    task: str
    product: Product
    text: str
    attribute: str = ""
    states: dict[str, tuple[str, ...]] = field(default_factory=dict)
    human: bool = True


def statements(folder: Path) -> Iterator[Statement]:
    """Give every statement in a folder's files, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        if path.name == "products.jsonl":
            yield from _of_products(path)
        elif path.name.startswith("attribute_to_text") and path.suffix == ".csv":
            yield from _of_attributes(path)
        elif path.name.startswith("answers") and path.suffix == ".tsv":
            yield from _of_answers(path)


def _of_products(path: Path) -> Iterator[Statement]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        product = _product(json.loads(line))
        name = f"{path.parent.name}-{product.sku or number}"
        for place, sentence in enumerate(_sentences(product.description)):
            yield Statement(f"{name}-{place}", "product-description", product, sentence)
        for attribute, values in product.attributes.items():
            if all(_is_plain(value) for value in values):
                said = " and ".join(values)
                text = f"The {_spoken(attribute)} is {said}."
                stated = {attribute: values}
                yield Statement(
                    f"{name}-{attribute}", "product-description", product, text, attribute, stated, human=False
                )


def _product(line: dict[str, Json]) -> Product:
    attributes = line.get("attributes") or {}
    categories = line.get("categories") or []
    return Product(
        sku=str(line.get("sku") or ""),
        title=html.unescape(str(line.get("title") or "")),
        attributes={name: tuple(html.unescape(one) for one in values) for name, values in flat(attributes).items()},
        categories=tuple(map(str, categories)) if isinstance(categories, list) else (str(categories),),
        price=str(line.get("price") or ""),
        description=html.unescape(str(line.get("description") or "")),
    )


def _of_attributes(path: Path) -> Iterator[Statement]:
    for number, row in enumerate(_rows(path)):
        product = _of_evidence(f"{path.stem}-{number}", row["data"])
        attribute = row["data"].partition(":")[0].strip()
        said = row["text"].strip()
        yield Statement(product.sku, "product-description", product, said, attribute, product.attributes)


def _of_answers(path: Path) -> Iterator[Statement]:
    for number, row in enumerate(_rows(path)):
        sku, evidence = f"{path.stem}-{number}", row["candidate"].strip()
        of_attribute = row.get("source") == "attribute" and ":" in evidence
        product = _of_evidence(sku, evidence) if of_attribute else Product(sku, "Product", {}, description=evidence)
        yield Statement(sku, "support-reply", product, row["answer"].strip())


def _of_evidence(sku: str, evidence: str) -> Product:
    """Give the product that has one attribute, written `name: data`."""
    attribute, _, data = evidence.partition(":")
    return Product(sku, "Product", flat({attribute.strip(): parse(data)}))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def _sentences(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(text):
        if len(sentence.split()) >= _SHORTEST_WORDS:
            yield sentence.strip()


def _is_plain(value: str) -> bool:
    return value.lower() not in _SWITCHES and len(value.split()) <= _LONGEST_VALUE_WORDS


def _spoken(attribute: str) -> str:
    return " ".join(re.sub(r"[._]+", " ", attribute).split())
