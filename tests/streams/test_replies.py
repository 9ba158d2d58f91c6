"""A question is answered with what shop, reviewers and people say about the product, under an id of its own."""

from __future__ import annotations

import pytest

from schemas.events import Product
from schemas.questions import FaqEntry
from schemas.request import Facts, ReviewedAnswer, Turn
from streams.question_state import QuestionState, record_of
from streams.replies import question_of, replies_for
from streams.requests import Wanted, request_id
from streams.review_state import ReviewState, with_review
from tests.factories import NOW_MS, activity, facts_of, product, review


def reply(
    text: str, one: Product | None = None, *, reviews: ReviewState | None = None, faq: tuple[FaqEntry, ...] = ()
) -> Wanted:
    asked = question_of(activity(kind="question", text=text))
    assert asked is not None
    known = facts_of(one) if one else None
    questions = QuestionState(entries=faq)
    (wanted,) = replies_for(asked, known, ("en",), reviews=reviews or ReviewState(), questions=questions)
    return wanted


def facts(wanted: Wanted) -> Facts:
    assert wanted.facts is not None
    return wanted.facts


def reviews(*bodies: str) -> ReviewState:
    state = ReviewState()
    for number, body in enumerate(bodies):
        state = with_review(state, review(f"R{number}", body=body, posted_unix_ms=NOW_MS + number))
    return state


def entry(*wordings: str, locale: str = "en", one: Product | None = None, status: str = "approved") -> FaqEntry:
    return FaqEntry.model_validate(
        {
            "entry_id": "E1",
            "status": status,
            "locale": locale,
            "wordings": wordings,
            "answer": "Yes, up to 13 inches." if status == "approved" else None,
            "rests_on": record_of(facts_of(one or product())),
            "reviewed_by": "Mara",
            "reviewed_unix_ms": NOW_MS,
        }
    )


def test_a_question_is_answered_with_what_the_shop_says_about_the_product() -> None:
    wanted = reply("Is it warm?", product())
    assert (wanted.subject, wanted.version) == ("A1", NOW_MS)
    told = facts(wanted).product
    assert told is not None
    assert told.price is not None


def test_a_question_about_an_unknown_product_is_still_asked() -> None:
    told = facts(reply("Is it warm?"))
    assert told.question is not None
    assert (told.product, told.question.text) == (None, "Is it warm?")


@pytest.mark.parametrize("text", [None, "", "   "])
def test_a_question_without_words_has_no_reply(text: str | None) -> None:
    assert question_of(activity(kind="question", text=text)) is None


def test_only_the_sentences_of_reviews_that_have_what_is_asked_come_along() -> None:
    said = reviews("Nice colour. The zip sticks when it is cold.", "It is warm.", "My zip broke! Cold hands now.")
    told = facts(reply("Does the zip stick in the cold?", product(), reviews=said)).reviews
    assert [(each.review_id, each.title, each.body) for each in told] == [
        ("R0", None, "The zip sticks when it is cold.")
    ]


def test_the_nearest_reviews_come_first_then_the_newest_and_no_more_than_five() -> None:
    said = reviews("It whistles.", *["It whistles, too."] * 7)
    told = facts(reply("Does it whistle?", product(), reviews=said)).reviews
    assert [each.review_id for each in told] == ["R7", "R6", "R5", "R4", "R3"]


@pytest.mark.parametrize("text", ["How much is it?", "Is it?", "???"])
def test_a_question_that_names_nothing_brings_no_review(text: str) -> None:
    assert facts(reply(text, product(), reviews=reviews("It is what it is."))).reviews == ()


def test_what_is_known_of_the_product_is_not_part_of_the_id() -> None:
    bare = reply("Does a 13 inch laptop fit?", product())
    rich = reply(
        "Does a 13 inch laptop fit?",
        product(price="49"),
        reviews=reviews("My 13 inch laptop fits."),
        faq=(entry("Does a 13 inch laptop fit?"),),
    )
    assert facts(bare) != facts(rich)
    assert request_id(bare) == request_id(rich)


@pytest.mark.parametrize("text", ["Does a 13 inch laptop fit?", "Would a 13-inch laptop fit in it, please", "laptop?"])
def test_what_a_person_answered_comes_with_the_same_question_in_each_approved_wording(text: str) -> None:
    faq = (entry("Does a 13 inch laptop fit?", "Laptop?"),)
    assert facts(reply(text, product(), faq=faq)).reviewed == ReviewedAnswer(
        entry_id="E1", text="Yes, up to 13 inches."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Does a 15 inch laptop fit?",
        "Does a 13 inch laptop not fit?",
        "Which 13 inch laptop fits?",
        "Does a laptop fit?",
        "Does a 13 inch laptop fit without a case?",
        "",
    ],
)
def test_any_other_question_is_not_answered_by_it(text: str) -> None:
    assert facts(reply(text or "it?", product(), faq=(entry("Does a 13 inch laptop fit?"),))).reviewed is None


@pytest.mark.parametrize(
    "changed",
    [
        product(title="Other"),
        product(brand=None),
        product(categories=("Bags",)),
        product(attributes={"material": ("Wool",)}),
        product(description="Another."),
        None,
    ],
)
def test_an_answer_ends_with_the_record_that_it_rests_on(changed: Product | None) -> None:
    assert facts(reply("Is it warm enough?", changed, faq=(entry("Is it warm enough?"),))).reviewed is None


def test_another_price_or_version_does_not_end_it() -> None:
    later = product(version=9, price="12")
    assert facts(reply("Is it warm enough?", later, faq=(entry("Is it warm enough?"),))).reviewed is not None


@pytest.mark.parametrize(
    "other", [entry("Is it warm enough?", locale="de"), entry("Is it warm enough?", status="rejected")]
)
def test_an_answer_in_another_language_and_a_rejected_one_are_not_given(other: FaqEntry) -> None:
    assert facts(reply("Is it warm enough?", product(), faq=(other,))).reviewed is None


def test_a_question_that_goes_on_from_another_is_not_answered_by_an_entry() -> None:
    asked = question_of(activity(kind="question", text="And inside?"), (Turn(question="How long is it?"),))
    assert asked is not None
    questions = QuestionState(entries=(entry("Inside?"),))
    (wanted,) = replies_for(asked, facts_of(product()), ("en",), reviews=ReviewState(), questions=questions)
    assert facts(wanted).reviewed is None
