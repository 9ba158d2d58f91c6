"""What is known of the letters' subjects comes from the topics, each read once and only if it is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from confluent_kafka import Message

from deploy.dead_letters.content import Content
from deploy.dead_letters.judge import Known, Sighting, Verdict, judge, text_key
from deploy.dead_letters.known import known_of, marks_of
from deploy.dead_letters.letter import Letter, LetterId, listed
from deploy.reader import Reader, Spot
from schemas import topics
from schemas.ledger import GenerationOutcome, OutcomeKind
from schemas.registry import FakeRegistry
from streams.product_state import known as known_state
from streams.shop import Shop
from tests.factories import NOW_MS, dead_letter, description, product, request, review
from tests.streams.messages import codec_on

_CODEC = codec_on(FakeRegistry())
_BULK = topics.REQUESTS_BULK.name
_FAILED_MS = NOW_MS + 1_000
_TEXT = text_key("product-description", "P1", "en")


class FakeReader(Reader):
    """Topics of two partitions in memory; `reads` counts how often each was read."""

    def __init__(self, *messages: Message) -> None:
        self._messages = messages
        self.reads: Counter[str] = Counter()

    def beginnings(self, topic: str) -> dict[Spot, int]:
        return {(topic, number): 0 for number in (0, 1)}

    def since(self, topic: str, unix_ms: int) -> dict[Spot, int]:
        found = [each for each in self._messages if each.topic() == topic and each.timestamp()[1] >= unix_ms]
        return {(topic, number): self._first(found, number) for number in {each.partition() for each in found}}

    def read(self, starts: Mapping[Spot, int]) -> Iterator[Message]:
        self.reads.update({topic for topic, _ in starts})
        for each in self._messages:
            start = starts.get((each.topic(), each.partition()))
            if start is not None and each.offset() >= start:
                yield each

    def _first(self, found: list[Message], number: int) -> int:
        return min(int(each.offset()) for each in found if each.partition() == number)


def message(
    topic: str, offset: int, value: bytes | None, *, key: bytes = b"P1", at_ms: int = _FAILED_MS, **headers: bytes
) -> Message:
    named = [(name.replace("_", "-"), each) for name, each in headers.items()]
    return Message(topic=topic, partition=1, offset=offset, key=key, value=value, headers=named, timestamp=(1, at_ms))


def outcome(
    kind: OutcomeKind, offset: int, *, request_id: str = "Q9", subject: str = "P1", task: str = "product-description"
) -> Message:
    entry = GenerationOutcome(
        request_id=request_id,
        topic=_BULK,
        partition=1,
        offset=offset,
        task=task,
        subject=subject,
        locale="en",
        source_version=1,
        outcome=kind,
        worker="w",
        finished_unix_ms=_FAILED_MS,
    )
    raw = _CODEC.encode(topics.GENERATION_OUTCOMES, entry)
    return message(topics.GENERATION_OUTCOMES.name, offset, raw, key=subject.encode())


def known_about(content: Content, source: FakeReader, *, topic: str = _BULK) -> Known:
    return known_of([(Letter(LetterId(0, 7), dead_letter(topic)), content)], source, _CODEC)


def sightings(*messages: Message) -> tuple[Sighting, ...]:
    return known_about(request(), FakeReader(*messages)).texts[_TEXT]


def test_the_ledger_speaks_of_the_text_and_of_no_other() -> None:
    found = sightings(outcome("withdrawn", 12), outcome("published", 13, subject="P2"))
    assert found == (Sighting(1, _FAILED_MS, "was withdrawn since", (_BULK, 1, 12)),)


def test_what_another_task_wrote_under_the_same_key_is_newer_than_a_request_for_it() -> None:
    waiting = message(_BULK, 12, b"", text=b"localisation|en|1", request_id=b"Q5")
    found = sightings(waiting, outcome("published", 13, task="localisation"), outcome("published", 14, task="ad-copy"))
    assert [each.what for each in found] == ["was asked for since", "was published since"]


def test_a_repetition_that_came_to_nothing_says_nothing_about_its_own_request() -> None:
    found = sightings(outcome("duplicate", 12), outcome("dead-lettered", 13, request_id="Q8"), outcome("published", 14))
    assert [each.only_repeats for each in found] == ["Q9", "Q8", None]


def test_published_copy_is_seen_and_a_tombstone_says_nothing() -> None:
    topic, raw = topics.PRODUCT_DESCRIPTIONS.name, _CODEC.encode(topics.PRODUCT_DESCRIPTIONS, description())
    found = sightings(message(topic, 3, raw, key=b"P1|en"), message(topic, 4, raw, key=b"P1|de"))
    assert found == (Sighting(1, NOW_MS, "is published"),)
    assert sightings(message(topic, 4, None, key=b"P1|en")) == ()


def test_a_request_that_still_waits_is_seen_by_its_headers() -> None:
    waiting = message(_BULK, 12, b"", text=b"product-description|en|5", request_id=b"Q5")
    others = [message(_BULK, 13, b"", text=text) for text in (b"review-summary|en|6", b"junk", b"a|b|c", b"\xff|en|x")]
    found = sightings(waiting, *others)
    assert found == (Sighting(5, _FAILED_MS, "was asked for since", (_BULK, 1, 12), only_repeats="Q5"),)


def test_a_request_that_was_put_back_counts_for_other_letters_of_the_same_request() -> None:
    text, mark = b"product-description|en|1", b"dead-letters/0/6"
    back = message(_BULK, 12, b"", text=text, request_id=b"Q1", redriven_from=mark)
    seen = known_about(request(), FakeReader(back))
    judged = judge(Letter(LetterId(0, 7), dead_letter(_BULK)), request(), seen, now_unix_ms=_FAILED_MS)
    assert judged.verdict is Verdict.STALE


def test_reading_begins_right_behind_the_letters_message_whatever_the_clocks_say() -> None:
    old_ms = NOW_MS - 24 * 60 * 60 * 1000
    back = message(_BULK, 11, b"", at_ms=old_ms, redriven_from=b"dead-letters/0/7")
    own = message(_BULK, 10, b"", at_ms=old_ms, redriven_from=b"dead-letters/0/6")
    assert known_about(request(), FakeReader(own, back)).redriven == {b"dead-letters/0/7"}
    assert marks_of([listed(Letter(LetterId(0, 7), dead_letter(_BULK)))], FakeReader(own, back)) == {
        b"dead-letters/0/7"
    }


def test_a_product_is_known_by_the_streams_state_and_by_what_waits_behind_the_letter() -> None:
    name, state = topics.PRODUCTS_CHANGELOG.name, known_state(product(version=3), None, Shop())
    waiting = [
        message(topics.PRODUCT_CREATED.name, 12, _CODEC.encode(topics.PRODUCT_CREATED, product(version=4))),
        message(topics.PRODUCT_CREATED.name, 13, None),
        message(topics.PRODUCT_CREATED.name, 14, b"junk"),
        message(topics.PRODUCT_CREATED.name, 15, None, key=b"P2"),
    ]
    change = message(name, 1, state.model_dump_json().encode(), at_ms=NOW_MS)
    seen = known_about(product(), FakeReader(*waiting, change), topic="product-created").products["P1"]
    assert (seen.state, seen.changed_unix_ms) == (state, NOW_MS)
    assert [(each.offset, each.version) for each in seen.events] == [(12, 4), (13, None)]


def test_each_topic_is_read_once_and_only_those_that_matter() -> None:
    several = FakeReader()
    letters = [Letter(LetterId(0, number), dead_letter(_BULK, offset=number)) for number in range(5)]
    known_of([(each, request()) for each in letters], several, _CODEC)
    assert several.reads == {_BULK: 1, "product-descriptions": 1}
    reviewed = FakeReader()
    known_about(review(), reviewed, topic="review-posted")
    assert reviewed.reads == {"review-posted": 1, topics.REVIEWS_CHANGELOG.name: 1}
