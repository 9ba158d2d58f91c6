"""What the model answers: JSON of a shape fixed in code, read strictly, mended only by leaving out a cut-off end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Generic, TypeVar

import pydantic_core
from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.ledger import RuleHit
from workers.guard.text import joined, normalise, sentences

UNREADABLE = "unreadable"
"""The rule that refuses a text which is not the JSON that was asked for."""

_ENDS = (".", "!", "?", ".\u201d", '."', "\u3002")


class Answer(BaseModel):
    """Base of the shapes that tasks ask for; the fields come in the order in which the model writes them."""

    model_config = ConfigDict(frozen=True, extra="forbid")


A = TypeVar("A", bound=Answer)


@dataclass(frozen=True, slots=True)
class Read(Generic[A]):
    """An answer, and whether it had to lose an unfinished end."""

    answer: A
    cut_off: bool


def json_schema(shape: type[Answer]) -> str:
    """Give the shape as a JSON schema for constrained decoding, without the words meant for people."""
    schema = shape.model_json_schema()
    for drop in ("title", "description"):
        schema.pop(drop, None)
    for field in schema["properties"].values():
        field.pop("title", None)
    return json.dumps(schema, separators=(",", ":"))


def read_answer(text: str, shape: type[A]) -> Read[A] | RuleHit:
    """Parse the model's text; one that ran out of tokens is read as far as it goes, else the hit says why not."""
    try:
        return Read(shape.model_validate_json(text), cut_off=False)
    except ValidationError:
        pass
    try:
        begun = pydantic_core.from_json(text, allow_partial="trailing-strings")
        return Read(shape.model_validate(_without_end(begun, shape)), cut_off=True)
    except (ValidationError, ValueError, TypeError):
        return RuleHit(rule=UNREADABLE, detail="the answer is not the JSON that was asked for")


def _without_end(begun: dict[str, object], shape: type[Answer]) -> dict[str, object]:
    """Give what was begun with nothing for the fields never reached; of several, the one it broke off in is dropped."""
    reached = list(begun)
    broken = {reached[-1]: ""} if len(reached) > 1 else {}
    return dict.fromkeys(shape.model_fields, "") | begun | broken


def whole_sentences(text: str) -> str:
    """Give the text without an unfinished last sentence."""
    row = sentences(normalise(text))
    return joined(row if row and row[-1].endswith(_ENDS) else row[:-1])
