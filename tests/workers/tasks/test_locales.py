# ruff: noqa: RUF001  (Chinese punctuation is meant)

from __future__ import annotations

import json

import pytest

from tests import factories
from tests.workers.guard.native_sentences import LANGUAGES
from tests.workers.guard.records import Item, items
from tests.workers.task_requests import request_for
from workers.guard.guard import guard
from workers.guard.text import normalise
from workers.tasks.catalogue import TASKS
from workers.tasks.task import Candidate

SPEAKING = (
    "ad-copy",
    "image-text",
    "localisation",
    "product-description",
    "recommendation",
    "social-post",
    "support-reply",
)
ABOUT_A_PRODUCT = ("ad-copy", "image-text", "product-description", "social-post")


def template(task: str, locale: str) -> Candidate:
    candidate = TASKS[task].template(request_for(task, locale=locale))
    assert candidate is not None
    return candidate


def described(number: int, item: Item, *, task: str, locale: str) -> list[str]:
    """Give the rules that refuse the template's text about a product with an English record."""
    named = [(source.field.removeprefix("attributes."), source.text) for source in item.grounds().sources[3:]]
    attributes = {name: (value,) for name, value in named if name != "material"} | {"material": item.materials}
    product = factories.product(
        f"P{number}",
        title=item.title,
        brand=item.brand,
        categories=(f"Shop/{item.kind}",),
        attributes=attributes,
        description=None,
    )
    request = request_for(task, one=product, locale=locale)
    candidate = TASKS[task].template(request)
    assert candidate is not None
    return [hit.rule for hit in guard(candidate.passages, TASKS[task].grounds(request)).hits]


@pytest.mark.parametrize("locale", ["de-DE", "fr-FR", "es-MX", "zh-CN"])
@pytest.mark.parametrize("task", SPEAKING)
def test_the_template_speaks_the_locales_language_and_passes_the_guard(task: str, locale: str) -> None:
    candidate = template(task, locale)
    request = request_for(task, locale=locale)
    assert guard(candidate.passages, TASKS[task].grounds(request)).hits == ()
    assert candidate.passages != template(task, "en").passages


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("task", ABOUT_A_PRODUCT)
def test_the_templates_about_a_whole_shop_pass_the_guard(task: str, locale: str) -> None:
    refused = {item.title: described(number, item, task=task, locale=locale) for number, item in enumerate(items())}
    assert {title: rules for title, rules in refused.items() if rules} == {}


@pytest.mark.parametrize(
    ("locale", "body"),
    [
        ("de", "Harbour Fleece Jacket von Northwind auf einen Blick. Material: Fleece, Polyester. Gewicht: 420 g."),
        ("fr", "Harbour Fleece Jacket de Northwind en bref. Matière : Polaire, Polyester. Poids : 420 g."),
        ("es", "Harbour Fleece Jacket de Northwind de un vistazo. Material: Polar, Poliéster. Peso: 420 g."),
    ],
)
def test_a_description_says_the_record_in_the_language(locale: str, body: str) -> None:
    assert normalise(template("product-description", locale).text("body")).startswith(body)


@pytest.mark.parametrize(
    ("locale", "body", "headline"),
    [
        (
            "de",
            "Die Harbour Fleece Jacket ist eine marineblaue Jacke aus Fleece. Sie wiegt 420 g.",
            "Blaue Fleecejacke",
        ),
        ("fr", "La Harbour Fleece Jacket est une veste bleu marine en polaire. Elle pèse 420 g.", "Veste polaire"),
        ("es", "La Harbour Fleece Jacket es una chaqueta azul marino de polar. Pesa 420 g.", "Chaqueta polar"),
        ("zh", "Northwind Harbour Fleece Jacket 是一款海军蓝夹克，采用抓绒和聚酯纤维面料，重420克。", "海军蓝抓绒夹克"),
    ],
)
def test_a_models_true_text_in_the_language_is_published(locale: str, body: str, headline: str) -> None:
    task, request = TASKS["product-description"], request_for("product-description", locale=locale)
    candidate = task.read(json.dumps({"body": body, "headline": headline}), request)
    assert isinstance(candidate, Candidate)
    assert guard(candidate.passages, task.grounds(request)).hits == ()
    assert task.check(candidate, request) == task.lacks(candidate, request) == ()


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_models_wrong_text_in_the_language_is_refused(locale: str) -> None:
    task, request = TASKS["product-description"], request_for("product-description", locale=locale)
    wool = {
        "de": "Eine Jacke aus Wolle.",
        "fr": "Une veste en laine.",
        "es": "Una chaqueta de lana.",
        "zh": "羊毛夹克。",
    }
    candidate = task.read(json.dumps({"body": wool[locale], "headline": ""}), request)
    assert isinstance(candidate, Candidate)
    assert "unsupported-material" in [hit.rule for hit in guard(candidate.passages, task.grounds(request)).hits]
