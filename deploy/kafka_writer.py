"""How commands write what people decide: so that of two at once neither undoes what it has not seen."""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException, Producer

from deploy.endpoints import Endpoints
from schemas.topics import Topic

_ANSWER_SECONDS = 30.0
_FENCED = frozenset({KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED})


class NotWritten(Exception):
    """The decision is not on its topic, or nobody knows: look, then run the same command again."""


class DecisionWriter:
    """Writes in transactions of which only the latest writer's can be committed.

    Made before what stands on the topic is read: so no decision is written over one that was not seen. All writers of
    one kind of decision share a `transactional_id`. Raises NotWritten.
    """

    def __init__(self, endpoints: Endpoints, transactional_id: str) -> None:
        self._producer = Producer(
            endpoints.kafka()
            | {
                "transactional.id": transactional_id,
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

    def write(self, topic: Topic, key: str, value: bytes) -> None:
        """Write one decision; returns when it is committed."""
        try:
            self._producer.begin_transaction()
            self._producer.produce(topic.name, value, key.encode())
            self._producer.flush(_ANSWER_SECONDS)
            self._producer.commit_transaction(_ANSWER_SECONDS)
        except KafkaException as error:
            if error.args[0].code() in _FENCED:
                raise NotWritten("somebody else decides at the same time: run the same command again") from error
            raise NotWritten(f"whether it was decided is not known ({error}): `show` tells") from error
