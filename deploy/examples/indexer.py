"""A search indexer: published descriptions into a local index, each change once, and into OpenSearch if asked.

Made to be copied with `search_index.py`, `opensearch.py` and `connect.py`; they need `schemas`, confluent-kafka and
typer. docs/integration.md says why they are as they are.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from deploy.examples.connect import connect
from deploy.examples.opensearch import BulkRefused, bulk, post
from deploy.examples.search_index import (
    Change,
    apply,
    empty,
    next_offsets,
    open_index,
    search,
    seconds_since_followed,
)
from schemas.access import AccessRefused
from schemas.codec import Codec, Undecodable
from schemas.outputs import ProductDescription
from schemas.registry import RegistryError
from schemas.topics import PRODUCT_DESCRIPTIONS

_ANSWER_SECONDS = 10.0
_POLL_SECONDS = 0.3
_BATCH = 500
_NOTED_EVERY_SECONDS = 60.0
_WITHDRAWALS_KEPT_SECONDS = 24 * 60 * 60.0
"""The topic's `delete.retention.ms`: who was away for longer may never see a withdrawal."""

_FINAL = (KafkaError._AUTO_OFFSET_RESET, KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED)
"""What waiting does not mend; everything else that a consumer reports it mends itself, as when a broker is away."""


class CannotIndex(Exception):
    """The index cannot be brought up to date as things stand; the message says what to do next."""


def follow(
    index: sqlite3.Connection,
    consumer: Consumer,
    codec: Codec,
    *,
    opensearch: str = "",
    rebuild: bool = False,
    until_end: bool = False,
) -> None:
    """Bring every committed change into the index from where it stands, for ever or up to the end of the topic.

    It may be killed at any time, and started again goes on. Raises CannotIndex, BulkRefused and RegistryError.
    """
    if not rebuild and seconds_since_followed(index) > _WITHDRAWALS_KEPT_SECONDS:
        raise CannotIndex("this index was away for so long that it may have missed withdrawals: start with --rebuild")
    unread = _partitions(consumer)
    if rebuild:
        empty(index)
    known = next_offsets(index)  # the index's own offsets count, and nobody else's
    name = PRODUCT_DESCRIPTIONS.name
    consumer.assign([TopicPartition(name, number, known.get(number, OFFSET_BEGINNING)) for number in unread])
    noted = -_NOTED_EVERY_SECONDS
    while unread or not until_end:
        messages = consumer.consume(_BATCH, _POLL_SECONDS)
        changes = [change for message in messages if (change := _change(message, codec))]
        if opensearch and changes:
            post(
                opensearch, bulk(changes, index=PRODUCT_DESCRIPTIONS.name)
            )  # first: what is in the index is never sent again
        if changes or time.monotonic() - noted > _NOTED_EVERY_SECONDS:
            apply(index, changes)
            noted = time.monotonic()
        unread -= {message.partition() for message in messages if _is_end(message.error())}


def _partitions(consumer: Consumer) -> set[int]:
    name = PRODUCT_DESCRIPTIONS.name
    try:
        found = consumer.list_topics(name, timeout=_ANSWER_SECONDS).topics[name]
    except KafkaException as error:
        raise CannotIndex(f"no broker answers: run `shelftalk up`, or name yours ({error.args[0].str()})") from error
    if found.error is not None:
        raise CannotIndex(f"{name}: {found.error.str()}: run `shelftalk provision`")
    return set(found.partitions)


def _is_end(error: KafkaError | None) -> bool:
    return error is not None and error.code() == KafkaError._PARTITION_EOF


def _change(message: Message, codec: Codec) -> Change | None:
    """Give what a message changes; None for one that is no text, which is told and passed over."""
    error, value = message.error(), message.value()
    if error is not None:
        if error.fatal() or error.code() in _FINAL:
            raise CannotIndex(
                f"the topic cannot be read from here ({error.str()}): see rights, or start with --rebuild"
            )
        return None
    copy = None if value is None else codec.decode(PRODUCT_DESCRIPTIONS, value)
    if copy is None or isinstance(copy, ProductDescription):
        return Change(message.partition(), message.offset(), (message.key() or b"").decode(errors="replace"), copy)
    why = copy.error_class if isinstance(copy, Undecodable) else type(copy).__name__
    sys.stderr.write(f"passed over {message.partition()}/{message.offset()}: {why}\n")
    return None


def consumer_of(client: Mapping[str, str]) -> Consumer:
    """Give a consumer as readers of published copy need it."""
    return Consumer(
        {
            **client,
            "isolation.level": "read_committed",  # else texts are seen that were never published
            "group.id": "shelftalk-reader-index",  # a name only: no group is joined, nothing is committed
            "enable.auto.commit": False,
            "auto.offset.reset": "error",  # a place that is gone is told, not jumped over
            "enable.partition.eof": True,
            "reconnect.backoff.max.ms": 1_000,
            "log_level": 2,
        }
    )


app = typer.Typer(name="indexer", help=__doc__, no_args_is_help=True, add_completion=False)
Index = Annotated[Path, typer.Option("--index", help="The index's SQLite file; made where missing.")]
_INDEX = Path("var/examples/index.db")


@app.command("follow")
def follow_topic(
    index: Index = _INDEX,
    *,
    opensearch: Annotated[str, typer.Option(help="Also send changes here, as in http://127.0.0.1:9200.")] = "",
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Empty the index and begin anew.")] = False,
    until_end: Annotated[bool, typer.Option("--until-end", help="End when all that is there is in.")] = False,
) -> None:
    """Bring published descriptions into the index as they come, and take withdrawn ones out.

    KAFKA_BOOTSTRAP and SCHEMA_REGISTRY_URL say where from; without them it is this machine.
    """
    with closing(open_index(index)) as opened, suppress(KeyboardInterrupt):
        try:
            client, codec = connect()
            with closing(consumer_of(client)) as consumer:
                follow(opened, consumer, codec, opensearch=opensearch, rebuild=rebuild, until_end=until_end)
        except (CannotIndex, BulkRefused, AccessRefused, RegistryError) as error:
            raise SystemExit(f"{type(error).__name__}: {error}") from error


@app.command("query")
def query(words: str, *, locale: str = "", limit: int = 3, index: Index = _INDEX) -> None:
    """Search the index, and say of each hit who wrote it and where each of its claims stands in the shop's record."""
    if not index.exists():
        raise SystemExit(f"there is no index at {index}: fill one with `follow`")
    with closing(open_index(index)) as opened:
        for copy in search(opened, words, locale=locale, limit=limit):
            made = copy.provenance
            claims = [claim for evidence in made.evidence for claim in evidence.claims]
            lines = [f"{copy.product_id} ({copy.locale}): {copy.headline}", f"  {copy.body}"]
            lines.append(f"  by {made.origin} ({made.model}), from version {made.source_version} of the record")
            lines += [f"  {claim.text!r} <- {claim.source}: {claim.value}" for claim in claims]
            typer.echo("\n".join("".join(filter(str.isprintable, line)) for line in dict.fromkeys(lines)))


if __name__ == "__main__":
    app()
