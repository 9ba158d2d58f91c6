"""What has happened to the letters' subjects since, gathered from the topics, each of them read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from confluent_kafka import Message

from deploy.dead_letters.content import TARGETS, Content
from deploy.dead_letters.judge import Known, KnownProduct, ProductEvent, Sighting, TextKey, text_key
from deploy.dead_letters.letter import Letter, Listed, listed
from deploy.reader import Reader, Spot
from schemas import tasks, topics
from schemas.codec import Codec
from schemas.events import Activity, Product, Review
from schemas.headers import TextName, text_name
from schemas.keys import CopyKey
from schemas.ledger import GenerationOutcome, OutcomeKind
from schemas.provenance import Copy
from schemas.request import GenerationRequest
from schemas.topics import REDRIVEN_HEADER, REQUEST_ID_HEADER, Topic
from streams.decode import ProductDeleted
from streams.product_state import ProductState
from streams.review_state import ReviewState
from streams.shopper_state import ShopperState

S = TypeVar("S", ProductState, ReviewState, ShopperState)
Found = Sequence[tuple[Letter, Content | None]]

_SKEW_MS = 10 * 60 * 1000
"""So far apart may the clocks of two machines be."""

_COPY = {task.output.name: task.output for task in tasks.ALL}

_CAME_TO_NOTHING: tuple[OutcomeKind, ...] = ("duplicate", "dead-lettered")


def known_of(found: Found, source: Reader, codec: Codec) -> Known:
    """Give what is known about these letters; raises CannotRead and RegistryUnavailable."""
    requests = [content for _, content in found if isinstance(content, GenerationRequest)]
    texts = {text_key(each.task, each.subject, each.locale) for each in requests}
    products = {name for _, content in found if (name := _product_id(content))}
    seen = _Seen(texts, products, codec)
    for message in _since_then([listed(letter) for letter, _ in found], source):
        seen.again(message)
    seen.outcomes(_outcomes(found, source) if texts else ())
    for name in sorted({name for name, _, _ in texts} & _COPY.keys()):
        seen.copy(source.read(source.beginnings(name)), _COPY[name])
    product_states = _states(source, topics.PRODUCTS_CHANGELOG.name, ProductState, products)
    reviewed = {content.product_id for _, content in found if isinstance(content, Review)}
    shoppers = {content.user_id for _, content in found if isinstance(content, Activity)}
    return Known(
        redriven=frozenset(seen.marks),
        products={name: _product(name, product_states, seen) for name in products},
        reviews=_latest(_states(source, topics.REVIEWS_CHANGELOG.name, ReviewState, reviewed)),
        shoppers=_latest(_states(source, topics.SHOPPERS_CHANGELOG.name, ShopperState, shoppers)),
        texts={key: tuple(sightings) for key, sightings in seen.texts.items()},
    )


def marks_of(letters: Sequence[Listed], source: Reader) -> frozenset[bytes]:
    """Give the marks of all letters among these that were put back before; raises CannotRead."""
    found = (_headers(message).get(REDRIVEN_HEADER) for message in _since_then(letters, source))
    return frozenset(mark for mark in found if mark)


class _Seen:
    """What messages tell about some texts and products, and which letters they say they are from."""

    def __init__(self, texts: set[TextKey], products: set[str], codec: Codec) -> None:
        self.marks: set[bytes] = set()
        self.texts: dict[TextKey, list[Sighting]] = {key: [] for key in texts}
        self.events: dict[str, list[ProductEvent]] = {name: [] for name in products}
        self._subjects = {subject.encode() for _, subject, _ in texts}
        self._codec = codec

    def again(self, message: Message) -> None:
        """Take in a message of a topic that letters go back to."""
        headers = _headers(message)
        if mark := headers.get(REDRIVEN_HEADER):
            self.marks.add(mark)
        key = (message.key() or b"").decode(errors="replace")
        if message.topic() == topics.PRODUCT_CREATED.name and key in self.events:
            self._product(message, self.events[key])
        if message.key() in self._subjects and (name := text_name(headers.items())):
            self._request(message, key, headers, name)

    def outcomes(self, messages: Iterable[Message]) -> None:
        """Take in the ledger."""
        for message in messages:
            if message.key() not in self._subjects:
                continue
            entry = self._codec.decode(topics.GENERATION_OUTCOMES, message.value() or b"")
            if isinstance(entry, GenerationOutcome):
                place = (entry.topic, entry.partition, entry.offset)
                repeats = entry.request_id if entry.outcome in _CAME_TO_NOTHING else None
                what = f"was {entry.outcome} since"
                self._sight(
                    text_key(entry.task, entry.subject, entry.locale),
                    Sighting(entry.source_version, entry.finished_unix_ms, what, place, repeats),
                )

    def copy(self, messages: Iterable[Message], topic: Topic) -> None:
        """Take in a topic of published copy; of one that was taken back the ledger tells."""
        wanted = {CopyKey(subject, locale).encode() for name, subject, locale in self.texts if name == topic.name}
        for message in messages:
            if message.key() not in wanted or message.value() is None:
                continue
            copy, key = self._codec.decode(topic, message.value()), CopyKey.decode(message.key())
            if isinstance(copy, Copy):
                by = copy.provenance
                sighting = Sighting(by.source_version, by.generated_unix_ms, "is published")
                self._sight((topic.name, key.subject, key.locale), sighting)

    def _product(self, message: Message, events: list[ProductEvent]) -> None:
        value = message.value()
        record = None if value is None else self._codec.decode(topics.PRODUCT_CREATED, value)
        if record is None or isinstance(record, Product):
            version = record.source_version if record else None
            events.append(ProductEvent(message.partition(), message.offset(), version))

    def _request(self, message: Message, subject: str, headers: Mapping[str, bytes], name: TextName) -> None:
        place = (message.topic(), message.partition(), message.offset())
        # To a worker a request that was put back is no repetition: it is another.
        repeats = None if REDRIVEN_HEADER in headers else headers.get(REQUEST_ID_HEADER, b"").decode(errors="replace")
        asked_unix_ms = message.timestamp()[1]
        sighting = Sighting(name.source_version, asked_unix_ms, "was asked for since", place, repeats or None)
        self._sight(text_key(name.task, subject, name.locale), sighting)

    def _sight(self, key: TextKey, sighting: Sighting) -> None:
        if key in self.texts:
            self.texts[key].append(sighting)


def _since_then(letters: Sequence[Listed], source: Reader) -> Iterator[Message]:
    """Give, of the topics that letters go back to, what came after the oldest of these letters' messages."""
    for topic in sorted({letter.topic for letter in letters} & TARGETS.keys()):
        yield from source.read(_tail(topic, [letter for letter in letters if letter.topic == topic], source))


