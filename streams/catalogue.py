"""The whole catalogue beside every shopper: a follower of the product topic with its own store on disk.

Activity is keyed by shopper, products by product: they meet here. Faust's GlobalTable is unreliable with more than one
instance (faust-streaming/faust issue 283), and all that is needed is the newest facts per id.
"""

from __future__ import annotations

import logging
import threading
import time
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage
from confluent_kafka.admin import AdminClient, OffsetSpec
from pydantic import BaseModel, ConfigDict
from rocksdict import Options, Rdict, WriteBatch

from schemas.access import AccessRefused, raise_refusal
from schemas.codec import Codec
from schemas.connection import OPEN, Security
from schemas.events import Product, ProductFacts
from schemas.registry import RegistryUnavailable
from schemas.rights import CATALOGUE_GROUP
from schemas.topics import PRODUCT_CREATED
from streams.decode import ProductDeleted, Rejection, decode_product
from streams.errors import BrokerUnavailable
from streams.message import Message
from streams.recommend import prefixes

_BATCH = 500
_POLL_SECONDS = 0.1
_PAUSE_SECONDS = 1.0
_END_SECONDS = 5.0

log = structlog.get_logger()


class _Entry(BaseModel):
    """A product as of a version; a deleted one has no facts but keeps its version."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: int
    facts: ProductFacts | None


@dataclass(frozen=True, slots=True)
class CatalogueSource:
    """Where the catalogue comes from and where it is kept; no other process may use the folder."""

    bootstrap: str
    folder: Path
    security: Security = OPEN

    def client(self) -> dict[str, str]:
        """Give a client's settings: where the broker is and who we are; never logged."""
        return {**self.security.client(), "bootstrap.servers": self.bootstrap}


