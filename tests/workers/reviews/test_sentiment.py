from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.reviews.lexicon import lexicon, words_of
from workers.reviews.sentiment import NOTHING, sentiment


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("It is comfortable.", "It is not comfortable."),
        ("It is very comfortable.", "It is comfortable."),
        ("It is comfortable.", "It would be comfortable."),
        ("No problems so far.", "Problems so far."),
        ("Heavy, but I love it.", "I love it, but heavy and flimsy."),
        ("It is soft.", "It is too soft."),
        ("Less noisy than the old one.", "Noisy."),
        ("I love it!", "I love it?"),
        ("It was not only cheap, it is great.", "It is not great."),
        ("Would recommend.", "Would not recommend."),
    ],
)
def test_what_stands_around_a_word_counts(better: str, worse: str) -> None:
    assert sentiment(better).value > sentiment(worse).value


@pytest.mark.parametrize(
    "text",
    ["It does not work.", "Waste of money.", "I sent it back.", "It broke.", "Not worth the money.", "Too tight."],
)
def test_what_a_buyer_complains_of_is_negative(text: str) -> None:
    assert sentiment(text).value < -0.1


@pytest.mark.parametrize("text", ["It has two pockets.", "I ordered it in May.", "My mother plays the piano.", ""])
def test_a_sentence_of_facts_thinks_nothing(text: str) -> None:
    assert abs(sentiment(text).value) < 0.1


def test_one_praise_among_many_words_counts_less_than_alone() -> None:
    long = "We took it to the lake in May and again in June with the whole family and it was good."
    assert 0 < sentiment(long).value < sentiment("Good.").value


def test_a_language_without_a_lexicon_thinks_nothing() -> None:
    assert sentiment("Erinomainen takki.", "fi") == NOTHING


def test_a_degree_is_no_opinion_of_its_own() -> None:
    english = lexicon("en")
    assert english is not None
    assert len(list(english.opinions(words_of("pretty comfortable")))) == 1
    assert len(list(english.opinions(words_of("it is pretty")))) == 1


@given(st.text(max_size=200))
def test_any_text_has_a_value_between_minus_one_and_one(text: str) -> None:
    assert -1 <= sentiment(text).value <= 1
