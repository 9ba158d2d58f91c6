"""What is remembered does not get into logs by way of an error."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from schemas.events import Review
from schemas.flood import FloodLimits
from schemas.registry import FakeRegistry
from schemas.topics import REVIEW_POSTED
from streams import settle as settling
from streams.catalogue import _Entry
from streams.decode import Rejection
from streams.floods import Floods
from streams.logs import log_as_json
from streams.message import Message
from streams.product_state import ProductState
from streams.question_state import QuestionState
from streams.refusals import Refusals
from streams.review_state import KnownReview, ReviewState
from streams.send import FakeWriter, Sender
from streams.settle import Settler
from streams.shopper_state import ShopperState
from streams.tally import Tally
from tests.streams.messages import FakeDelivery, codec_on, message


@pytest.mark.parametrize(
    ("model", "broken"),
    [
        (ProductState, '{"version": "private words"}'),
        (ReviewState, '{"reviews": [{"body": ["private words"]}]}'),
        (KnownReview, '{"body": ["private words"]}'),
        (ShopperState, '{"steps": [{"title": ["private words"]}]}'),
        (QuestionState, '{"wordings": [{"text": ["private words"]}]}'),
        (_Entry, '{"version": "private words", "facts": {"title": ["private words"]}}'),
        (ReviewState, '{"reviews": private words'),
    ],
)
def test_a_state_that_cannot_be_read_is_not_quoted(model: type[BaseModel], broken: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(broken)
    assert "private" not in str(caught.value)


async def test_a_step_that_fails_is_logged_without_what_it_met(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async def broken(message: Message) -> Rejection | None:
        Review.model_validate({"review_id": "R1", "body": [words]})
        return None

    words = "quince words"
    monkeypatch.setattr(settling, "_PAUSES_SECONDS", (0.0,))
    log_as_json("INFO")
    sender, delivery = Sender(FakeWriter(), codec_on(FakeRegistry())), FakeDelivery(message(REVIEW_POSTED, b"P1", b"R"))
    refusals = Refusals(on_refused=lambda: None)
    settler = Settler(sender, Tally(), Floods(FloodLimits(), on_flood=lambda: None), refusals)
    assert await settler.settle(delivery, broken)
    told = capfd.readouterr().err
    assert "step failed" in told
    assert '"place": "review-posted/' in told
    assert "quince" not in told