class Catalogue:
    """The newest facts of every product, read by one thread and kept on disk with the offsets read so far.

    A start reads only what is new since the last one. What cannot be decoded is passed over here: the agent of the
    same topic dead-letters it.
    """

    def __init__(
        self,
        source: CatalogueSource,
        codec: Codec,
        *,
        on_broken: Callable[[], None],
        on_refused: Callable[[AccessRefused], None],
    ) -> None:
        self._source = source
        self._codec = codec
        self._on_broken = on_broken
        self._on_refused = on_refused
        self._index: dict[str, list[str]] = {}
        self._positions: dict[int, int] = {}
        self._moved = threading.Condition()
        self._stopping = threading.Event()
        self._is_broken = False
        self._thread = threading.Thread(target=self._follow, name="catalogue", daemon=True)

    def start(self) -> None:
        """Open the store and begin to follow the topic; raises BrokerUnavailable."""
        self._source.folder.mkdir(parents=True, exist_ok=True)
        self._store = Rdict(str(self._source.folder), options=Options(raw_mode=True))
        self._consumer = Consumer(_consumer_settings(self._source), logger=logging.getLogger("librdkafka"))
        for key, value in self._store.items(from_key=_product_key("")):
            self._index_entry(key[len(_product_key("")) :].decode(), _Entry.model_validate_json(value))
        self._admin = AdminClient(self._source.client(), logger=logging.getLogger("librdkafka"))
        self._places = self._stored_places()
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close the store."""
        self._stopping.set()
        self._thread.join()
        self._consumer.close()
        self._store.close()

    @property
    def is_broken(self) -> bool:
        """Tell whether the follower ended by an error of its own."""
        return self._is_broken

    def product(self, product_id: str) -> ProductFacts | None:
        """Give the newest known facts of a product, None when it is unknown or deleted."""
        entry = self._entry(product_id)
        return entry.facts if entry else None

    def near(self, categories: tuple[str, ...], limit: int) -> Iterator[ProductFacts]:
        """Give up to `limit` products that share a category path, or a part of it, deepest first, then by id."""
        paths = {prefix for category in categories for prefix in prefixes(category)}
        met: dict[str, None] = {}
        for path in sorted(paths, key=lambda path: (-path.count("/"), path)):
            # A copy: the follower's thread may add to the list meanwhile. Twice the limit, since a path repeats its
            # children's products.
            met |= dict.fromkeys(self._index.get(path, [])[: 2 * limit])
        for product_id in list(met)[:limit]:
            product = self.product(product_id)
            if product is not None:
                yield product

    def catch_up(self, timeout_seconds: float) -> bool:
        """Wait until all that is in the topic now is in the store; False after the time-out.

        Raises BrokerUnavailable when the end of the topic cannot be asked for.
        """
        deadline = time.monotonic() + timeout_seconds
        ends = self._ends()
        with self._moved:
            while not all(self._positions.get(partition, -1) >= end for partition, end in ends.items()):
                if not self._moved.wait(deadline - time.monotonic()):
                    return False
        return True

    def _ends(self) -> dict[int, int]:
        # The consumer could be asked as well, but librdkafka 2.16 may then wait for ever after the broker was away.
        places = [TopicPartition(PRODUCT_CREATED.name, partition) for partition in self._positions]
        asked = self._admin.list_offsets(
            dict.fromkeys(places, OffsetSpec.latest()),
            isolation_level=IsolationLevel.READ_COMMITTED,
            request_timeout=_END_SECONDS,
        )
        try:
            return {place.partition: int(found.result(_END_SECONDS).offset) for place, found in asked.items()}
        except (KafkaException, TimeoutError) as error:
            raise BrokerUnavailable(f"no end of the catalogue: {error}") from error

    def _follow(self) -> None:
        try:
            self._consumer.assign(self._places)
            while not self._stopping.is_set():
                self._apply(self._consumer.consume(_BATCH, timeout=_POLL_SECONDS))
        except _Stopped:
            return
        except AccessRefused as error:
            self._on_refused(error)
        except Exception:
            # A catalogue that stands still is worse than none: the process ends, and its supervisor starts it anew.
            log.exception("catalogue follower broke")
            self._is_broken = True
            self._on_broken()

    def _stored_places(self) -> list[TopicPartition]:
        try:
            partitions = (
                self._admin.list_topics(PRODUCT_CREATED.name, timeout=_END_SECONDS)
                .topics[PRODUCT_CREATED.name]
                .partitions
            )
        except KafkaException as error:
            raise BrokerUnavailable(f"no partitions of the catalogue: {error}") from error
        stored = {partition: self._store.get(_offset_key(partition)) for partition in partitions}
        self._positions = {partition: int(offset or 0) for partition, offset in stored.items()}
        return [
            TopicPartition(PRODUCT_CREATED.name, partition, OFFSET_BEGINNING if offset is None else int(offset))
            for partition, offset in stored.items()
        ]

    def _apply(self, messages: list[KafkaMessage]) -> None:
        entries: dict[str, _Entry] = {}
        positions: dict[int, int] = {}
        for message in messages:
            partition, offset, error = message.partition(), message.offset(), message.error()
            if error is None:
                self._read(message, entries)
                positions[partition] = offset + 1
            elif error.code() == KafkaError._PARTITION_EOF:
                positions[partition] = offset
            else:
                raise_refusal(error)
                log.warning("catalogue follower waits", error=str(error))
        if positions:
            self._keep(entries, positions)

    def _keep(self, entries: dict[str, _Entry], positions: dict[int, int]) -> None:
        batch = WriteBatch(raw_mode=True)
        for product_id, entry in entries.items():
            self._unindex(product_id)
            batch.put(_product_key(product_id), entry.model_dump_json().encode())
        for partition, offset in positions.items():
            batch.put(_offset_key(partition), str(offset).encode())
        self._store.write(batch)
        for product_id, entry in entries.items():
            self._index_entry(product_id, entry)
        with self._moved:
            self._positions |= positions
            self._moved.notify_all()

    def _read(self, message: KafkaMessage, entries: dict[str, _Entry]) -> None:
        event = self._event(message)
        if isinstance(event, Rejection):
            return
        known = entries.get(event.product_id) or self._entry(event.product_id)
        if isinstance(event, ProductDeleted):
            version = event.source_version
            if known is not None and (version is None or version >= known.version):
                entries[event.product_id] = _Entry(version=known.version if version is None else version, facts=None)
        elif known is None or event.source_version > known.version:
            facts = ProductFacts.model_validate(event.model_dump(include=set(ProductFacts.model_fields)))
            entries[event.product_id] = _Entry(version=event.source_version, facts=facts)

    def _event(self, message: KafkaMessage) -> Product | ProductDeleted | Rejection:
        while not self._stopping.is_set():
            try:
                return decode_product(_as_read(message), self._codec)
            except RegistryUnavailable:
                self._stopping.wait(_PAUSE_SECONDS)
        raise _Stopped

    def _entry(self, product_id: str) -> _Entry | None:
        raw = self._store.get(_product_key(product_id))
        return _Entry.model_validate_json(raw) if raw is not None else None

    def _index_entry(self, product_id: str, entry: _Entry) -> None:
        for path in _paths(entry):
            insort(self._index.setdefault(path, []), product_id)

    def _unindex(self, product_id: str) -> None:
        entry = self._entry(product_id)
        for path in _paths(entry) if entry else ():
            self._index[path].remove(product_id)


class _Stopped(Exception):
    """The follower was told to stop in the middle of a batch, which is then read again by the next start."""


def _as_read(message: KafkaMessage) -> Message:
    try:
        headers = tuple((name, value) for name, value in message.headers() or () if not isinstance(value, str))
    except SystemError:  # what the client makes of a name that is no UTF-8
        headers = ()
    place = (message.topic() or "", message.partition() or 0, message.offset() or 0)
    return Message(*place, message.timestamp()[1], message.key(), message.value(), headers)


def _paths(entry: _Entry) -> set[str]:
    categories = entry.facts.categories if entry.facts else ()
    return {prefix for category in categories for prefix in prefixes(category)}


def _product_key(product_id: str) -> bytes:
    return b"p:" + product_id.encode()


def _offset_key(partition: int) -> bytes:
    return b"\0offset:" + str(partition).encode()


def _consumer_settings(source: CatalogueSource) -> dict[str, str | int | bool | Callable[[KafkaError], None]]:
    return {
        **source.client(),
        "error_cb": raise_refusal,
        # librdkafka wants a group's name even of a consumer that joins none and commits nothing.
        "group.id": CATALOGUE_GROUP,
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 50,
        "reconnect.backoff.ms": 500,
        "reconnect.backoff.max.ms": 5_000,
        "fetch.message.max.bytes": PRODUCT_CREATED.max_message_bytes,
    }
