"""What is remembered does not get into logs by way of an error."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from streams.catalogue import _Entry
from streams.product_state import ProductState
from streams.question_state import QuestionState
from streams.review_state import KnownReview, ReviewState
from streams.shopper_state import ShopperState


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
