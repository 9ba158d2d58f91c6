"""`shelftalk dead-letters` on the real broker: what was repaired is published, what is old stays old."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Message, Producer
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.dead_letters.letter import Letter, LetterId
from deploy.dead_letters.read import CannotPutBack, NoSuchLetter
from deploy.dead_letters.redrive import Redriver
from deploy.endpoints import Endpoints
from deploy.local.stack import LocalStack
from schemas import topics
from schemas.keys import CopyKey
from schemas.ledger import DeadLetter, GenerationOutcome, Header
from schemas.outputs import ProductDescription
from tests.factories import activity, dead_letter, product, request, review
from tests.integration.processes import environment_of, running
from tests.integration.reading import read_all, read_committed, wait_until
from tests.integration.streamsrun import Shop

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

_WORKER = {
    "SHELFTALK_WORKER_ID": "redrive",
    "SHELFTALK_ENGINE": "fake",
    "SHELFTALK_FAKE__MEDIAN_SECONDS": "0.01",
}


@pytest.fixture(scope="module", autouse=True)
def processes(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have streams and a worker with the fake engine run for all tests of this file."""
    home = tmp_path_factory.mktemp("redrive")
    streams = running("streams", environment=environment_of(stack, home / "s"), log=home / "streams.log")
    worker = running("workers", environment=environment_of(stack, home / "w") | _WORKER, log=home / "worker.log")
    with streams, worker:
        yield


@dataclass(frozen=True, slots=True)
class Operator:
    """A person at the command line, and what the broker has of one shop."""

    shop: Shop

    def runs(self, *arguments: str) -> Result:
        """Run `shelftalk dead-letters ...` without a terminal."""
        where = {"KAFKA_BOOTSTRAP": self.shop.stack.bootstrap, "SCHEMA_REGISTRY_URL": self.shop.stack.registry_url}
        return CliRunner(env=where).invoke(app, ["dead-letters", *arguments], catch_exceptions=False)

    @property
    def endpoints(self) -> Endpoints:
        """Give where broker and registry are."""
        return Endpoints(self.shop.stack.bootstrap, self.shop.stack.registry_url)

    def letters(self, key: str) -> list[dict[str, str]]:
        """Give what the list says about a key."""
        return [json.loads(line) for line in self.runs("list", "--key", key, "--json").stdout.splitlines()]

    def letter_for(self, key: str, *, count: int = 1) -> str:
        """Give the newest letter about a key, once there are so many."""
        wait_until(lambda: len(self.letters(key)) >= count, f"{count} dead letters for {key}")
        return self.letters(key)[-1]["id"]

    def records(self, key: str, *, count: int) -> list[DeadLetter]:
        """Give the letters about a key, whole, once there are so many."""
        wait_until(lambda: len(self.messages(topics.DEAD_LETTERS, key.encode())) >= count, f"{count} letters for {key}")
        raw = [each.value() or b"" for each in self.messages(topics.DEAD_LETTERS, key.encode())]
        found = [self.shop.codec.decode(topics.DEAD_LETTERS, each) for each in raw]
        return [each for each in found if isinstance(each, DeadLetter)]

    def write(self, record: DeadLetter) -> Letter:
        """Put a letter into the topic, as the streams and the workers do."""
        places: list[LetterId] = []
        self.shop.producer.produce(
            topics.DEAD_LETTERS.name,
            self.shop.codec.encode(topics.DEAD_LETTERS, record),
            record.key,
            on_delivery=lambda error, message: places.append(LetterId(message.partition(), message.offset())),
        )
        assert self.shop.producer.flush(30) == 0
        return Letter(places[0], record)

    def copy_version(self, key: str) -> int | None:
        """Give the version of the description that is published, None when there is none."""
        (latest,) = self.messages(topics.PRODUCT_DESCRIPTIONS, CopyKey(key, "en").encode())[-1:] or [None]
        value = latest.value() if latest else None
        copy = None if value is None else self.shop.codec.decode(topics.PRODUCT_DESCRIPTIONS, value)
        return copy.provenance.source_version if isinstance(copy, ProductDescription) else None

    def wait_for_copy(self, key: str, version: int) -> None:
        wait_until(lambda: self.copy_version(key) == version, f"version {version} of {key} published")

    def messages(self, topic: topics.Topic, key: bytes) -> list[Message]:
        """Give the committed messages under a key."""
        return [each for each in read_all(self.shop.stack.bootstrap, topic.name) if each.key() == key]

    def outcomes(self, key: str) -> list[GenerationOutcome]:
        """Give the ledger's entries about a subject, in order."""
        raw = [each.value() or b"" for each in self.messages(topics.GENERATION_OUTCOMES, key.encode())]
        found = [self.shop.codec.decode(topics.GENERATION_OUTCOMES, each) for each in raw]
        return [each for each in found if isinstance(each, GenerationOutcome)]

    def request_letter(self, key: str) -> Letter:
        """Write a letter for the first request that was made about a subject, at its own place."""
        message = self.messages(topics.REQUESTS_BULK, key.encode())[0]
        record = dead_letter(
            topics.REQUESTS_BULK.name,
            partition=message.partition(),
            offset=message.offset(),
            timestamp_unix_ms=message.timestamp()[1],
            failed_unix_ms=message.timestamp()[1],
            key=message.key(),
            value=message.value(),
            headers=tuple({"name": name, "value": value} for name, value in message.headers() or ()),
        )
        return self.write(record)


