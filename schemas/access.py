"""Refusals by the broker or the registry: permanent, unlike their absence, so nobody tries again for ever."""

from __future__ import annotations

import os
from typing import Final

from confluent_kafka import KafkaError

EX_REFUSED: Final = os.EX_NOPERM
"""A process whose credentials or rights are refused ends with this (77): starting it again alone will not help."""

_PASSING: Final = ("transport failure", "timed out", "disconnected", "connection reset")
"""What a handshake says that a dying broker cut short; who we are was not judged."""

_CREDENTIALS: Final = (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED)

_DENIED: Final = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "a topic",
    KafkaError.GROUP_AUTHORIZATION_FAILED: "the consumer group",
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "the transactional id",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: "the cluster",
}


class AccessRefused(Exception):
    """The other side knows what we want and will not have it: credentials or rights must change first (permanent)."""


def refusal(error: KafkaError, what: str = "") -> AccessRefused | None:
    """Give what a client's error says about who we are, as something that a person can act on; None for other errors.

    `what` names what was asked for, where the error does not.
    """
    told = error.str()
    if error.code() in _DENIED:
        return AccessRefused(
            f"the broker denies us {what or _DENIED[error.code()]} ({told}): this user's rights do not cover it; see "
            "KAFKA_SASL_USER, and `shelftalk secure --dry-run` for who may do what"
        )
    if any(sign in told.lower() for sign in _PASSING):
        return None
    if error.code() in _CREDENTIALS:
        return AccessRefused(
            f"the broker refuses our user or password ({told}): see KAFKA_SASL_USER, KAFKA_SASL_PASSWORD_FILE and "
            "KAFKA_SASL_MECHANISM; `shelftalk secure` makes users"
        )
    if error.code() == KafkaError._SSL:
        return AccessRefused(
            f"no TLS with the broker ({told}): see KAFKA_CA_FILE, KAFKA_CERTIFICATE_FILE and the address's host name"
        )
    return None


def raise_refusal(error: KafkaError) -> None:
    """Raise AccessRefused where a client reports one: as its `error_cb`, out of the poll that it is in."""
    if (refused := refusal(error)) is not None:
        raise refused
