"""The smallest JSON for a schema."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from workers.engines.engine import PromptRejected
from workers.engines.sample_json import sample_json


class Quote(BaseModel):
    """A nested part."""

    text: str = Field(min_length=30, max_length=40)
    stars: int = Field(ge=1, le=5)


class Answer(BaseModel):
    """What a task's schema may look like."""

    kind: Literal["long", "short"]
    quotes: tuple[Quote, ...] = Field(min_length=2)
    sure: bool
    note: str | None


def test_a_sample_is_valid_for_a_records_schema() -> None:
    sample = sample_json(json.dumps(Answer.model_json_schema()))
    answer = Answer.model_validate_json(sample)
    assert (answer.kind, len(answer.quotes)) == ("long", 2)


def test_a_sample_is_always_the_same() -> None:
    schema = json.dumps(Answer.model_json_schema())
    assert sample_json(schema) == sample_json(schema)


@pytest.mark.parametrize(
    "schema",
    ["{", "[]", '{"type": "string", "pattern": "a"}', '{"$ref": "#/no"}', '{"type": "object", "required": ["a"]}'],
)
def test_a_schema_that_cannot_be_satisfied_is_rejected(schema: str) -> None:
    with pytest.raises(PromptRejected):
        sample_json(schema)
