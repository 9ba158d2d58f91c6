"""Examples out of files: what people wrote for a task, more of it made from that, and lies to steer away from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from deploy.dataset.answers import answer_of, places_of_text
from deploy.dataset.lesson import LeftOut, lesson
from deploy.evaluation.examples import ABOUT_PRODUCTS, Asked, read
from deploy.evaluation.examples import Example as Evaluated
from schemas.events import ProductFacts
from schemas.request import Facts, GenerationRequest
from training.augment import AUGMENTATIONS, Told
from training.contradiction_records import Product, Statement
from training.contradictions import contradicted
from training.examples import Example
from training.nested_attributes import flat
from training.spans import nearest

Found = Iterator[Example | LeftOut]

_LIES_PER_KIND: Final = 400


@dataclass(frozen=True, slots=True)
class Making:
    """How many examples are made out of each that there is, and whether lies are made too.

    `nearest` takes the nearest part of the evidence where the guard refuses what a person answered from it.
    """

    augmentations: int = 0
    nearest: bool = False
    negatives: bool = False
    seed: int = 1


def from_files(data: Iterable[Path], asked: Asked, making: Making) -> Found:
    """Give the examples of files and folders, each as the worker would be asked; raises NoExamples."""
    for path in data:
        told = read(path, asked)
        yield from _written(told, asked, near=making.nearest)
        if asked.task.name in ABOUT_PRODUCTS:
            yield from _augmented(told, asked, making)
            yield from _lies(told, asked, making) if making.negatives else ()


def known_prompts(data: Iterable[Path], asked: Asked) -> list[Example]:
    """Give what evaluation files ask, whatever a guard would say of their texts."""
    found = (one for path in data for one in _written(read(path, asked), asked, wanted=False))
    return [one for one in found if isinstance(one, Example)]


def _written(told: Iterable[Evaluated], asked: Asked, *, wanted: bool = True, near: bool = False) -> Found:
    for one in told:
        subject = one.request.subject
        for number, text in enumerate(one.references):
            places = places_of_text(asked.task.name, text, one.request)
            answer = answer_of(asked.task.name, places)
            name = f"{subject}/{number}" if number else subject
            found = lesson(one.request, answer, wanted=wanted, source=name) if answer else LeftOut(name, "no text")
            part = _part(one.request, text) if near and isinstance(found, LeftOut) else None
            yield lesson(one.request, part, source=f"{name}+nearest") if part else found


def _part(request: GenerationRequest, text: str) -> str | None:
    """Give the part of a question's evidence that is nearest to a person's answer, as the model would write it."""
    reviews = request.facts.reviews if request.facts and request.facts.question else ()
    part = nearest(reviews[0].body, text) if reviews else None
    return answer_of(request.task, {"text": part}) if part else None


def _augmented(told: Iterable[Evaluated], asked: Asked, making: Making) -> Found:
    for product, text in _products(told):
        dice = Random(f"{making.seed}-{product.product_id}")  # noqa: S311  variety, not secrets
        kinds = dice.sample(sorted(AUGMENTATIONS), min(making.augmentations, len(AUGMENTATIONS)))
        for kind in kinds:
            if changed := AUGMENTATIONS[kind](product, text, dice):
                yield _lesson_about(changed, asked, f"{product.product_id}+{kind}", wanted=True)


def _lies(told: Iterable[Evaluated], asked: Asked, making: Making) -> Found:
    products = {product.product_id: product for product, _ in _products(told)}
    said = [_statement(product, text) for product, text in _products(told)]
    for case in contradicted(said, seed=making.seed, most_per_kind=_LIES_PER_KIND):
        product = products[case.said.id]
        yield _lesson_about((product, case.text), asked, f"{case.said.id}!{case.kind}", wanted=False)


def _products(told: Iterable[Evaluated]) -> Iterator[Told]:
    """Give each product with a text of its own, but for shops' descriptions, which are facts themselves."""
    for one in told:
        product = one.request.facts.product if one.request.facts else None
        if product and not product.description and one.references:
            yield product, one.references[0]


def _statement(product: ProductFacts, text: str) -> Statement:
    """Give what lies are made of: one attribute with its sentence."""
    attribute = next(iter(product.attributes), "").partition(".")[0]
    record = Product(product.product_id, product.title, flat({k: list(v) for k, v in product.attributes.items()}))
    return Statement(product.product_id, "product-description", record, text, attribute, dict(product.attributes))


def _lesson_about(told: Told, asked: Asked, name: str, *, wanted: bool) -> Example | LeftOut:
    product, text = told
    request = asked.example(product.product_id, Facts(product=product)).request
    answer = answer_of(asked.task.name, places_of_text(asked.task.name, text, request))
    return lesson(request, answer, wanted=wanted, source=name) if answer else LeftOut(name, "no text")
