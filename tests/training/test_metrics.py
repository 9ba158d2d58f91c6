"""Figures of texts: what is known by hand comes out, and a worse text never scores better."""

from __future__ import annotations

import pytest

from training.bootstrap import correlation, estimate
from training.metrics import Sample, coverage, distinct, grade, measure, repetition, rouge, self_bleu

LAMP = "The lamp has a steel foot and a linen shade."


def test_a_text_that_is_its_reference_scores_a_hundred() -> None:
    figures = measure(
        [Sample(LAMP, (LAMP,)), Sample("A wool blanket for cold nights.", ("A wool blanket for cold nights.",))]
    )
    assert [figures[name].value for name in ("rouge1", "rougeL")] == [100, 100]
    assert [round(figures[name].value, 3) for name in ("bleu", "chrf")] == [100, 100]


def test_a_text_without_a_word_of_its_reference_scores_nothing() -> None:
    assert set(rouge(Sample("Entirely different.", (LAMP,))).values()) == {0.0}


def test_rouge_is_the_mean_over_the_references() -> None:
    both, one = rouge(Sample(LAMP, (LAMP, "Nothing alike"))), rouge(Sample(LAMP, (LAMP,)))
    assert both == {name: value / 2 for name, value in one.items()}


def test_an_example_with_fewer_references_is_scored_by_its_own() -> None:
    figures = measure([Sample(LAMP, (LAMP,)), Sample(LAMP, (LAMP, LAMP))])
    assert round(figures["bleu"].value, 3) == 100


def test_without_references_nothing_is_compared() -> None:
    assert not measure([Sample(LAMP)]).keys() & {"rouge1", "bleu", "chrf", "coverage"}


def test_coverage_counts_the_values_of_which_every_word_is_said() -> None:
    assert coverage(Sample(LAMP, values=("Steel", "linen shade", "cotton", "steel wire"))) == 50


def test_repetition_counts_runs_of_four_words_that_came_before() -> None:
    assert repetition("one two three four one two three four") == pytest.approx(20)
    assert repetition("one two three") == 0


def test_distinct_is_the_share_of_different_runs_over_all_texts() -> None:
    assert distinct(["red red", "red blue"], 1) == 50
    assert distinct([], 1) == 0


def test_texts_that_read_alike_have_a_higher_self_bleu_than_texts_that_do_not() -> None:
    others = ["A wool blanket for cold nights.", "Bright red mugs, six in a box."]
    assert self_bleu([LAMP, LAMP, LAMP])[0] == pytest.approx(100)
    assert max(self_bleu([LAMP, *others])) < 20


def test_long_words_in_long_sentences_ask_for_a_higher_grade() -> None:
    assert grade("The cat sat. It ran.") < grade("Extraordinary considerations necessitate comprehensive deliberation.")


def test_an_interval_holds_its_mean_and_comes_out_the_same_again() -> None:
    found = estimate([0.0, 50.0, 100.0, 100.0])
    assert found.low < found.value == 62.5 < found.high
    assert found == estimate([0.0, 50.0, 100.0, 100.0])
    assert estimate([]).value == 0


def test_more_examples_give_a_narrower_interval() -> None:
    few, many = estimate([0.0, 100.0] * 5), estimate([0.0, 100.0] * 500)
    assert many.high - many.low < few.high - few.low


def test_correlation_is_pearsons() -> None:
    assert correlation([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]).value == pytest.approx(1)
    assert correlation([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]).value == pytest.approx(-1)
    assert correlation([1.0, 1.0], [1.0, 2.0]).value == 0
