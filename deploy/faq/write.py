"""Puts what a person decided about a frequent question on its topic."""

from __future__ import annotations

from deploy.endpoints import Endpoints
from deploy.faq.read import CannotApprove
from deploy.kafka_writer import DecisionWriter
from schemas.codec import Codec
from schemas.questions import MAX_ENTRIES, FaqEntry, ProductFaq
from schemas.rights import FAQ_TRANSACTIONS
from schemas.topics import PRODUCT_FAQS


class FaqWriter:
    """Writes FAQs whole; made before what stands on the topic is read. Raises NotWritten."""

    def __init__(self, endpoints: Endpoints, codec: Codec) -> None:
        self._codec = codec
        self._writer = DecisionWriter(endpoints, FAQ_TRANSACTIONS)

    def write(self, faq: ProductFaq) -> None:
        """Write a product's whole FAQ; returns when it is committed."""
        self._writer.write(PRODUCT_FAQS, faq.product_id, self._codec.encode(PRODUCT_FAQS, faq))


def decided(faq: ProductFaq, entry: FaqEntry) -> ProductFaq:
    """Give the FAQ with a decision, instead of any earlier one on the same question in the same language.

    A rejection is one in every language. Raises CannotApprove when the product has too many entries.
    """
    others = tuple(each for each in faq.entries if not _is_replaced(each, entry))
    if len(others) >= MAX_ENTRIES:
        raise CannotApprove(f"product {faq.product_id} has {len(others)} entries already: no more are kept")
    return faq.model_copy(update={"entries": (*others, entry)})


def _is_replaced(old: FaqEntry, new: FaqEntry) -> bool:
    is_same_language = old.locale == new.locale or "rejected" in (old.status, new.status)
    return old.entry_id == new.entry_id and is_same_language
