"""The two loads: what the messages are, and the work that a request makes beside its delivery."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from confluent_kafka import Message as ReadMessage
from confluent_kafka import Producer

from schemas import avsc, topics
from schemas.codec import Codec, Undecodable
from schemas.headers import request_headers
from schemas.record import Record
from schemas.registry import FakeRegistry
from schemas.request import Facts, GenerationRequest
from schemas.topics import REQUESTS_BULK, Topic
from tests import factories
from workers.messages import Consumed, Partition, Produced, Result
from workers.outcome import Cost, Outcome, Written
from workers.publish import Publisher

LoadName = Literal["bytes", "records"]
OUTPUT = "bench-output"
_SIZE = 1024
_NUMBER = struct.Struct(">I")


def input_topic(load: LoadName) -> str:
    """Name the topic that holds a load's requests."""
    return f"bench-{load}"


@dataclass(frozen=True, slots=True)
class Load:
    """A codec and a publisher to put into a worker, and the same work as one function for a plain loop."""

    codec: Codec
    publisher: Publisher
    outcome: Outcome
    serve: Callable[[ReadMessage, Producer], None]


@dataclass(frozen=True, slots=True)
class Message:
    """One request message as the streams would send it."""

    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def messages(load: LoadName, count: int) -> Iterator[Message]:
    """Give requests of 1 KB, each about a text of its own."""
    codec = _codec()
    for number in range(count):
        request = _request(number) if load == "records" else _bare(number)
        value = codec.encode(REQUESTS_BULK, request) if load == "records" else _raw(number)
        yield Message(request.subject.encode(), value, request_headers(request))


def load_for(load: LoadName, *, count: int) -> Load:
    """Give what serves a load of so many messages."""
    return _bytes_load(count) if load == "bytes" else _records_load()


# ---- bytes: the delivery alone


class _NumberedCodec(Codec):
    """Gives requests that were made beforehand: reading costs nothing."""

    def __init__(self, count: int) -> None:
        super().__init__(FakeRegistry())
        self._requests = [_bare(number) for number in range(count)]

    def decode(self, topic: Topic, raw: bytes) -> Record | Undecodable:
        number: int = _NUMBER.unpack_from(raw)[0]
        return self._requests[number]

    def needs_registry(self, raw: bytes) -> bool:
        return False

    def warm(self, *topics: Topic) -> None:
        """Do nothing."""


class _CopyingPublisher(Publisher):
    """Publishes the message that came in, and no ledger entry."""

    def generated(self, source: Consumed, request: GenerationRequest, outcome: Outcome, *, seconds: float) -> Result:
        return Result(source.offset, (Produced(OUTPUT, source.key, source.value),))


def _bytes_load(count: int) -> Load:
    codec = _NumberedCodec(count)
    publisher = _CopyingPublisher(codec, "bench", _now_ms)
    return Load(codec, publisher, _written(), _copy)


def _copy(message: ReadMessage, producer: Producer) -> None:
    producer.produce(OUTPUT, key=message.key(), value=message.value())


def _raw(number: int) -> bytes:
    noise = random.Random(number).randbytes(_SIZE - _NUMBER.size)  # noqa: S311 - the same bytes in every run
    return _NUMBER.pack(number) + noise


# ---- records: Avro in, a text and its ledger entry out


def _records_load() -> Load:
    codec = _codec()
    publisher = Publisher(codec, "bench", _now_ms)
    written = _written()

    def serve(message: ReadMessage, producer: Producer) -> None:
        value = message.value()
        place = Partition(message.topic(), message.partition())
        source = Consumed(place, message.offset(), 0, message.key(), value, ())
        request = codec.decode(REQUESTS_BULK, value)
        if not isinstance(request, GenerationRequest):
            raise TypeError(f"not a request: {request}")
        for one in publisher.generated(source, request, written, seconds=0.0).messages:
            producer.produce(one.topic, key=one.key, value=one.value)

    return Load(codec, publisher, written, serve)


def _codec() -> Codec:
    registry = FakeRegistry()
    for topic in topics.ALL:
        registry.register(topic.subject, avsc.text_of(topic.record))
    codec = Codec(registry)
    codec.warm()
    return codec


def _request(number: int) -> GenerationRequest:
    """Give a request that takes 1 KB as a record."""
    product = factories.product(f"P{number}", description="A soft fleece jacket. " * 38)
    facts = Facts(product=factories.facts_of(product, "brand", "categories", "attributes", "description"))
    return factories.request(f"Q{number}", subject=f"P{number}", facts=facts)


_ONE = factories.request(facts=Facts())


def _bare(number: int) -> GenerationRequest:
    return _ONE.model_copy(update={"request_id": f"Q{number}", "subject": f"P{number}"})


def _written() -> Written:
    """Give a text of 1 KB as a record."""
    copy = factories.description().model_copy(update={"body": "A soft fleece jacket. " * 32})
    return Written(copy, Cost(90, 0, 60))


def _now_ms() -> int:
    return factories.NOW_MS
