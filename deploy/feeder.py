"""Sends a shop's events to the input topics, in order, each one confirmed by the broker."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from deploy.endpoints import Endpoints
from deploy.shop_files import PARTS, Line, Part, Reading, Refused, ShopEvent, events, parts_in
from schemas import topics
from schemas.codec import Codec
from schemas.headers import deletion_headers
from schemas.registry import RegistryUnavailable, SchemaNotFound
from schemas.telemetry.trace import Span, SpanContext, Write, subject_digest

_ANSWER_SECONDS = 10.0
_LARGEST_MESSAGE_BYTES = 12 * 1024 * 1024


class CannotFeed(Exception):
    """Nothing can be fed as things stand; the message says what to do next."""


@dataclass(frozen=True, slots=True)
class Sending:
    """How events are sent: `per_second` None is as fast as it goes.

    `loop` begins again at the end, until interrupted. `keep_malformed` sends a refused line as it stands, so that it
    meets the stream's own check.
    """

    per_second: float | None = None
    loop: bool = False
    keep_malformed: bool = False
    write_span: Write | None = None
    """Where the beginning of each event's trace goes; None begins none."""


@dataclass(frozen=True, slots=True)
class FeedProgress:
    """How far a feed is."""

    part: Part
    sent: int
    refused: int


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What was fed: messages by file (deletions and malformed lines included), and what was not."""

    sent: dict[Part, int]
    deletions: int
    malformed: int
    refused: tuple[Refused, ...]
    undelivered: tuple[str, ...]
    seconds: float

    @property
    def total(self) -> int:
        """Give the number of messages that the broker has confirmed."""
        return sum(self.sent.values())


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send, and the line that it comes from."""

    line: Line
    key: bytes
    value: bytes | None
    malformed: bool = False
    headers: tuple[tuple[str, bytes], ...] = ()


def feed_folder(
    folder: Path,
    endpoints: Endpoints,
    *,
    reading: Reading,
    sending: Sending,
    on_progress: Callable[[FeedProgress], None] = lambda _: None,
) -> FeedReport:
    """Feed a shop's files and give the counts once the broker has confirmed every message.

    Raises CannotFeed when the folder has no files, or the broker or the registry is away or not provisioned.
    """
    _require_files(folder)
    codec = _ready_codec(endpoints)
    feeder = Feeder(_ready_producer(endpoints), codec, sending, on_progress)
    try:
        feeder.feed(folder, reading)
    except KeyboardInterrupt:
        feeder.flush()
    return feeder.report()


def count_folder(folder: Path, reading: Reading) -> FeedReport:
    """Give the counts of what would be sent; sends nothing. Raises CannotFeed when the folder has no files."""
    _require_files(folder)
    found = list(events(folder, reading))
    good = [each for each in found if isinstance(each, ShopEvent)]
    counts = Counter(each.line.part for each in good)
    return FeedReport(
        sent={part: counts[part] for part in PARTS},
        deletions=sum(each.record is None for each in good),
        malformed=0,
        refused=tuple(each for each in found if isinstance(each, Refused)),
        undelivered=(),
        seconds=0.0,
    )


def _require_files(folder: Path) -> None:
    if not parts_in(folder):
        raise CannotFeed(f"{folder} has none of {', '.join(f'{part}.jsonl' for part in PARTS)}: see docs/feed.md")


