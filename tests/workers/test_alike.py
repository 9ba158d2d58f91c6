"""Copy for similar products does not read alike: what does is written once more."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.outputs import ProductDescription
from schemas.request import Facts, GenerationRequest
from tests import factories
from tests.workers.scripted_engine import ScriptedEngine
from tests.workers.task_requests import request_for
from workers.alike import Bounds, RecentTexts, resemblance, sketched
from workers.generate import generate_and_check
from workers.guard.verdict import Passage
from workers.outcome import Outcome, Written
from workers.tasks.task import Candidate

ALIKE = "The {} is made of fleece and polyester. It weighs 420 g and comes in navy."
OTHER = "Navy fleece with polyester, and 420 g in all: that is what you carry in the {}."
TITLES = ("Harbour Fleece Jacket", "Cove Fleece Jacket")


def about(number: int, category: str = "Women/Jackets") -> GenerationRequest:
    one = factories.product(f"P{number}", title=TITLES[number], categories=(category,))
    return request_for("product-description", subject=f"P{number}", facts=Facts(product=factories.facts_of(one)))


async def write(recent: RecentTexts, number: int, *texts: str, category: str = "Women/Jackets") -> Outcome:
    bodies = (json.dumps({"body": text.format(TITLES[number]), "headline": "Navy fleece jacket"}) for text in texts)
    request = about(number, category)
    return await generate_and_check(request, engine=ScriptedEngine(*bodies), now_ms=lambda: 7, recent=recent)


def body_of(given: Outcome) -> str:
    assert isinstance(given, Written)
    assert isinstance(given.copy, ProductDescription)
    return given.copy.body


async def test_a_text_that_reads_like_another_products_is_written_once_more() -> None:
    recent = RecentTexts()
    await write(recent, 0, ALIKE)
    second = await write(recent, 1, ALIKE, OTHER)
    assert body_of(second) == OTHER.format(TITLES[1])
    assert isinstance(second, Written)
    assert second.copy.provenance.reasons == ("near-duplicate",)


@pytest.mark.parametrize("again", [ALIKE, "It cures colds."])
async def test_one_that_reads_alike_again_or_is_refused_the_second_time_stands_as_it_was_first(again: str) -> None:
    recent = RecentTexts()
    await write(recent, 0, ALIKE)
    second = await write(recent, 1, ALIKE, again)
    assert body_of(second) == ALIKE.format(TITLES[1])
    assert isinstance(second, Written)
    assert second.cost.output_tokens == 40


async def test_the_same_product_again_and_another_category_may_read_alike() -> None:
    recent = RecentTexts()
    await write(recent, 0, ALIKE)
    assert body_of(await write(recent, 0, ALIKE)) == ALIKE.format(TITLES[0])
    assert body_of(await write(recent, 1, ALIKE, category="Men/Coats")) == ALIKE.format(TITLES[1])


def test_names_and_numbers_do_not_make_texts_different() -> None:
    one = sketched("The Harbour Jacket is made of fleece. It weighs 420 g and is navy.", without="Harbour Jacket")
    other = sketched("The Cove Beanie is made of fleece. It weighs 99 g and is navy.", without="Cove Beanie")
    assert one is not None
    assert other is not None
    assert resemblance(one, other) == 1.0


def test_memory_is_bounded() -> None:
    recent = RecentTexts(Bounds(groups=2, texts=3))
    text = Candidate((Passage("body", "A jacket of fleece that is very warm and light to wear.", 600),))
    for category in ("A", "B", "C"):
        recent.remember(text, about(0, category))
    assert not recent.is_alike(text, about(1, "A"))
    assert recent.is_alike(text, about(1, "C"))


_VOCABULARY = ["warm", "light", "navy", "fleece", "wool", "soft", "zip", "hood", "long", "short"]
_words = st.lists(st.sampled_from(_VOCABULARY), min_size=8, max_size=60)


@given(_words, _words)
def test_the_estimate_is_near_the_share_of_common_runs(left: list[str], right: list[str]) -> None:
    one, other = sketched(" ".join(left)), sketched(" ".join(right))
    if one is None or other is None:
        return
    grams = [{tuple(words[at : at + 3]) for at in range(len(words) - 2)} for words in (left, right)]
    exact = len(grams[0] & grams[1]) / len(grams[0] | grams[1])
    assert abs(resemblance(one, other) - exact) <= 0.35
    assert resemblance(one, one) == 1.0
