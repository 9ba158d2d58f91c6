"""Each outcome publishes what it must, and one ledger entry, always."""

from __future__ import annotations

import pytest

from schemas import avsc, topics
from schemas.codec import Codec, ErrorClass
from schemas.ledger import ContentWithheld, DeadLetter, GenerationOutcome, RuleHit
from schemas.outputs import ProductDescription
from schemas.record import Record
from schemas.registry import FakeRegistry
from tests import factories
from workers.messages import Consumed, Partition, Result
from workers.outcome import Cost, Undeliverable, Withheld, Written
from workers.publish import Publisher

SOURCE = Consumed(Partition(topics.REQUESTS_BULK.name, 3), 17, factories.NOW_MS, b"P1", b"bytes", (("h", b"v"),))
BY_NAME = {topic.name: topic for topic in topics.ALL}


@pytest.fixture
def codec() -> Codec:
    registry = FakeRegistry()
    for topic in topics.ALL:
        registry.register(topic.subject, avsc.text_of(topic.record))
    return Codec(registry)


@pytest.fixture
def publisher(codec: Codec) -> Publisher:
    return Publisher(codec, "w1", lambda: factories.NOW_MS)


def records(codec: Codec, result: Result) -> dict[str, Record | None]:
    """Give what a result publishes, by topic."""
    found = {}
    for message in result.messages:
        record = codec.decode(BY_NAME[message.topic], message.value) if message.value is not None else None
        assert record is None or isinstance(record, Record)
        found[message.topic] = record
    return found


def withheld() -> Withheld:
    hits = (RuleHit(rule="unsupported-material", detail="'silk' is not in the facts"),)
    record = ContentWithheld(
        request_id="Q1",
        task="product-description",
        subject="P1",
        locale="en",
        source_version=1,
        hits=hits,
        ruleset_version="1",
        candidate="{}",
        model="m",
        model_revision="r",
        withheld_unix_ms=factories.NOW_MS,
    )
    return Withheld(record, Cost(output_tokens=40))


def test_a_written_text_is_published_under_its_key_with_its_cost_in_the_ledger(
    publisher: Publisher, codec: Codec
) -> None:
    written = Written(factories.description(), Cost(prompt_tokens=90, output_tokens=60))

    result = publisher.generated(SOURCE, factories.request(), written, seconds=1.5)

    found = records(codec, result)
    entry = found[topics.GENERATION_OUTCOMES.name]
    assert isinstance(found[topics.PRODUCT_DESCRIPTIONS.name], ProductDescription)
    assert result.messages[0].key == b"P1|en"
    assert isinstance(entry, GenerationOutcome)
    assert (entry.partition, entry.offset, entry.outcome, entry.origin) == (3, 17, "published", "model")
    assert (entry.prompt_tokens, entry.output_tokens, entry.seconds) == (90, 60, 1.5)


def test_a_withheld_text_takes_back_what_was_published_before(publisher: Publisher, codec: Codec) -> None:
    result = publisher.generated(SOURCE, factories.request(), withheld(), seconds=1.5)

    found = records(codec, result)
    entry = found[topics.GENERATION_OUTCOMES.name]
    assert found[topics.PRODUCT_DESCRIPTIONS.name] is None
    assert isinstance(found[topics.CONTENT_WITHHELD.name], ContentWithheld)
    assert isinstance(entry, GenerationOutcome)
    assert (entry.outcome, entry.rules) == ("withheld", ("unsupported-material",))


def test_a_dead_letter_has_the_original_bytes_the_place_and_the_reason(publisher: Publisher, codec: Codec) -> None:
    outcome = Undeliverable(ErrorClass.INTERNAL_ERROR, "generation failed")

    result = publisher.generated(SOURCE, factories.request(), outcome, seconds=0.1)

    found = records(codec, result)
    letter = found[topics.DEAD_LETTERS.name]
    assert found[topics.PRODUCT_DESCRIPTIONS.name] is None  # what was published stated facts that have changed since
    assert isinstance(letter, DeadLetter)
    assert (letter.topic, letter.partition, letter.offset) == (SOURCE.partition.topic, 3, 17)
    assert (letter.key, letter.value, letter.headers[0].value) == (b"P1", b"bytes", b"v")
    assert (letter.error_class, letter.error) == ("internal-error", "generation failed")


@pytest.mark.parametrize("why", ["superseded", "duplicate"])
def test_a_dropped_request_publishes_its_ledger_entry_alone(publisher: Publisher, codec: Codec, why: str) -> None:
    result = publisher.dropped(SOURCE, factories.request(), "superseded" if why == "superseded" else "duplicate")

    (entry,) = records(codec, result).values()
    assert isinstance(entry, GenerationOutcome)
    assert entry.outcome == why


def test_the_letter_of_a_message_larger_than_any_topic_takes_is_kept_by_its_topic(
    publisher: Publisher, codec: Codec
) -> None:
    bomb = SOURCE._replace(key=b"k" * 2**20, headers=(("h", b"h" * (13 * 2**20)),), value=b"x" * (9 * 2**20))

    result = publisher.unreadable(bomb, ErrorClass.TOO_LARGE, "too large")

    letter = records(codec, result)[topics.DEAD_LETTERS.name]
    assert isinstance(letter, DeadLetter)
    assert (len(letter.value or b""), letter.offset) == (8 * 2**20, 17)
    assert "only the first 8388608 of 9437184 bytes of the value (sha256 " in letter.error
    (message,) = (each for each in result.messages if each.topic == topics.DEAD_LETTERS.name)
    assert message.key == letter.key
    assert len(message.key or b"") + len(message.value or b"") < topics.DEAD_LETTERS.max_message_bytes


def test_bytes_that_were_no_request_are_in_the_ledger_by_their_place(publisher: Publisher, codec: Codec) -> None:
    result = publisher.unreadable(SOURCE, ErrorClass.BAD_MAGIC_BYTE, "no zero byte")

    entry = records(codec, result)[topics.GENERATION_OUTCOMES.name]
    assert isinstance(entry, GenerationOutcome)
    assert (entry.request_id, entry.outcome, entry.locale) == (f"{SOURCE.partition}/17", "dead-lettered", "und")