@pytest.fixture
def operator(stack: LocalStack, producer: Producer, unique: str) -> Operator:
    return Operator(Shop(stack, producer, unique))


@pytest.mark.parametrize("topic", [topics.REQUESTS_BULK, topics.PRODUCT_CREATED], ids=["worker", "streams"])
def test_a_message_that_is_larger_than_any_topic_takes_once_it_is_read_holds_nobody_up(
    operator: Operator, topic: topics.Topic
) -> None:
    name = operator.shop.id("P")
    small = {"bootstrap.servers": operator.shop.stack.bootstrap, "partitioner": "murmur2_random"}
    writer = Producer(small | {"compression.type": "gzip", "message.max.bytes": 20 * 2**20})
    writer.produce(topic.name, b"no magic", name, headers=[("giant", bytes(13 * 2**20)), ("short", b"kept")])
    writer.produce(topic.name, b"no magic either", name)
    assert writer.flush(30) == 0

    found = operator.records(name, count=2)

    assert [each.value for each in found] == [b"no magic", b"no magic either"]
    assert found[0].headers[1] == Header(name="short", value=b"kept")
    assert found[0].error.startswith("only ")


def test_a_repaired_product_is_published_and_goes_back_only_once(operator: Operator, tmp_path: Path) -> None:
    name = operator.shop.id("P")
    operator.shop.send(topics.PRODUCT_CREATED, name, b"no magic")
    letter = operator.letter_for(name)
    assert "still bad" in operator.runs("redrive", letter, "--yes").stdout
    value = tmp_path / "repaired.json"
    value.write_text(product(name, version=3).model_dump_json())

    done = operator.runs("redrive", letter, "--value", str(value), "--yes")
    assert (done.exit_code, "1 put back" in done.stdout) == (0, True)
    operator.wait_for_copy(name, 3)

    again = operator.runs("redrive", letter, "--value", str(value), "--yes", "--force")
    assert (again.exit_code, "already redriven" in again.stdout) == (0, True)
    assert len(operator.messages(topics.PRODUCT_CREATED, name.encode())) == 2


def test_a_repaired_request_is_written_though_its_id_was_seen(operator: Operator, tmp_path: Path) -> None:
    name = operator.shop.id("P")
    asked = request(f"Q-{name}", subject=name)
    headers = [(topics.REQUEST_ID_HEADER, asked.request_id.encode()), (topics.TEXT_HEADER, b"product-description|en|1")]
    operator.shop.producer.produce(topics.REQUESTS_BULK.name, b"no magic", name, headers=headers)
    letter = operator.letter_for(name)
    value = tmp_path / "repaired.json"
    value.write_text(asked.model_dump_json())

    assert "1 put back" in operator.runs("redrive", letter, "--value", str(value), "--yes").stdout

    operator.wait_for_copy(name, 1)
    assert [each.outcome for each in operator.outcomes(name)] == ["published"]
    (back,) = operator.messages(topics.REQUESTS_BULK, name.encode())[1:]
    assert [(header, raw) for header, raw in back.headers() if header != "redriven-from"] == headers


