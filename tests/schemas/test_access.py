"""A refusal is told from an absence: the one is permanent, the other passes."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from schemas.access import refusal


@pytest.mark.parametrize(
    ("code", "told", "advice"),
    [
        (KafkaError._AUTHENTICATION, "SASL authentication error: invalid credentials", "KAFKA_SASL_PASSWORD_FILE"),
        (KafkaError._SSL, "SSL handshake failed: certificate verify failed", "KAFKA_CA_FILE"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, "Broker: Topic authorization failed", "shelftalk secure"),
        (KafkaError.GROUP_AUTHORIZATION_FAILED, "Broker: Group authorization failed", "the consumer group"),
        (KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, "failed", "the transactional id"),
    ],
)
def test_a_refusal_says_what_to_do(code: int, told: str, advice: str) -> None:
    refused = refusal(KafkaError(code, told))
    assert refused is not None
    assert told in str(refused)
    assert advice in str(refused)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (KafkaError._TRANSPORT, "Connection refused"),
        (KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down"),
        (KafkaError._TIMED_OUT, "Local: Timed out"),
        (KafkaError._AUTHENTICATION, "SASL SCRAM-SHA-512 mechanism handshake failed: Local: Broker transport failure"),
        (KafkaError._SSL, "SSL handshake failed: Disconnected"),
        (KafkaError.NOT_COORDINATOR, "Broker: Not coordinator"),
    ],
)
def test_a_broker_that_is_away_or_dies_in_a_handshake_refuses_nobody(code: int, told: str) -> None:
    assert refusal(KafkaError(code, told)) is None