def _tail(topic: str, letters: Sequence[Listed], source: Reader) -> dict[Spot, int]:
    """Give where to begin so that nothing is missed that came after the oldest of the letters' messages."""
    # A letter was put back only after it was written: no earlier, but for clocks that differ.
    starts = source.since(topic, min(letter.failed_unix_ms for letter in letters) - _SKEW_MS)
    there = source.beginnings(topic)
    for letter in letters:
        spot = (topic, letter.partition)
        if spot in there:
            starts[spot] = min(letter.offset + 1, starts.get(spot, letter.offset + 1))
    return starts


def _outcomes(found: Found, source: Reader) -> Iterator[Message]:
    """Give the ledger from the time on when the oldest of the requests was made."""
    records = [letter.record for letter, content in found if isinstance(content, GenerationRequest)]
    made = min(each.timestamp_unix_ms if each.timestamp_unix_ms > 0 else each.failed_unix_ms for each in records)
    return source.read(source.since(topics.GENERATION_OUTCOMES.name, made - _SKEW_MS))


def _states(source: Reader, changelog: str, state: type[S], names: set[str]) -> dict[str, tuple[S, int]]:
    """Give the streams' newest states under these names, each with the time of its last change."""
    found: dict[str, tuple[S, int]] = {}
    for message in source.read(source.beginnings(changelog)) if names else ():
        name = (message.key() or b"").decode(errors="replace")
        if name in names and message.value() is not None:
            found[name] = (state.model_validate_json(message.value()), message.timestamp()[1])
    return found


def _latest(states: Mapping[str, tuple[S, int]]) -> dict[str, S]:
    return {name: state for name, (state, _) in states.items()}


def _product(name: str, states: Mapping[str, tuple[ProductState, int]], seen: _Seen) -> KnownProduct:
    state, changed_unix_ms = states.get(name, (None, 0))
    return KnownProduct(state, changed_unix_ms, tuple(seen.events[name]))


def _product_id(content: Content | None) -> str | None:
    return content.product_id if isinstance(content, Product | ProductDeleted) else None


def _headers(message: Message) -> dict[str, bytes]:
    return {name: value for name, value in message.headers() or () if isinstance(value, bytes)}
