"""Puts what a person decided on its topic, so that of two people at once neither undoes the other's decision."""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException, Producer

from deploy.endpoints import Endpoints
from deploy.faq.read import NotWritten
from schemas.codec import Codec
from schemas.questions import MAX_ENTRIES, FaqEntry, ProductFaq
from schemas.rights import FAQ_TRANSACTIONS
from schemas.topics import PRODUCT_FAQS

TRANSACTIONAL_ID = FAQ_TRANSACTIONS
"""One for all: whoever decides ends what another, begun earlier, has not committed yet."""

_ANSWER_SECONDS = 30.0
_FENCED = frozenset({KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED})


class FaqWriter:
    """Writes in transactions of which only the latest writer's can be committed.

    Made before what stands on the topic is read: so no decision is written over one that was not seen.
    """

    def __init__(self, endpoints: Endpoints, codec: Codec) -> None:
        self._codec = codec
        self._producer = Producer(
            endpoints.kafka()
            | {
                "transactional.id": TRANSACTIONAL_ID,
                "partitioner": "murmur2_random",
                "transaction.timeout.ms": 30_000,
                # The streams read none but gzip without further packages.
                "compression.type": "none",
                "reconnect.backoff.max.ms": 1_000,
            }
        )
        try:
            self._producer.init_transactions(_ANSWER_SECONDS)
        except KafkaException as error:
            raise NotWritten(
                f"the broker at {endpoints.bootstrap} opens no transaction ({error}): see that it runs; "
                "nothing was decided"
            ) from error

    def write(self, faq: ProductFaq) -> None:
        """Write a product's whole FAQ; returns when it is committed. Raises NotWritten."""
        value = self._codec.encode(PRODUCT_FAQS, faq)
        try:
            self._producer.begin_transaction()
            self._producer.produce(PRODUCT_FAQS.name, value, faq.product_id.encode())
            self._producer.flush(_ANSWER_SECONDS)
            self._producer.commit_transaction(_ANSWER_SECONDS)
        except KafkaException as error:
            if error.args[0].code() in _FENCED:
                raise NotWritten("somebody else decides at the same time: run the same command again") from error
            raise NotWritten(f"whether it was decided is not known ({error}): `show` tells") from error


def decided(faq: ProductFaq, entry: FaqEntry) -> ProductFaq:
    """Give the FAQ with a decision, instead of any earlier one on the same question in the same language.

    A rejection is one in every language. Raises NotWritten when the product has too many entries.
    """
    others = tuple(each for each in faq.entries if not _is_replaced(each, entry))
    if len(others) >= MAX_ENTRIES:
        raise NotWritten(f"product {faq.product_id} has {len(others)} entries already: no more are kept")
    return faq.model_copy(update={"entries": (*others, entry)})


def _is_replaced(old: FaqEntry, new: FaqEntry) -> bool:
    is_same_language = old.locale == new.locale or "rejected" in (old.status, new.status)
    return old.entry_id == new.entry_id and is_same_language
