"""Messages and deliveries for the tests of the streams, and a codec that knows every schema."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from schemas import avsc, topics
from schemas.codec import Codec
from schemas.record import Record
from schemas.registry import FakeRegistry
from schemas.topics import PRODUCT_CREATED, SOURCE_VERSION_HEADER, Topic
from streams.message import Message
from tests.factories import NOW_MS


def codec_on(registry: FakeRegistry) -> Codec:
    """Give a codec on a registry where everything was provisioned."""
    for topic in topics.ALL:
        registry.register(topic.subject, avsc.text_of(topic.record))
    return Codec(registry)


def message(topic: Topic, key: bytes | None, value: Record | bytes | None, *, offset: int = 0) -> Message:
    """Give a message on partition 1 with a header."""
    raw = codec_on(FakeRegistry()).encode(topic, value) if isinstance(value, Record) else value
    return Message(topic.name, 1, offset, NOW_MS, key, raw, (("trace", b"t1"),))


def deletion(version: bytes | None, key: bytes = b"P1") -> Message:
    """Give a product's deletion with this version in its header."""
    return replace(message(PRODUCT_CREATED, key, None), headers=((SOURCE_VERSION_HEADER, version),))


@dataclass(slots=True)
class FakeDelivery:
    """A delivery that notes what became of it; `acknowledged` may be shared to see the order."""

    message: Message
    generation: int = 1
    is_taken_away: bool = False
    acknowledged: list[int] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)

    def is_ours(self) -> bool:
        return not self.is_taken_away

    def acknowledge(self) -> None:
        self.acknowledged.append(self.message.offset)

    def give_up(self) -> None:
        self.given_up.append(self.message.offset)
