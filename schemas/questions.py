"""What is asked about a product, and what a person of the shop answers to what is asked often."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.events import Text
from schemas.record import Identifier, Locale, Record, UnixMs
from schemas.request import Question

MAX_ANSWER_CHARACTERS = 300
"""A reviewed answer is as short as a reply: it is given word for word."""

MAX_ENTRIES = 100
"""A product has no more frequent questions than a person can look after."""

Answer = Annotated[str, Field(min_length=1, max_length=MAX_ANSWER_CHARACTERS)]


class ProductQuestion(Record):
    """A shopper's question on its way to what is known of the product that it names."""

    question_id: Identifier
    occurred_unix_ms: UnixMs
    question: Question

    @property
    def product_id(self) -> str:
        """Give the product that is asked about, nothing where none was named."""
        return self.question.product_id or ""


class FaqEntry(Record):
    """What a person decided about a question that shoppers ask about a product, in one language.

    An approved one has the answer to each of `wordings`, and holds while the product's record has the fingerprint
    `rests_on`. A rejected one has no answer and is not proposed again.
    """

    entry_id: Identifier
    status: Literal["approved", "rejected"]
    locale: Locale
    wordings: tuple[Text, ...]
    answer: Answer | None = None
    rests_on: str = ""
    reviewed_by: str
    reviewed_unix_ms: UnixMs


class ProductFaq(Record):
    """A product's frequent questions as people have decided on them."""

    product_id: Identifier
    entries: Annotated[tuple[FaqEntry, ...], Field(max_length=MAX_ENTRIES)]
