"""The part of the evidence that is nearest to an answer."""

from __future__ import annotations

import pytest

from training.spans import nearest

KIT = "this case comes with 40 markers, 64 crayons, and 15 large pieces of paper; it weighs 2 kg."


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ("it has 15 large pieces of paper", "15 large pieces of paper"),
        ("it weighs 2 kg", "it weighs 2 kg."),
        ("it comes with 40 markers and 64 crayons", "this case comes with 40 markers, 64 crayons"),
        ("ask the seller", None),
    ],
)
def test_the_nearest_run_of_clauses_is_given(answer: str, part: str | None) -> None:
    assert nearest(KIT, answer) == part


def test_a_part_is_always_a_quotation() -> None:
    assert nearest("so it is red", "it is red") == "it is red"
    assert nearest("", "it is red") is None
