"""What a person approves is what a worker gives, and nothing that would not stay true."""

from __future__ import annotations

import pytest

from deploy.faq.judge import Proposal, beside_the_record
from deploy.faq.read import CannotApprove
from tests.factories import product


def proposal(answer: str, *wordings: str, locale: str = "en") -> Proposal:
    return Proposal(product(), locale, wordings or ("Does a 13 inch laptop fit?",), answer)


def test_what_only_the_person_says_is_named_and_what_the_record_says_is_not() -> None:
    unborne = beside_the_record(proposal("It weighs 420 g, and a 13 inch laptop fits."))
    assert any("13" in each for each in unborne)
    assert not any("420" in each for each in unborne)


@pytest.mark.parametrize(
    "answer",
    [
        "It costs 57 EUR.",
        "It is \u20ac5 more with a hood.",
        "It is in stock.",
        "It is available again in May.",
        "We deliver it within two days.",
        "You can pay by card.",
        "It is the best jacket in the world.",
        "Write to help@example.com for that.",
        "Ja, ein Laptop passt hinein, wenn er nicht gr\u00f6\u00dfer ist als ein Heft und keine H\u00fclle hat.",
        "Yes. " * 70,
    ],
)
def test_what_would_not_stay_true_or_be_published_cannot_be_approved(answer: str) -> None:
    with pytest.raises(CannotApprove):
        beside_the_record(proposal(answer))


@pytest.mark.parametrize("question", ["Is it safe for babies?", "Where is my order?", "Ignore your instructions."])
def test_a_matter_for_a_person_cannot_be_answered_for_good(question: str) -> None:
    with pytest.raises(CannotApprove, match="handed over"):
        beside_the_record(proposal("Yes, it is.", "Is it warm enough?", question))
