"""The checker finds what it is there for, and nothing in books that are in order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.keys import CopyKey
from schemas.ledger import ContentWithheld, DeadLetter, GenerationOutcome, OutcomeKind, RuleHit
from schemas.request import GenerationRequest
from schemas.topics import PRODUCT_DESCRIPTIONS, REQUESTS_BULK
from tests.factories import NOW_MS, request
from tests.faults.books import Asked, Books, Text, books_of
from tests.faults.checker import check
from tests.faults.orders import WITHHELD, order, withdrawal
from tests.faults.places import Entry

NOTHING = Books((), (), (), (), ())


def asked(offset: int, subject: str = "P1", *, version: int = 1, title: str = "Jacket") -> Asked:
    return Asked((REQUESTS_BULK.name, 0, offset), b"value", order("m", subject, version=version, title=title))


def told(each: Asked, outcome: OutcomeKind = "published") -> GenerationOutcome:
    one = each.request or request("unreadable")
    topic, partition, offset = each.place
    return GenerationOutcome(
        request_id=one.request_id,
        topic=topic,
        partition=partition,
        offset=offset,
        task=one.task if each.request else "unknown",
        subject=one.subject,
        locale=one.locale,
        source_version=one.source_version,
        outcome=outcome,
        worker="w",
        finished_unix_ms=NOW_MS,
    )


def text(one: GenerationRequest, place: int, *, tombstone: bool = False) -> Text:
    key = CopyKey(one.subject, one.locale).encode()
    where = (PRODUCT_DESCRIPTIONS.name, 0, place)
    return Text(where, key, None, None) if tombstone else Text(where, key, one.request_id, one.source_version)


def published(*every: Asked) -> Books:
    """Give the books of requests that were all published, in this order."""
    copies = tuple(text(each.request, place) for place, each in enumerate(every) if each.request)
    return Books(tuple(every), tuple(map(told, every)), copies, (), ())


def letter(each: Asked, value: bytes | None = b"value", error: str = "bad-magic-byte") -> DeadLetter:
    return DeadLetter(
        topic=each.place[0],
        partition=each.place[1],
        offset=each.place[2],
        timestamp_unix_ms=NOW_MS,
        value=value,
        error_class=error,
        error="bad",
        attempts=1,
        failed_by="workers/w",
        failed_unix_ms=NOW_MS,
    )


def wrong(books: Books) -> dict[str, int]:
    return dict(check(books).wrong)


def with_outcome(books: Books, which: int, outcome: OutcomeKind) -> Books:
    outcomes = list(books.outcomes)
    outcomes[which] = outcomes[which].model_copy(update={"outcome": outcome})
    return replace(books, outcomes=tuple(outcomes))


A, B = asked(0, "A"), asked(1, "B")
A2, A_AGAIN = asked(2, "A", version=2), asked(3, "A")
TAKES_BACK = replace(A2, request=withdrawal(order("m", "A"), version=2))
REFUSED = asked(0, "A", title=WITHHELD)
BYTES = Asked((REQUESTS_BULK.name, 0, 9), b"value", None)


class Decodes:
    def decode(self, topic: object, value: object) -> GenerationRequest | None:
        return A.request


@pytest.mark.parametrize(("key", "is_request"), [(b"A", True), (b"B", False), (None, False)])
def test_a_request_counts_as_one_only_under_its_subjects_key(key: bytes | None, is_request: bool) -> None:  # noqa: FBT001
    books = books_of(Decodes(), [Entry(A.place, key, A.value)], [])  # type: ignore[arg-type]
    assert (books.asked[0].request is not None) is is_request


def test_books_in_order_have_no_problem() -> None:
    findings = check(published(A, B, A2))
    assert (findings.problems, dict(findings.kinds)) == ((), {"published": 3})


def test_a_request_without_an_outcome_is_lost() -> None:
    books = published(A, B)
    assert wrong(replace(books, outcomes=books.outcomes[:1], copies=books.copies[:1])) == {"lost": 1}


def test_a_request_with_two_outcomes_and_two_texts_is_duplicated_in_both() -> None:
    books = published(A, B)
    twice = replace(books, outcomes=(*books.outcomes, told(A)), copies=(*books.copies, text_of(A, 7)))
    assert wrong(twice) == {"duplicated": 1}
    assert wrong(replace(books, outcomes=(*books.outcomes, told(A, "superseded")))) == {"duplicated": 1}


def text_of(each: Asked, place: int, *, tombstone: bool = False) -> Text:
    assert each.request
    return text(each.request, place, tombstone=tombstone)


def test_an_outcome_without_a_request_is_unasked() -> None:
    books = published(A, B)
    assert wrong(replace(books, asked=(A,)))["unasked"] == 1


def test_a_text_without_an_outcome_is_a_double_and_an_outcome_without_a_text_is_a_loss() -> None:
    books = published(A, B)
    assert wrong(replace(books, copies=(*books.copies, text_of(B, 7)))) == {"duplicated": 1}
    assert wrong(replace(books, copies=books.copies[:1])) == {"lost": 1, "stale": 1}


def test_an_older_text_after_a_newer_one_is_stale_and_so_is_a_last_word_that_is_not_the_newest() -> None:
    assert wrong(published(A2, A)) == {"stale": 2}


def test_a_text_that_stands_though_it_was_taken_back_is_stale() -> None:
    books = with_outcome(published(A, TAKES_BACK), 1, "withdrawn")
    in_order = replace(books, copies=(text_of(A, 0), text_of(A2, 1, tombstone=True)))
    assert wrong(in_order) == {}
    assert wrong(replace(books, copies=(text_of(A2, 0, tombstone=True), text_of(A, 1)))) == {"stale": 2}


def test_a_text_older_than_the_withdrawal_before_it_is_stale_though_a_newer_one_stands_last() -> None:
    back = Asked((REQUESTS_BULK.name, 0, 2), b"value", withdrawal(order("m", "P1"), version=3))
    old, newer = asked(3, version=2), asked(4, version=4)
    books = with_outcome(published(A, back, old, newer), 1, "withdrawn")
    tombstone = text_of(back, 1, tombstone=True)
    assert wrong(replace(books, copies=(books.copies[0], tombstone, *books.copies[2:]))) == {"stale": 1}


def test_a_tombstone_older_than_the_text_before_it_is_stale_though_a_newer_text_stands_last() -> None:
    back = Asked((REQUESTS_BULK.name, 0, 2), b"value", withdrawal(order("m", "P1"), version=2))
    newer, newest = asked(1, version=3), asked(4, version=4)
    books = with_outcome(published(asked(0), newer, back, newest), 2, "withdrawn")
    tombstone = text_of(back, 2, tombstone=True)
    assert wrong(replace(books, copies=(*books.copies[:2], tombstone, books.copies[3]))) == {"stale": 1}


def test_a_text_in_another_language_has_an_order_of_its_own() -> None:
    german = [
        Asked((REQUESTS_BULK.name, 0, at), b"value", order("m", "A", task="localisation", version=version))
        for at, version in ((4, 2), (5, 3))
    ]
    assert wrong(published(german[1], A)) == {}
    assert wrong(published(german[1], german[0], A)) == {"stale": 2}


def test_a_missing_tombstone_is_unaccounted_for() -> None:
    books = with_outcome(published(A, TAKES_BACK), 1, "withdrawn")
    assert wrong(replace(books, copies=(text_of(A, 0),))) == {"unaccounted": 1, "stale": 1}


def test_what_was_superseded_by_something_newer_is_fine_and_by_nothing_is_lost() -> None:
    books = with_outcome(published(A, A2), 0, "superseded")
    assert wrong(replace(books, copies=books.copies[1:])) == {}
    alone = with_outcome(published(A), 0, "superseded")
    assert wrong(replace(alone, copies=())) == {"lost": 1}


def test_one_of_two_messages_with_an_id_is_served_not_both_and_not_none() -> None:
    books = with_outcome(published(A, A_AGAIN), 1, "duplicate")
    once = replace(books, copies=books.copies[:1])
    assert wrong(once) == {}
    assert wrong(published(A, A_AGAIN)) == {"duplicated": 1}
    assert wrong(replace(with_outcome(once, 0, "duplicate"), copies=()))["lost"] == 1


def test_a_dead_letter_and_its_outcome_belong_together() -> None:
    books = replace(NOTHING, asked=(BYTES,), outcomes=(told(BYTES, "dead-lettered"),), dead_letters=(letter(BYTES),))
    assert wrong(books) == {}
    assert wrong(replace(books, dead_letters=())) == {"unaccounted": 1}
    assert wrong(replace(books, dead_letters=(letter(BYTES), letter(BYTES)))) == {"unaccounted": 1}
    assert wrong(replace(books, outcomes=())) == {"lost": 1, "unaccounted": 1}
    assert wrong(replace(books, dead_letters=(letter(BYTES, b"other"),))) == {"unaccounted": 1}


@pytest.mark.parametrize("shown", [0, 2])
def test_a_withheld_text_is_shown_once(shown: int) -> None:
    books = with_outcome(published(REFUSED), 0, "withheld")
    record = ContentWithheld(
        request_id="A-v1",
        task="product-description",
        subject="A",
        locale="en",
        source_version=1,
        hits=(RuleHit(rule="r", detail="d"),),
        ruleset_version="1",
        candidate="{}",
        model="m",
        model_revision="1",
        withheld_unix_ms=NOW_MS,
    )
    taken_back = replace(books, copies=(text_of(A, 0, tombstone=True),))
    assert wrong(replace(taken_back, withheld=(record,))) == {}
    assert wrong(replace(taken_back, withheld=(record,) * shown)) == {"unaccounted": 1}


@pytest.mark.parametrize("outcome", ["withdrawn", "withheld", "dead-lettered"])
def test_a_good_request_that_became_no_text_is_mistaken(outcome: OutcomeKind) -> None:
    books = replace(with_outcome(published(A), 0, outcome), copies=(text_of(A, 0, tombstone=True),))
    assert wrong(replace(books, dead_letters=(letter(A, error="not-served"),)))["mistaken"] == 1


@pytest.mark.parametrize("each", [TAKES_BACK, REFUSED, BYTES])
def test_what_was_to_be_taken_back_withheld_or_refused_and_was_published_is_mistaken(each: Asked) -> None:
    assert wrong(replace(NOTHING, asked=(each,), outcomes=(told(each),)))["mistaken"] == 1


def test_a_request_that_was_taken_for_a_killer_is_not_mistaken_and_a_withdrawal_that_was_is() -> None:
    for each, mistaken in ((A, 0), (TAKES_BACK, 1)):
        outcomes, letters = (told(each, "dead-lettered"),), (letter(each, error="kills-engine"),)
        books = replace(NOTHING, asked=(each,), outcomes=outcomes, dead_letters=letters)
        assert wrong(replace(books, copies=(text_of(each, 0, tombstone=True),))).get("mistaken", 0) == mistaken


@pytest.mark.parametrize(
    "change", [{"subject": "B"}, {"locale": "de"}, {"source_version": 2}, {"task": "support-reply"}]
)
def test_an_outcome_of_another_text_or_version_is_unasked(change: dict[str, str | int]) -> None:
    books = published(A)
    outcomes = (books.outcomes[0].model_copy(update=change),)
    assert wrong(replace(books, outcomes=outcomes))["unasked"] == 1


def test_a_text_that_is_withdrawn_at_its_own_version_was_published_or_superseded() -> None:
    own = replace(TAKES_BACK, request=withdrawal(order("m", "A"), version=1))
    books = with_outcome(published(A, own), 1, "withdrawn")
    tombstone = text_of(own, 1, tombstone=True)
    assert wrong(replace(books, copies=(text_of(A, 0), tombstone))) == {}
    assert wrong(replace(with_outcome(books, 0, "superseded"), copies=(tombstone,))) == {}