class Feeder:
    """Sends a shop's events through a producer and counts what the broker confirms."""

    def __init__(
        self,
        producer: Producer,
        codec: Codec,
        sending: Sending,
        on_progress: Callable[[FeedProgress], None] = lambda _: None,
    ) -> None:
        self._producer = producer
        self._codec = codec
        self._sending = sending
        self._on_progress = on_progress
        self._sent: Counter[Part] = Counter()
        self._deletions = 0
        self._malformed = 0
        self._refused: dict[str, Refused] = {}
        self._undelivered: list[str] = []
        self._started = time.monotonic()

    def feed(self, folder: Path, reading: Reading) -> None:
        """Send everything once, or again and again; a file is confirmed before the next one begins."""
        while self._round(folder, reading) and self._sending.loop:
            pass

    def _round(self, folder: Path, reading: Reading) -> bool:
        part: Part | None = None
        for outgoing in paced(self._outgoing(events(folder, reading)), self._sending.per_second):
            if part != outgoing.line.part:
                self.flush()
                part = outgoing.line.part
            self._send(outgoing)
            self._on_progress(FeedProgress(part, self._sent.total(), len(self._refused)))
        self.flush()
        return part is not None

    def _outgoing(self, found: Iterable[ShopEvent | Refused]) -> Iterator[Outgoing]:
        for each in found:
            if isinstance(each, ShopEvent):
                value = None if each.record is None else self._codec.encode(each.line.topic, each.record)
                yield Outgoing(each.line, each.key, value, headers=deletion_headers(each.deleted_in_version))
                continue
            self._refused[each.line.place] = each
            if self._sending.keep_malformed and len(each.line.raw) < each.line.topic.max_message_bytes:
                yield Outgoing(each.line, each.key, each.line.raw, malformed=True)

    def _send(self, outgoing: Outgoing) -> None:
        write, begun = self._sending.write_span, time.time_ns()
        context = SpanContext(secrets.token_hex(16), secrets.token_hex(8)) if write else None

        def confirmed(error: KafkaError | None, _: Message) -> None:
            if write and context:
                write(_sent_span(outgoing, context, begun))
            if error is not None:
                self._undelivered.append(f"{outgoing.line.place}: {error.str()}")
                return
            self._sent[outgoing.line.part] += 1
            self._deletions += outgoing.value is None
            self._malformed += outgoing.malformed

        while True:
            try:
                headers = [*outgoing.headers, *(context.headers() if context else ())]
                topic = outgoing.line.topic.name
                self._producer.produce(topic, outgoing.value, outgoing.key, on_delivery=confirmed, headers=headers)
            except BufferError:
                self._producer.poll(0.5)
            except KafkaException as error:
                raise CannotFeed(
                    f"the producer has failed ({error}): feed again, what was sent costs nothing"
                ) from error
            else:
                self._producer.poll(0)
                return

    def flush(self) -> None:
        """Wait until the broker has confirmed, or finally refused, everything sent so far."""
        while self._producer.flush(1.0):
            pass

    def report(self) -> FeedReport:
        """Give the counts."""
        return FeedReport(
            sent={part: self._sent[part] for part in PARTS},
            deletions=self._deletions,
            malformed=self._malformed,
            refused=tuple(self._refused.values()),
            undelivered=tuple(self._undelivered),
            seconds=time.monotonic() - self._started,
        )


def _sent_span(outgoing: Outgoing, context: SpanContext, begun_unix_ns: int) -> Span:
    subject = subject_digest(outgoing.key.decode(errors="replace"))
    attributes = (("topic", outgoing.line.topic.name), ("line", outgoing.line.place), ("subject_digest", subject))
    return Span("send", "producer", context, None, begun_unix_ns, time.time_ns(), attributes)


def paced(
    items: Iterable[Outgoing],
    per_second: float | None,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Outgoing]:
    """Give the items no faster than so many a second; what was late is not caught up by a burst."""
    due = clock()
    for item in items:
        if per_second is not None:
            now = clock()
            if due > now:
                sleep(due - now)
            due = max(due, now) + 1 / per_second
        yield item


def rate(text: str) -> float:
    """Read `50`, `50/s` or `50/m` as events a second; raises ValueError."""
    number, _, unit = text.strip().partition("/")
    seconds = {"": 1, "s": 1, "m": 60}.get(unit.strip())
    if seconds is None or not (found := float(number)) > 0:
        raise ValueError(f"{text!r} is no rate: give events a second, such as 50 or 50/s, or a minute, such as 50/m")
    return found / seconds


def _ready_codec(endpoints: Endpoints) -> Codec:
    codec = Codec(endpoints.registry(timeout_seconds=_ANSWER_SECONDS))
    try:
        codec.warm(*topics.INPUTS)
    except RegistryUnavailable as error:
        raise CannotFeed(
            f"no schema registry answers at {endpoints.registry_url}: run `shelftalk up`, or name yours with "
            "SCHEMA_REGISTRY_URL"
        ) from error
    except SchemaNotFound as error:
        raise CannotFeed("the input schemas are not registered: run `shelftalk provision`") from error
    return codec


def _ready_producer(endpoints: Endpoints) -> Producer:
    producer = Producer(
        {
            **endpoints.kafka(),
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": "murmur2_random",
            "linger.ms": 5,
            "message.max.bytes": _LARGEST_MESSAGE_BYTES,
        }
    )
    try:
        there = producer.list_topics(timeout=_ANSWER_SECONDS).topics
    except KafkaException as error:
        raise CannotFeed(
            f"no broker answers at {endpoints.bootstrap}: run `shelftalk up`, or name yours with KAFKA_BOOTSTRAP"
        ) from error
    missing = [topic.name for topic in topics.INPUTS if topic.name not in there]
    if missing:
        raise CannotFeed(
            f"there is no topic {', '.join(missing)} for us: run `shelftalk provision`, or see what this user may write"
        )
    return producer
