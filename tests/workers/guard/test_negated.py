"""A value that is a negation denies what it negates, though the attribute's name seems to say it."""

from __future__ import annotations

import pytest

from tests.workers.guard.reading import allowed
from workers.guard.negated import negated


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"scent": "Unscented"}, "It is scented."),
        ({"scent": "Unscented"}, "A scented candle stick."),
        ({"scent": "Fragrance-free"}, "It is scented."),
        ({"fragrance": "Without fragrance"}, "It is scented."),
        ({"scent": "No scent"}, "It is scented."),
        ({"scent": "Unscented", "scent.family": "Any"}, "It has a fresh scent."),
        ({"lining": "Unlined"}, "It is lined."),
        ({"insulation": "Non-insulated"}, "It is insulated."),
        ({"sleeve_type": "Sleeveless"}, "It has a sleeve."),
        ({"waterproof": "Yes"}, "Waterproof: No"),
        ({"waterproof": "Yes"}, "Waterproof is no."),
        ({"lining": "Fleece"}, "The lining is unlined."),
    ],
)
def test_what_a_value_negates_may_not_be_said(facts: dict[str, str], text: str) -> None:
    assert not allowed(text, **facts)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"scent": "Unscented"}, "It is unscented."),
        ({"scent": "Unscented"}, "It has no scent."),
        ({"scent": "Unscented"}, "The scent is unscented."),
        ({"scent": "Lavender"}, "It has a lavender scent."),
        ({"lining": "Unlined"}, "Lining: Unlined"),
        ({"sleeve_type": "Sleeveless"}, "The sleeve type is sleeveless."),
        ({"insulation": "Non-insulated"}, "It is not insulated."),
        ({"waterproof": "No"}, "Waterproof: No"),
        ({"finish": "Stainless steel"}, "A stainless steel finish."),
        ({"union": "Uniform"}, "A uniform union."),
        ({"feature": "BPA-free"}, "It is BPA free."),
    ],
)
def test_what_a_value_negates_may_be_denied_and_the_value_named(facts: dict[str, str], text: str) -> None:
    assert allowed(text, **facts)


@pytest.mark.parametrize("word", ["union", "uniform", "under", "unit", "unique", "universal", "nonna", "less", "bless"])
def test_a_word_that_only_looks_like_a_negation_negates_nothing(word: str) -> None:
    assert negated(word) == ""
