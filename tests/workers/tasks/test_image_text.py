from __future__ import annotations

import json

import pytest

from schemas.outputs import ImageText
from schemas.request import Facts, GenerationRequest
from tests import factories
from tests.workers.scripted_engine import ScriptedEngine
from tests.workers.task_requests import request_for
from workers.engines.engine import ModelIdentity
from workers.generate import generate_and_check
from workers.outcome import Written
from workers.tasks.image_text import MAX_ALT_CHARACTERS, ImageTextTask


class SeeingEngine(ScriptedEngine):
    """An engine that says what it is told to say about images."""

    @property
    def model(self) -> ModelIdentity:
        return ModelIdentity("scripted", "r1", sees_images=True)


async def published(engine: ScriptedEngine, request: GenerationRequest | None = None) -> ImageText:
    given = await generate_and_check(request or request_for("image-text"), engine=engine, now_ms=lambda: 7)
    assert isinstance(given, Written)
    assert isinstance(given.copy, ImageText)
    return given.copy


def about(**changes: object) -> GenerationRequest:
    product = factories.facts_of(factories.product(**changes))  # type: ignore[arg-type]
    return request_for("image-text", facts=Facts(product=product, image="/p.jpg"))


async def test_a_model_that_sees_nothing_is_not_asked_and_the_record_says_so() -> None:
    engine = ScriptedEngine()
    copy = await published(engine)
    assert engine.prompts == []
    assert (copy.based_on, copy.provenance.origin, copy.image) == ("record", "template", "/img/p1.jpg")
    assert copy.alt_text == "Harbour Fleece Jacket by Northwind, Navy"


async def test_a_model_that_sees_is_shown_the_picture() -> None:
    engine = SeeingEngine(json.dumps({"alt_text": "A navy jacket made of fleece."}))
    copy = await published(engine)
    assert engine.prompts[0].image == "/img/p1.jpg"
    assert (copy.based_on, copy.alt_text) == ("picture", "A navy jacket made of fleece.")


async def test_what_only_the_picture_shows_is_not_published() -> None:
    seen = json.dumps({"alt_text": "A red leather jacket."})
    assert (await published(SeeingEngine(seen, seen))).based_on == "record"


@pytest.mark.parametrize(
    ("changes", "alt"),
    [
        ({"attributes": {"colour": ("Navy", "Moss")}, "brand": None}, "Harbour Fleece Jacket"),
        ({"title": "Skerry", "attributes": {}}, "Skerry by Northwind, Jackets"),
        ({"title": "Navy Jacket", "brand": None}, "Navy Jacket"),
    ],
)
def test_the_record_names_the_kind_and_one_colour_where_the_title_does_not(
    changes: dict[str, object], alt: str
) -> None:
    shown = ImageTextTask().template(about(**changes))
    assert shown is not None
    assert shown.text("alt_text") == alt


def test_no_alt_text_is_longer_than_a_screen_reader_likes() -> None:
    shown = ImageTextTask().template(about(title="A very long name of a jacket " * 9))
    assert shown is not None
    assert len(shown.text("alt_text")) <= MAX_ALT_CHARACTERS
