"""What a shop bans is in no text, in whatever disguise; what it asks for is in each that has room for it."""

from __future__ import annotations

import json

import pytest

from schemas.outputs import ProductDescription
from schemas.request import Facts, Voice
from tests import factories
from tests.workers.scripted_engine import ScriptedEngine
from tests.workers.task_requests import request_for
from workers.generate import generate_and_check
from workers.guard.verdict import Passage
from workers.outcome import Outcome, Withheld, Written
from workers.tasks.catalogue import TASKS
from workers.tasks.task import Candidate
from workers.voice import Spoken, school_grade, spoken

GOOD = "The Harbour Fleece Jacket is made of fleece and polyester. It weighs 420 g."


def refused(text: str, **voice: object) -> list[str]:
    said = Spoken(Voice.model_validate(voice), is_whole=True, is_english=True)
    return [hit.rule for hit in said.refuses(Candidate((Passage("body", text, 600),)))]


async def written(*texts: str, **voice: object) -> tuple[Outcome, ScriptedEngine]:
    request = request_for("product-description")
    assert request.facts is not None
    facts = request.facts.model_copy(update={"voice": Voice.model_validate(voice)})
    answers = (json.dumps({"body": text, "headline": "Navy fleece jacket"}) for text in texts)
    engine = ScriptedEngine(*answers)
    return await generate_and_check(
        request.model_copy(update={"facts": facts}), engine=engine, now_ms=lambda: 7
    ), engine


def copy_of(given: Outcome) -> ProductDescription:
    assert isinstance(given, Written)
    assert isinstance(given.copy, ProductDescription)
    return given.copy


@pytest.mark.parametrize(
    "text",
    [
        "Cheaper than Bigmart.",
        "BIGMART's jacket",
        "B\u0456gmart",  # a Cyrillic letter
        "\uff22\uff29\uff27\uff2d\uff21\uff32\uff34",  # full width
        "B\u00edgmart",
        "B\u200bigmart",
        "B1gmart",
        "B1gm4rt",
        "b i g m a r t",
        "B.i.g.m.a.r.t",
        "Big-Mart",
        "Big Mart",
    ],
)
def test_a_competitor_is_found_in_every_disguise(text: str) -> None:
    assert refused(text, competitors=("Bigmart",)) == ["competitor"]


@pytest.mark.parametrize("text", ["A big market bag.", "A bigger mark.", "A smart bag.", "Mart is big."])
def test_other_words_are_no_competitor(text: str) -> None:
    assert refused(text, competitors=("Bigmart",)) == []


@pytest.mark.parametrize(
    ("word", "text", "is_found"),
    [
        ("cheap", "A cheap jacket.", True),
        ("cheap", "The cheapest jacket.", False),
        ("cheap*", "The cheapest jacket.", True),
        ("free gift", "With free gifts.", True),
        ("free gift", "A gift, free of plastic.", False),
        ("便宜", "这件夹克很便宜。", True),
        ("billig", "Nicht billig.", True),
    ],
)
def test_a_banned_word_is_a_whole_word_unless_its_ending_is_left_open(word: str, text: str, *, is_found: bool) -> None:
    assert bool(refused(text, banned_words=(word,))) == is_found


async def test_a_sentence_with_a_banned_word_is_left_out() -> None:
    given, _ = await written(f"{GOOD} It is navy.", banned_words=("navy",))
    copy = copy_of(given)
    assert copy.body == GOOD
    assert "banned-word" in copy.provenance.reasons
    assert "navy" not in f"{copy.headline} {copy.bullets} {copy.meta_description}".lower()


async def test_a_product_that_cannot_be_named_without_a_banned_word_is_withheld() -> None:
    given, _ = await written(GOOD, GOOD, banned_words=("harbour",))
    assert isinstance(given, Withheld)
    assert "banned-word" in {hit.rule for hit in given.record.hits}


async def test_the_model_is_told_the_tone_and_asked_again_for_a_word_that_is_missing() -> None:
    named = f"{GOOD} It is sold by Harbour Goods."
    given, engine = await written(GOOD, named, tone="plain", required_words=("Harbour Goods",))
    assert copy_of(given).body == named
    assert "tone: plain" in engine.prompts[0].system
    assert "'Harbour Goods' must be said" in engine.prompts[1].user


async def test_a_shops_own_limit_cuts_a_text_back() -> None:
    given, _ = await written(f"{GOOD} It is navy.", max_characters={"body": len(GOOD), "bullets": 15})
    copy = copy_of(given)
    assert copy.body == GOOD
    assert copy.bullets == ("Weight: 420 g", "Colour: Navy")


async def test_a_text_that_is_too_hard_to_read_gives_way_to_an_easier_one() -> None:
    hard = (
        "Notwithstanding considerable meteorological variability, the Harbour Fleece Jacket, manufactured of fleece "
        "and polyester, accompanies individuals whose recreational activities necessitate comfortable apparel of 420 g."
    )
    given, _ = await written(hard, GOOD, reading_level=8)
    assert copy_of(given).body == GOOD
    assert "reading-level" in copy_of(given).provenance.reasons


def test_grades_grow_with_the_length_of_sentences_and_words() -> None:
    easy = school_grade(
        "The cat sat on the mat. It was warm. The dog sat on the rug. It was wet. They had a good time."
    )
    hard = school_grade("The characteristics of contemporary refrigeration necessitate considerable " * 4)
    assert easy is not None
    assert hard is not None
    assert easy < 3
    assert hard > 12
    assert school_grade("Too short to say.") is None


def test_a_draft_of_a_review_is_not_in_the_shops_voice() -> None:
    voice = Voice(banned_words=("cheap",), tone="warm")
    request = factories.request(facts=Facts(voice=voice))
    assert spoken(TASKS["product-description"], request).voice == voice
    assert spoken(TASKS["support-reply"], request).misses(Candidate((Passage("text", "Yes.", 400),))) == ()
