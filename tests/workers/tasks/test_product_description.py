from __future__ import annotations

import json

import pytest

from schemas.ledger import RuleHit
from schemas.request import GenerationRequest
from tests import factories
from tests.workers.task_requests import request_for
from workers.engines.engine import Prompt
from workers.tasks.product_description import ProductDescriptionTask
from workers.tasks.task import Candidate

TASK = ProductDescriptionTask()
REQUEST = request_for("product-description")
BODY = "A jacket of fleece and polyester in navy. It weighs 420 g."


def read(body: str, headline: str = "Navy fleece jacket") -> Candidate:
    candidate = TASK.read(json.dumps({"body": body, "headline": headline}), REQUEST)
    assert not isinstance(candidate, RuleHit)
    return candidate


def prompt_of(request: GenerationRequest) -> Prompt:
    prompt = TASK.prompt(request)
    assert prompt is not None
    return prompt


def test_bullets_are_the_records_own_words() -> None:
    assert read(BODY).texts("bullets") == ("Material: Fleece, Polyester", "Weight: 420 g", "Colour: Navy")


def test_the_search_line_is_as_much_of_the_body_as_fits() -> None:
    long = "It has a pocket on the left side and another pocket on the right side of it."
    meta = read(f"{BODY} {long} {long}").text("meta_description")
    assert meta == f"{BODY} {long}"
    assert len(meta) <= 160


def test_an_unfinished_last_sentence_is_left_out() -> None:
    assert read(f"{BODY} It also").text("body") == BODY


def test_words_of_the_prompts_examples_are_refused() -> None:
    hits = TASK.check(read("The jacket has a crank that opens the canopy."), REQUEST)
    assert {hit.rule for hit in hits} == {"example-leak"}
    assert "'canopy' is not in the facts" in {hit.detail for hit in hits}


def test_a_word_of_the_examples_that_the_product_has_too_is_allowed() -> None:
    awning = request_for("product-description", one=factories.product(title="Awning with a canopy and a crank"))
    assert TASK.check(read("The awning has a crank and a canopy."), awning) == ()


def test_too_little_left_of_a_body_is_no_text() -> None:
    assert TASK.complete(read("A jacket."), REQUEST) is None


def test_a_record_of_one_fact_is_told_in_one_short_sentence() -> None:
    bare = request_for("product-description", one=factories.product(attributes={"brim": ("Wide",)}, description=None))
    candidate = TASK.read(json.dumps({"body": "The brim is wide.", "headline": "Hat"}), bare)
    assert isinstance(candidate, Candidate)
    assert TASK.complete(candidate, bare) is not None
    (body,) = (one for one in candidate.passages if one.place == "body")
    assert body.min_characters <= len(body.text)


def test_a_template_without_its_facts_is_no_text() -> None:
    bare = request_for("product-description", one=factories.product(attributes={"gem": ("na",)}, description=None))
    template = TASK.template(bare)
    assert template
    glance = template.text("body").partition(". ")[0] + "."
    candidate = TASK.read(json.dumps({"body": glance, "headline": "Ring"}), bare)
    assert isinstance(candidate, Candidate)
    assert TASK.complete(candidate, bare) is None


def test_shop_switches_and_empty_values_are_no_facts() -> None:
    attributes = {"has_options": ("1",), "sale": ("Yes",), "hood": ("No",), "vegan": ("Yes",), "fit": ("n/a",)}
    prompt = prompt_of(request_for("product-description", one=factories.product(attributes=attributes)))
    assert "vegan: yes" in prompt.user
    for name in ("options", "sale", "hood", "fit"):
        assert f"{name}:" not in prompt.user


def test_the_system_text_is_the_same_for_all_products_of_a_language() -> None:
    other = request_for("product-description", one=factories.product(title="Cove Beanie"))
    assert prompt_of(REQUEST).system == prompt_of(other).system  # for the same subject: another may begin otherwise
    assert "German" in prompt_of(request_for("product-description", locale="de-AT")).system


def test_texts_begin_in_several_ways_and_each_product_always_in_the_same() -> None:
    subjects = [f"P{number}" for number in range(60)]
    systems = [prompt_of(request_for("product-description", subject=subject)).system for subject in subjects]
    assert systems == [prompt_of(request_for("product-description", subject=subject)).system for subject in subjects]
    assert 3 <= len(set(systems)) < 6
    assert min(systems.count(one) for one in set(systems)) >= 10


@pytest.mark.parametrize(
    "said", ["made of coca-polspa and polyester", "made from woolen fleece", "crafted with yarnex"]
)
def test_a_material_by_a_name_that_the_record_lacks_is_refused(said: str) -> None:
    assert {hit.rule for hit in TASK.check(read(f"The jacket is {said}."), REQUEST)} == {"invented-material"}


@pytest.mark.parametrize("said", ["made of fleece and polyester", "made of a soft blend of polyester with zip pockets"])
def test_the_records_materials_in_plain_words_are_allowed(said: str) -> None:
    assert TASK.check(read(f"The jacket is {said}."), REQUEST) == ()


def test_a_headline_that_says_the_body_again_gives_way_to_the_title() -> None:
    whole = TASK.complete(read(BODY, headline="A jacket of fleece and polyester in navy"), REQUEST)
    assert whole is not None
    assert whole.text("headline") == "Harbour Fleece Jacket"


def test_a_warning_is_not_turned_into_its_opposite() -> None:
    toy = request_for(
        "product-description",
        one=factories.product(attributes={"warning": ("Small parts: not for children under 3 years",)}),
    )
    assert {hit.rule for hit in TASK.check(read("It is made for children under 3 years."), toy)} == {"turned-warning"}
    assert TASK.check(read("It is not for children under 3 years."), toy) == ()


@pytest.mark.parametrize(
    ("care", "said"),
    [
        ("Do not bleach", "Bleach it when stained."),
        ("Do not bleach", "It can be bleached."),
        ("Do not iron", "Iron it while damp."),
        ("Do not immerse", "It can be immersed in water."),
        ("Never leave unattended", "Leave it on as long as you like."),
        ("Never leave unattended", "It may burn unattended."),
        ("Do not bleach, iron or tumble dry", "Iron it while damp."),
        ("Do not bleach or iron", "Iron it while damp."),
        ("Not suitable for a dishwasher", "It is suitable for all."),
    ],
)
def test_a_short_warning_is_not_turned_round(care: str, said: str) -> None:
    warned = request_for("product-description", one=factories.product(attributes={"care": (care,)}))
    assert [hit.rule for hit in TASK.check(read(said), warned)] == ["turned-warning"]


@pytest.mark.parametrize(
    ("care", "said"),
    [
        ("Do not bleach", "Do not bleach it."),
        ("Do not bleach, iron or tumble dry", "Do not bleach, iron or tumble dry it."),
        ("Machine wash, do not tumble dry", "Machine wash it and do not tumble dry it."),
        ("Hand wash, do not machine wash", "Wash it by hand."),
    ],
)
def test_a_warning_as_it_stands_and_what_the_record_affirms_elsewhere_are_allowed(care: str, said: str) -> None:
    warned = request_for("product-description", one=factories.product(attributes={"care": (care,)}))
    candidate = TASK.read(json.dumps({"body": said, "headline": "Navy jacket"}), warned)
    assert not isinstance(candidate, RuleHit)
    assert TASK.check(candidate, warned) == ()


def test_a_body_without_a_fact_says_nothing() -> None:
    assert [hit.rule for hit in TASK.lacks(read("The jacket is perfect for all the right reasons."), REQUEST)] == [
        "says-nothing"
    ]
    assert TASK.lacks(read(BODY), REQUEST) == ()
