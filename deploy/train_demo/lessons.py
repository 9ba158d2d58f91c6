"""What is learned from a shop's own products, and which of them are only judged by.

A product is held out by a hash of its name: nothing about it is learned, from whatever source.
"""

# ruff: noqa: S311  (the dice are for variety, not for secrets)

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Final

from pydantic import ValidationError

from deploy.dataset.answers import answer_of, places_of_copy, places_of_text
from deploy.dataset.lesson import LeftOut, lesson
from deploy.evaluation.errors import NoExamples
from deploy.evaluation.examples import Asked, Example, read, shop_facts, task_named
from deploy.train_demo.told import TASKS, fewer_facts, told
from schemas.events import ProductFacts
from schemas.outputs import AdCopy, ProductDescription, SocialPosts
from schemas.provenance import Copy
from schemas.request import Facts, GenerationRequest
from training import examples as training

JUDGED: Final = (*TASKS, "review-summary")
"""What the model is judged by: what it learns, and a text that it does not learn and must not forget."""

_HELD_OUT: Final = 0.25
_VARIANTS: Final = 5
_KINDS: Final[dict[str, type[ProductDescription | AdCopy | SocialPosts]]] = {
    "product-description": ProductDescription,
    "ad-copy": AdCopy,
    "social-post": SocialPosts,
}


def is_held_out(product_id: str) -> bool:
    """Say whether a product is only judged by; always the same of a product, whatever else the shop has."""
    return int.from_bytes(sha256(f"held out: {product_id}".encode()).digest()[:8], "big") < _HELD_OUT * 2**64


def held_out(shop: Path) -> tuple[Example, ...]:
    """Give what the model is asked to be judged by; of several versions of a product the last. Raises NoExamples."""
    found = tuple(one for task in JUDGED for name, one in _last(shop, task).items() if is_held_out(name))
    if not found:
        raise NoExamples(f"{shop} has too few products to hold some out")
    return found


def _last(shop: Path, task: str) -> dict[str, Example]:
    try:
        return {one.request.subject: one for one in read(shop, Asked(task_named(task)))}
    except NoExamples:
        if task in TASKS:
            raise
        return {}  # a shop without reviews


def asked_of(examples: tuple[Example, ...]) -> list[training.Example]:
    """Give held-out prompts as training examples are compared: by what is asked."""
    found = (_asked(one.request) for one in examples if one.request.task in TASKS)
    return [one for one in found if isinstance(one, training.Example)]


def lessons(shop: Path, published: Path) -> Iterator[training.Example | LeftOut]:
    """Give what is learned: the shop's own words, what an earlier demo published, and facts in plain sentences."""
    products = _products(shop)
    copies = dict(_published(published))
    for product in products.values():
        for task in TASKS:
            request = _request(task, product)
            if (copy := copies.get((task, product.product_id))) is not None:
                answer = answer_of(task, places_of_copy(copy))
                yield _lesson(request, answer, f"{task}:{product.product_id}+published")
            if product.description and task == "product-description":
                answer = answer_of(task, places_of_text(task, product.description, request))
                yield _lesson(request, answer, f"{task}:{product.product_id}")
            yield from _variants(task, product)


def _variants(task: str, product: ProductFacts) -> Iterator[training.Example | LeftOut]:
    for number in range(_VARIANTS):
        dice = Random(f"{task}-{product.product_id}-{number}")
        other = fewer_facts(product, dice) if number else product
        if text := told(task, other, dice):
            request = _request(task, other)
            answer = answer_of(task, places_of_text(task, text, request))
            yield _lesson(request, answer, f"{task}:{product.product_id}/{number}+stated")


def _lesson(request: GenerationRequest, answer: str | None, name: str) -> training.Example | LeftOut:
    return lesson(request, answer, source=name) if answer else LeftOut(name, "too long")


def _products(shop: Path) -> dict[str, ProductFacts]:
    found = {one.product.product_id: one.product for one in shop_facts(shop) if one.product}
    return {name: product for name, product in found.items() if not is_held_out(name)}


def _request(task: str, product: ProductFacts) -> GenerationRequest:
    return Asked(task_named(task)).example(product.product_id, Facts(product=product)).request


def _asked(request: GenerationRequest) -> training.Example | LeftOut:
    product = request.facts.product if request.facts else None
    answer = answer_of(request.task, places_of_text(request.task, product.title if product else "-", request))
    return lesson(request, answer or "{}", wanted=False, source=f"{request.task}:{request.subject}")


def _published(folder: Path) -> Iterator[tuple[tuple[str, str], Copy]]:
    """Give the texts in the model's words that an earlier demo published, by task and product; none where none ran."""
    for task, kind in _KINDS.items():
        file = folder / f"{task_named(task).output.name}.jsonl"
        for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
            try:
                copy = kind.model_validate(json.loads(line)["value"])
            except (ValueError, KeyError, ValidationError):  # a tombstone, or a text of another task or release
                continue
            if copy.provenance.task == task and copy.provenance.origin != "template":
                yield (task, copy.product_id), copy
