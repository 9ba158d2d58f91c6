"""What shoppers ask often is known by how many they are, without knowing who they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.questions import ProductQuestion
from streams.question_state import (
    QUESTION_CHARS,
    SHOPPERS_KEPT,
    WORDINGS_KEPT,
    QuestionState,
    entry_id,
    frequent,
    with_question,
)
from streams.replies import question_of
from tests.factories import NOW_MS, activity


def asked(text: str, user_id: str = "U1", *, number: int = 0, product_id: str = "P1") -> ProductQuestion:
    found = question_of(
        activity(
            f"A{number}",
            user_id,
            kind="question",
            text=text,
            product_id=product_id,
            occurred_unix_ms=NOW_MS + number,
        )
    )
    assert found is not None
    return found


def after(*questions: ProductQuestion) -> QuestionState:
    state = QuestionState()
    for each in questions:
        state = with_question(state, each)
    return state


def test_different_shoppers_are_counted_and_one_who_asks_again_is_not() -> None:
    state = after(*(asked("Is it warm?", user, number=place) for place, user in enumerate(["U1", "U2", "U1", "U3"])))
    (found,) = frequent("P1", state.wordings)
    assert (found.wordings, found.shoppers, found.newest_id) == (("Is it warm?",), 3, "A3")


def test_near_duplicates_are_one_question_by_its_most_asked_wording() -> None:
    texts = [
        "Is the lid dishwasher safe?",
        "Can the lid go in a dishwasher, is that safe?",
        "Is the LID dishwasher-safe?",
    ]
    state = after(*(asked(text, f"U{place}", number=place) for place, text in enumerate(texts)))
    (found,) = frequent("P1", state.wordings)
    assert (found.wordings[0], found.shoppers) == ("Is the lid dishwasher safe?", 3)
    assert found.entry_id == entry_id("P1", "is the lid dishwasher safe")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Does a 13 inch laptop fit?", "Does a 15 inch laptop fit?"),
        ("Is the lid not dishwasher safe?", "Is the lid dishwasher safe?"),
        ("Does it hold 1.5 litres of water?", "Does it hold 5.1 litres of water?"),
        ("Is it warm?", "Is it waterproof?"),
        ("How heavy?", "How wide?"),
    ],
)
def test_other_numbers_denials_and_words_are_other_questions(one: str, other: str) -> None:
    assert len(frequent("P1", after(asked(one, "U1"), asked(other, "U2")).wordings)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "My name is Mara, is it warm?",
        "Is it warm? Write to mara@example.com",
        "Is it warm? Call +44 20 7946 0958",
        "Where is my order 4711-0815-22?",
        "Is it as warm as https://example.com/other ?",
        "Ich heiße Mara, ist sie warm?",
        "Wo ist meine Bestellung mit der Jacke?",
        "Je m'appelle Mara, est-elle chaude ?",
        "Où est ma commande avec la veste ?",
        "Me llamo Mara, \u00bfes caliente?",
        "\u00bfDónde está mi pedido con la chaqueta?",
        "我的订单在哪里",
        "Is it? " + "warm " * QUESTION_CHARS,
        "Is it?",
        "???",
    ],
)
def test_what_may_name_a_person_or_is_no_question_of_its_own_is_not_kept(text: str) -> None:
    assert after(asked(text)) == QuestionState()


def test_a_shopper_is_not_known_again_and_another_products_key_differs() -> None:
    state, other = after(asked("Is it warm?", "shopper-77")), after(asked("Is it warm?", "shopper-77", product_id="P2"))
    assert "shopper-77" not in state.model_dump_json()
    assert state.wordings[0].shoppers != other.wordings[0].shoppers


def test_what_is_kept_is_bounded_and_what_many_ask_outlives_what_one_asks() -> None:
    often = [asked("Is it warm?", f"U{place}", number=place) for place in range(SHOPPERS_KEPT + 5)]
    rare = [asked(f"Does it fit a size {size}?", number=100 + size) for size in range(WORDINGS_KEPT + 20)]
    state = after(*often, *rare)
    assert len(state.wordings) == WORDINGS_KEPT
    assert frequent("P1", state.wordings)[0].shoppers == SHOPPERS_KEPT
    assert state.wordings[-1].text == rare[-1].question.text


_questions = st.lists(
    st.builds(
        asked,
        st.sampled_from(["Is it warm?", "Is this warm", "Is it dry?", "How heavy is it?", "call 0123456789"]),
        st.sampled_from(["U1", "U2", "U3"]),
        number=st.integers(0, 9),
    ),
    max_size=20,
)


@given(_questions)
def test_a_replay_of_what_is_remembered_changes_no_count(questions: list[ProductQuestion]) -> None:
    state = after(*questions)
    again = state
    for each in questions:
        again = with_question(again, each)
    assert frequent("P1", again.wordings) == frequent("P1", state.wordings)