def test_an_old_product_version_does_not_go_back_even_by_force(operator: Operator) -> None:
    name = operator.shop.id("P")
    operator.shop.feed(product(name, version=2))
    operator.wait_for_copy(name, 2)
    old = operator.shop.codec.encode(topics.PRODUCT_CREATED, product(name, version=1))
    letter = operator.write(dead_letter(key=name.encode(), value=old, partition=0, offset=0))

    done = operator.runs("redrive", str(letter.id), "--force", "--yes")

    assert (done.exit_code, "version 2" in done.stdout, "stale" in done.stdout) == (1, True, True)
    assert len(operator.messages(topics.PRODUCT_CREATED, name.encode())) == 1
    assert operator.copy_version(name) == 2


def test_an_old_request_is_judged_stale_and_the_worker_would_drop_it_too(operator: Operator) -> None:
    name = operator.shop.id("P")
    operator.shop.feed(product(name, version=1))
    operator.wait_for_copy(name, 1)
    operator.shop.feed(product(name, version=2, title="Harbour Wool Jacket"))
    operator.wait_for_copy(name, 2)
    letter = operator.request_letter(name)
    assert "stale" in operator.runs("redrive", str(letter.id), "--yes", "--force").stdout

    Redriver(operator.endpoints).put_back([letter])

    wait_until(lambda: len(operator.outcomes(name)) == 3, "the ledger speaks of the request that went back")
    assert {each.outcome for each in operator.outcomes(name)[2:]} <= {"superseded", "duplicate"}
    assert operator.copy_version(name) == 2


def test_a_request_does_not_bring_back_the_text_of_a_product_deleted_since(operator: Operator) -> None:
    name = operator.shop.id("P")
    operator.shop.feed(product(name, version=1))
    operator.wait_for_copy(name, 1)
    operator.shop.send(topics.PRODUCT_CREATED, name, None)
    wait_until(lambda: operator.copy_version(name) is None, "the description withdrawn")
    letter = operator.request_letter(name)

    done = operator.runs("redrive", str(letter.id), "--yes")

    assert (done.exit_code, "version 1 was withdrawn since" in done.stdout) == (1, True)
    assert len(operator.outcomes(name)) == 2


def test_without_yes_nothing_goes_back_and_it_says_what_would(operator: Operator) -> None:
    name = operator.shop.id("P")
    good = operator.shop.codec.encode(topics.PRODUCT_CREATED, product(name))
    letter = operator.write(dead_letter(key=name.encode(), value=good))
    for flags in ([], ["--dry-run"], ["--dry-run", "--yes"]):
        told = operator.runs("redrive", "--key", name, *flags).stdout
        assert [word for word in (str(letter.id), "put back", "nothing was put back") if word not in told] == []
    assert operator.messages(topics.PRODUCT_CREATED, name.encode()) == []

    operator.runs("redrive", "--key", name, "--yes")
    operator.wait_for_copy(name, 1)


def test_a_forced_request_fails_again_under_a_new_id(operator: Operator) -> None:
    name = operator.shop.id("P")
    poem = operator.shop.codec.encode(topics.REQUESTS_BULK, request(name, task="poem", subject=name))
    operator.shop.send(topics.REQUESTS_BULK, name, poem)
    first = operator.letter_for(name)
    assert operator.runs("redrive", first, "--yes").exit_code == 1

    assert "still bad, forced" in operator.runs("redrive", first, "--force", "--yes").stdout

    second = operator.letter_for(name, count=2)
    assert second != first
    assert f"dead-letters/{first}" in operator.runs("show", second).stdout
    assert "already redriven" in operator.runs("redrive", first, "--force", "--yes").stdout


