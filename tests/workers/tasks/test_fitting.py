"""Texts are cut where a reader would cut them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.tasks.fitting import at_word, each_once, fitting, leading, told


def test_whole_sentences_are_kept_as_long_as_they_fit() -> None:
    assert leading("One two. Three four. Five.", 20) == "One two. Three four."


def test_a_sentence_that_is_too_long_is_left_out_for_the_next() -> None:
    assert fitting("This first sentence is much too long to fit. It fits.", 20) == "It fits."


def test_where_no_sentence_fits_its_first_clauses_do() -> None:
    assert (
        fitting("A warm jacket of navy fleece, with two zip pockets and a hood.", 40) == "A warm jacket of navy fleece."
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "Suitable for all hobs that you have, except for induction hobs.",
        "It keeps its warmth between ten long hours and twelve hours.",
        "Wash it in the machine at thirty degrees, but not with bleach.",
    ],
)
def test_a_sentence_whose_end_may_matter_is_not_cut(sentence: str) -> None:
    assert fitting(sentence, 45) == ""


def test_a_title_is_cut_at_a_word_and_ends_with_none_that_calls_for_more() -> None:
    assert at_word("Stackable Storage Jars, Set of 4", 30) == "Stackable Storage Jars, Set"
    assert at_word("Soft Throw of Wool and Cashmere", 24) == "Soft Throw of Wool"
    assert at_word("Short", 30) == "Short"


def test_the_same_sentence_is_said_once() -> None:
    assert each_once("The lids close. It is blue. The LIDS close.") == "The lids close. It is blue."


def test_of_a_text_that_was_cut_off_in_its_first_sentence_the_clauses_are_kept() -> None:
    assert told("A hub with an HDMI port and a card reader, a USB port, a", 125) == (
        "A hub with an HDMI port and a card reader, a USB port."
    )


@given(st.text(max_size=200), st.integers(1, 100))
def test_nothing_is_longer_than_its_place(text: str, limit: int) -> None:
    assert len(leading(text, limit)) <= limit
    assert len(at_word(text, limit)) <= limit
    assert len(fitting(text, limit)) <= limit
