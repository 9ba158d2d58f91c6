"""The base of everything that crosses a topic."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_AMOUNT_STEP = Decimal("0.0001")
"""The scale of the Avro decimal in `shelftalk.Money.avsc`."""


class Record(BaseModel):
    """A frozen value whose fields are exactly those of the `.avsc` file of the same name."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings", hide_input_in_errors=True)


def _is_language_tag(tag: str) -> str:
    parts = tag.split("-")
    if not (2 <= len(parts[0]) <= 3 and tag.isascii() and all(part.isalnum() and len(part) <= 8 for part in parts)):
        raise ValueError("not a BCP 47 language tag such as 'en' or 'de-AT'")
    return tag


def _to_scale(amount: Decimal) -> Decimal:
    scaled = amount.quantize(_AMOUNT_STEP)
    if scaled != amount:
        raise ValueError("an amount has at most 4 decimal places")
    return scaled


Identifier = Annotated[str, Field(min_length=1, max_length=256)]
"""An id that the shop chose; opaque to us."""

Locale = Annotated[str, Field(max_length=35), AfterValidator(_is_language_tag)]
"""A BCP 47 language tag (RFC 5646), such as `en` or `de-AT`."""

Amount = Annotated[Decimal, Field(ge=0, max_digits=18), AfterValidator(_to_scale)]
"""A sum of money in units of its currency, exact to 4 decimal places."""

Version = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""A number that grows with each change of its subject; the larger one is the newer."""

UnixMs = Annotated[int, Field(ge=0, le=2**53)]
"""Milliseconds since 1970-01-01T00:00:00Z."""


def unix_ms(moment: datetime) -> int:
    """Give a time-zone-aware moment in milliseconds since the Unix epoch."""
    return int(moment.timestamp() * 1000)