def test_show_gives_the_original_bytes_and_what_they_are_today(operator: Operator, tmp_path: Path) -> None:
    name = operator.shop.id("P")
    good = operator.shop.codec.encode(topics.PRODUCT_CREATED, product(name))
    letter = operator.write(dead_letter(key=name.encode(), value=good))
    assert '"title": "Harbour Fleece Jacket"' in operator.runs("show", str(letter.id)).stdout
    operator.runs("show", str(letter.id), "--raw", str(tmp_path / "raw"))
    assert (tmp_path / "raw").read_bytes() == good
    listed = operator.runs("list", "--key", name).stdout
    assert str(letter.id) in listed
    assert "Harbour" not in listed


def test_of_two_redrives_at_once_only_the_later_puts_anything_back(operator: Operator) -> None:
    bootstrap, name = operator.shop.stack.bootstrap, operator.shop.id("P")
    good = operator.shop.codec.encode(topics.PRODUCT_CREATED, product(name))
    letter = operator.write(dead_letter(key=name.encode(), value=good))
    earlier, later = Redriver(operator.endpoints), Redriver(operator.endpoints)

    with pytest.raises(CannotPutBack, match="another redrive has begun"):
        earlier.put_back([letter])
    later.put_back([letter])

    read_committed(bootstrap, "product-created", until=lambda found: any(each.value() == good for each in found))
    (back,) = operator.messages(topics.PRODUCT_CREATED, name.encode())
    assert (back.value(), back.headers()) == (good, [("redriven-from", letter.id.mark)])


def test_a_redrive_that_was_killed_in_the_middle_put_nothing_back(operator: Operator) -> None:
    name = operator.shop.id("P")
    good = operator.shop.codec.encode(topics.PRODUCT_CREATED, product(name))
    letter = operator.write(dead_letter(key=name.encode(), value=good))
    killed = Redriver(operator.endpoints)
    killed._producer.begin_transaction()
    killed._produce(letter)
    assert killed._producer.flush(30) == 0, "the broker has it, uncommitted"

    assert "1 put back" in operator.runs("redrive", str(letter.id), "--yes").stdout

    operator.wait_for_copy(name, 1)
    assert len(operator.messages(topics.PRODUCT_CREATED, name.encode())) == 1


def test_a_batch_that_the_broker_refuses_in_part_goes_back_not_at_all(operator: Operator) -> None:
    name = operator.shop.id("P")
    good = operator.shop.codec.encode(topics.PRODUCT_CREATED, product(name))
    fits = operator.write(dead_letter(key=name.encode(), value=good))
    too_large = operator.write(dead_letter(topics.REQUESTS_BULK.name, key=name.encode(), value=bytes(3 * 1024 * 1024)))

    with pytest.raises(CannotPutBack, match=r"nothing was put back .* put back fewer, by their ids"):
        Redriver(operator.endpoints).put_back([fits, too_large])

    operator.runs("redrive", str(fits.id), "--yes")
    operator.wait_for_copy(name, 1)
    assert len(operator.messages(topics.PRODUCT_CREATED, name.encode())) == 1


def test_reviews_and_activity_are_judged_by_what_the_streams_remember(operator: Operator) -> None:
    shop, name, user = operator.shop, operator.shop.id("P"), operator.shop.id("U")
    done = activity(shop.id("A"), user, product_id=name)
    shop.feed(review(shop.id("R"), name, version=2), product(name), done)
    shop.wait_until_settled()
    old_review = shop.codec.encode(topics.REVIEW_POSTED, review(shop.id("R"), name, version=1))
    letters = [
        operator.write(dead_letter("review-posted", key=name.encode(), value=old_review)),
        operator.write(
            dead_letter("user-activity", key=user.encode(), value=shop.codec.encode(topics.USER_ACTIVITY, done))
        ),
    ]
    told = operator.runs("redrive", *(str(each.id) for each in letters), "--yes").stdout
    assert "a newer version of the review is known, this is 1" in told
    assert "it was processed since" in told
    assert "2 stale" in told


def test_an_id_that_names_no_letter_is_said_to(operator: Operator) -> None:
    with pytest.raises(NoSuchLetter, match="no dead letter 0/999999: look it up with"):
        operator.runs("show", "0/999999")
