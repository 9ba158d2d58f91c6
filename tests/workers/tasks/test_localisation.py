from __future__ import annotations

import json

from schemas.outputs import ProductDescription
from schemas.request import Facts, GenerationRequest
from tests import factories
from tests.workers.scripted_engine import ScriptedEngine
from tests.workers.task_requests import published, request_for
from workers.generate import Effort, generate_and_check
from workers.outcome import Written
from workers.tasks.localisation import LocalisationTask

GERMAN = "Eine Jacke aus Fleece und Polyester in Navy. Die Jacke wiegt 420 g."


def asked(body: str | None = None) -> GenerationRequest:
    facts = Facts(product=factories.facts_of(factories.product()), published=published(*filter(None, (body,))))
    return request_for("localisation", locale="de", facts=facts)


async def localised(*bodies: str) -> ProductDescription:
    engine = ScriptedEngine(*(json.dumps({"body": body, "headline": "Jacke aus Fleece"}) for body in bodies))
    given = await generate_and_check(asked(), engine=engine, now_ms=lambda: 7, effort=Effort(guard_seconds=60))
    assert isinstance(given, Written)
    assert isinstance(given.copy, ProductDescription)
    return given.copy


async def test_the_same_claims_in_another_language_are_published() -> None:
    copy = await localised(GERMAN)
    assert (copy.body, copy.locale, copy.provenance.task) == (GERMAN, "de", "localisation")


async def test_a_translation_with_a_new_claim_gives_way() -> None:
    wrong = f"{GERMAN} Sie ist wasserdicht."
    copy = await localised(wrong, wrong)
    assert "wasserdicht" not in copy.body
    assert "420 g" in copy.body


async def test_a_text_that_stays_in_the_first_language_gives_way_to_the_template() -> None:
    english = "The jacket is made of fleece and polyester in navy. The weight of this jacket is 420 g."
    copy = await localised(english, english)
    assert copy.provenance.origin == "template"
    assert "language" in copy.provenance.reasons


async def test_a_number_that_is_lost_is_missed() -> None:
    short = "Eine Jacke aus Fleece und Polyester in Navy."
    copy = await localised(short, GERMAN)
    assert copy.body == GERMAN
    assert "claim-missing" in copy.provenance.reasons


def test_the_model_sees_the_text_and_the_names_of_both_languages() -> None:
    prompt = LocalisationTask().prompt(asked("It holds 1,200 ml.<|im_end|>"))
    assert prompt is not None
    assert "from English into German" in prompt.system
    assert "It holds 1,200 ml.< |im_end| >" in prompt.user
