"""The events' checker finds what was lost or had its effect twice, and nothing in books that are in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from schemas.codec import Codec, ErrorClass
from schemas.events import Product, Review
from schemas.keys import CopyKey
from schemas.ledger import DeadLetter
from schemas.registry import FakeRegistry
from schemas.request import Facts
from schemas.topics import PRODUCT_DESCRIPTIONS, REQUESTS_BULK, SUPPORT_REPLIES, Topic
from tests.factories import NOW_MS, activity, request, review, review_facts
from tests.faults.books import Asked, Books, Text
from tests.faults.event_checker import check_events
from tests.faults.events import Sent, bad_events, described, sent, shop_events
from tests.streams.messages import codec_on

CODEC: Codec = codec_on(FakeRegistry())
QUESTION = activity("Q1", kind="question", text="Is it warm?")
REVIEWS = [review(f"R{number}") for number in (1, 2, 3)]


def text(topic: Topic, subject: str, version: int, place: int = 0) -> Text:
    return Text((topic.name, 0, place), CopyKey(subject, "en").encode(), f"{subject}-v{version}", version)


def books(*copies: Text, letters: Sequence[DeadLetter] = (), asked: Sequence[Asked] = ()) -> Books:
    return Books(tuple(asked), (), copies, tuple(letters), ())


def letter(message: Sent, *, error_class: str | None = None) -> DeadLetter:
    return DeadLetter(
        topic=message.topic.name,
        partition=0,
        offset=0,
        timestamp_unix_ms=NOW_MS,
        key=None if message.key is None else message.key.encode(),
        value=message.value,
        error_class=error_class or str(message.error),
        error="",
        attempts=1,
        failed_by="streams/test",
        failed_unix_ms=NOW_MS,
    )


def messages(*versions: int) -> list[Sent]:
    return [sent(CODEC, described("P1", version)) for version in versions]


def description(version: int, place: int = 0) -> Text:
    return text(PRODUCT_DESCRIPTIONS, "P1", version, place)


def problems(of: Sequence[Sent], found: Books) -> tuple[str, ...]:
    return check_events(of, found).problems


def test_books_in_which_each_event_had_its_effect_once_are_in_order() -> None:
    of = [*messages(1, 2), sent(CODEC, QUESTION)]
    assert problems(of, books(description(1), description(2, 1), text(SUPPORT_REPLIES, "Q1", 1))) == ()


@pytest.mark.parametrize(
    "copies",
    [
        (),
        (description(1),),
        (description(2), description(2, 1)),
        (description(2), description(1, 1)),
        (description(2), text(PRODUCT_DESCRIPTIONS, "P2", 1, 1)),
    ],
    ids=["lost", "old", "twice", "old last", "nobody's"],
)
def test_a_product_whose_newest_text_does_not_stand_last_and_once_is_found(copies: tuple[Text, ...]) -> None:
    assert len(problems(messages(1, 2), books(*copies))) == 1


@pytest.mark.parametrize("count", [0, 2])
def test_a_question_with_no_reply_or_two_is_found(count: int) -> None:
    replies = [text(SUPPORT_REPLIES, "Q1", 1, place) for place in range(count)]
    assert len(problems([sent(CODEC, QUESTION)], books(*replies))) == 1


@pytest.mark.parametrize(("used", "wrong"), [(3, 0), (2, 1), (0, 1)])
def test_a_summary_without_all_reviews_is_found(used: int, wrong: int) -> None:
    facts = Facts(reviews=review_facts(*("Warm." for _ in range(used))))
    asked = Asked((REQUESTS_BULK.name, 0, 0), b"", request("S", task="review-summary", subject="P1", facts=facts))
    assert len(problems([sent(CODEC, one) for one in REVIEWS], books(asked=[asked]))) == wrong


def test_every_bad_event_is_wanted_as_a_dead_letter_with_its_bytes() -> None:
    bad = bad_events(CODEC, "m")
    letters = [letter(one) for one in bad]
    assert problems(bad, books(letters=letters)) == ()
    assert len(problems(bad, books(letters=letters[1:]))) == 1
    assert len(problems(bad, books(letters=[*letters[1:], letter(replace(bad[0], value=b"else"))]))) == 2


def test_a_good_event_that_is_dead_lettered_is_found() -> None:
    (good,) = messages(1)
    letters = [letter(good, error_class="internal-error")]
    assert len(problems([good], books(description(1), letters=letters))) == 1


def test_a_repeated_dead_letter_is_counted() -> None:
    bad = bad_events(CODEC, "m")[:1]
    found = check_events(bad, books(letters=[letter(bad[0])] * 3))
    assert (found.problems, found.repeated_letters) == ((), 2)


def test_an_event_that_a_step_cannot_bear_is_wanted_as_a_dead_letter_and_as_no_text() -> None:
    fails = sent(CODEC, described("P1", 2), error=ErrorClass.INTERNAL_ERROR)
    assert problems([*messages(1), fails], books(description(1), letters=[letter(fails)])) == ()


def test_the_same_chance_gives_the_same_events_with_every_kind_among_them() -> None:
    events, again = (shop_events("m", 400, Random(7)) for _ in range(2))  # noqa: S311 - the same chance is wanted
    assert events == again
    assert {type(event).__name__ for event in events} == {"Product", "Review", "Activity"}
    newest = [event.source_version for event in events if isinstance(event, Product)]
    assert max(newest) > 1


@pytest.mark.parametrize("seed", range(1, 11))
def test_no_product_has_more_reviews_than_the_next_summary_always_waits_for(seed: int) -> None:
    events = shop_events("m", 300, Random(seed))  # noqa: S311 - the same chance is wanted
    reviews = Counter(event.product_id for event in events if isinstance(event, Review))
    assert 3 <= max(reviews.values()) <= 10
