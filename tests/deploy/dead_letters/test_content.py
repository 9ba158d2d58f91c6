"""What a letter's bytes are today, and what a repaired value must be."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.dead_letters.content import content_of, record_of, repaired
from deploy.dead_letters.letter import Letter, LetterId
from deploy.dead_letters.read import CannotRepair
from deploy.dead_letters.redrive import headers_of
from schemas import topics
from schemas.ledger import DeadLetter
from schemas.questions import ProductQuestion
from schemas.record import Record
from schemas.registry import FakeRegistry
from schemas.request import Question
from schemas.topics import Topic
from streams.decode import ProductDeleted, Rejection
from tests.factories import activity, dead_letter, product, request, review
from tests.streams.messages import codec_on

_CODEC = codec_on(FakeRegistry())

QUESTION = ProductQuestion(
    question_id="A1", occurred_unix_ms=7, question=Question(user_id="U1", product_id="P1", text="Is it warm?")
)


def letter_of(topic: Topic, key: str, record: Record) -> DeadLetter:
    return dead_letter(topic.name, key=key.encode(), value=_CODEC.encode(topic, record))


@pytest.mark.parametrize(
    ("topic", "key", "record"),
    [
        (topics.PRODUCT_CREATED, "P1", product()),
        (topics.REVIEW_POSTED, "P1", review()),
        (topics.USER_ACTIVITY, "U1", activity()),
        (topics.PRODUCT_QUESTIONS, "P1", QUESTION),
        (topics.REQUESTS_BULK, "P1", request()),
        (topics.REQUESTS_INTERACTIVE, "P1", request()),
    ],
)
def test_bytes_that_are_an_event_today_are_given_as_it(topic: Topic, key: str, record: Record) -> None:
    assert content_of(letter_of(topic, key, record), _CODEC) == record


@pytest.mark.parametrize(
    ("letter", "error_class"),
    [
        (letter_of(topics.PRODUCT_CREATED, "P2", product()), "key-mismatch"),
        (letter_of(topics.REQUESTS_BULK, "P1", request(task="poem")), "unknown-task"),
        (letter_of(topics.REQUESTS_BULK, "P2", request()), "key-mismatch"),
        (letter_of(topics.REQUESTS_INTERACTIVE, "P2", request()), "key-mismatch"),
        (dead_letter("generation-requests-bulk", value=None), "null-value"),
        (dead_letter("generation-requests-bulk", value=b"junk"), "bad-magic-byte"),
        (dead_letter("generation-requests-bulk", value=_CODEC.encode(topics.REVIEW_POSTED, review())), "wrong-schema"),
        (dead_letter("review-posted", value=None), "null-value"),
    ],
)
def test_bytes_that_would_be_refused_again_say_why(letter: DeadLetter, error_class: str) -> None:
    found = content_of(letter, _CODEC)
    assert isinstance(found, Rejection)
    assert found.error_class == error_class


def test_a_null_product_is_a_deletion_and_another_topic_is_not_ours() -> None:
    assert content_of(dead_letter(value=None), _CODEC) == ProductDeleted("P1")
    assert content_of(dead_letter("clicks"), _CODEC) is None


def test_a_record_under_a_wrong_key_can_still_be_read() -> None:
    assert record_of(letter_of(topics.PRODUCT_CREATED, "P2", product()), _CODEC) == product()
    assert record_of(dead_letter(value=b"junk"), _CODEC) is None


def test_a_value_is_repaired_from_json_and_from_bytes(tmp_path: Path) -> None:
    letter = Letter(LetterId(0, 1), dead_letter(value=b"junk"))
    (tmp_path / "value.json").write_text(product(version=5).model_dump_json(indent=2))
    (tmp_path / "value.bin").write_bytes(_CODEC.encode(topics.PRODUCT_CREATED, product(version=6)))
    for name, version in (("value.json", 5), ("value.bin", 6)):
        again = repaired(letter, tmp_path / name, _CODEC)
        assert content_of(again.record, _CODEC) == product(version=version)
        assert (again.id, again.record.key) == (letter.id, letter.record.key)


def test_a_repaired_request_is_told_by_its_own_headers_and_not_by_those_of_the_bad_one(tmp_path: Path) -> None:
    headers = (
        {"name": "request-id", "value": b"Q0"},
        {"name": "trace", "value": b"1"},
        {"name": "text", "value": b"product-description|en|1"},
    )
    letter = Letter(LetterId(0, 1), dead_letter("generation-requests-bulk", headers=headers))
    (tmp_path / "value").write_text(request("Q5", version=5).model_dump_json())
    again = headers_of(repaired(letter, tmp_path / "value", _CODEC))
    assert again == [
        ("trace", b"1"),
        ("request-id", b"Q5"),
        ("text", b"product-description|en|5"),
        ("redriven-from", b"dead-letters/0/1"),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("junk", "would be refused again"),
        ('{"product_id": "P1"}', "is no Product: title: Field required"),
        (product("P2").model_dump_json(), "key-mismatch"),
        ("{", "is no Product"),
    ],
)
def test_a_value_that_would_be_refused_again_is_not_taken(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "value").write_text(text)
    with pytest.raises(CannotRepair, match=complaint):
        repaired(Letter(LetterId(0, 1), dead_letter()), tmp_path / "value", _CODEC)
    with pytest.raises(CannotRepair, match="cannot be read"):
        repaired(Letter(LetterId(0, 1), dead_letter()), tmp_path / "none", _CODEC)


def test_what_goes_back_has_its_headers_and_the_newest_letters_mark() -> None:
    headers = (
        {"name": "trace", "value": b"1"},
        {"name": "redriven-from", "value": b"dead-letters/0/1"},
        {"name": "trace", "value": None},
    )
    letter = Letter(LetterId(2, 17), dead_letter(headers=headers))
    assert headers_of(letter) == [("trace", b"1"), ("trace", None), ("redriven-from", b"dead-letters/2/17")]
