"""Sends a catalogue's outbox to Kafka: nothing is lost, what is repeated is harmless, and it may be killed at any time.

Made to be copied with `catalogue.py` and `connect.py`: they need `schemas`, confluent-kafka and typer.
docs/integration.md says why they are as they are.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Annotated

import typer
from confluent_kafka import KafkaError, KafkaException, Producer

from deploy.examples.catalogue import DATABASE, Database, forget_sent, open_catalogue, sendable
from deploy.examples.connect import connect
from schemas.access import AccessRefused
from schemas.codec import Codec
from schemas.headers import deletion_headers
from schemas.registry import RegistryError
from schemas.topics import EVENT_LIMIT_BYTES, PRODUCT_CREATED

_BATCH = 100
_ANSWER_SECONDS = 10.0
_COMMIT_SECONDS = 30.0
_PAUSE_SECONDS = 0.2
_RETRY_SECONDS = 1.0

_FINAL = (
    KafkaError._FENCED,
    KafkaError.PRODUCER_FENCED,
    KafkaError.INVALID_PRODUCER_EPOCH,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
)
"""What waiting does not mend: another relay has taken over, or we have no right to write."""


class CannotRelay(Exception):
    """No event can be sent as things stand; the message says what to do next. The outbox keeps them all."""


def relay(
    database: sqlite3.Connection, codec: Codec, settings: Mapping[str, str | int], *, until_empty: bool = False
) -> None:
    """Send what is in the outbox, then what comes in; a broker that is away is waited for. Raises CannotRelay."""
    while True:
        try:
            producer = Producer(dict(settings))
            # Ends the transaction of a relay that died, and shuts out one that still lives.
            producer.init_transactions(_ANSWER_SECONDS)
            while (sent := send_batch(database, codec, producer)) or not until_empty:
                if not sent:
                    time.sleep(_PAUSE_SECONDS)
        except KafkaException as error:
            why = error.args[0].str()
            if error.args[0].code() in _FINAL:
                raise CannotRelay(f"{why}: does another relay run, or may this user not write?") from error
            sys.stderr.write(f"the broker takes no events ({why}): trying again\n")
            time.sleep(_RETRY_SECONDS)
        else:
            return


def send_batch(database: sqlite3.Connection, codec: Codec, producer: Producer) -> int:
    """Send a batch in one Kafka transaction, then take it off the outbox, and give its size; raises KafkaException.

    After a crash in between it is sent again: the same versions of the same products, which cost nothing downstream.
    """
    events = sendable(database, limit=_BATCH)
    if not events:
        return 0
    producer.begin_transaction()
    for event in events:
        value = None if event.record is None else codec.encode(PRODUCT_CREATED, event.record)
        headers = [] if event.record else [*deletion_headers(event.source_version)]
        producer.produce(PRODUCT_CREATED.name, value, event.product_id.encode(), headers=headers)
    producer.commit_transaction(_COMMIT_SECONDS)
    forget_sent(database, events)
    return len(events)


def producer_settings(client: Mapping[str, str], name: str) -> dict[str, str | int]:
    """Give the settings that the contract demands of whoever writes events, and what makes a lone relay quick."""
    return {
        **client,
        "transactional.id": f"shelftalk-catalogue-{name}",  # idempotent, acks=all, and one relay at a time
        "partitioner": "murmur2_random",  # librdkafka's default puts keys where streams do not look for them
        "message.max.bytes": 2 * EVENT_LIMIT_BYTES,
        "retry.backoff.ms": 5,  # with the default each commit takes 100 ms
        "reconnect.backoff.max.ms": 1_000,
        "log_level": 2,
    }


app = typer.Typer(name="relay", help=__doc__, add_completion=False)


@app.command()
def main(
    database: Database = DATABASE,
    *,
    name: Annotated[
        str, typer.Option(help="One for each catalogue: of two relays the newer shuts out the other.")
    ] = "shop",
    until_empty: Annotated[bool, typer.Option("--until-empty", help="End when all events are sent.")] = False,
) -> None:
    """Send the events of a catalogue's outbox to Kafka, and go on as new ones come.

    KAFKA_BOOTSTRAP and SCHEMA_REGISTRY_URL say where to; without them it is this machine.
    """
    with closing(open_catalogue(database)) as catalogue, suppress(KeyboardInterrupt):
        try:
            client, codec = connect()
            codec.warm(PRODUCT_CREATED)  # from here on the registry may be away
            relay(catalogue, codec, producer_settings(client, name), until_empty=until_empty)
        except (CannotRelay, AccessRefused, RegistryError) as error:
            raise SystemExit(f"{type(error).__name__}: {error}") from error


if __name__ == "__main__":
    app()
