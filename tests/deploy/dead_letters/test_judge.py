"""What goes back and what does not: an old event never overtakes a newer one, and nothing goes back twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deploy.dead_letters.content import Content
from deploy.dead_letters.judge import (
    Judgement,
    Known,
    KnownProduct,
    ProductEvent,
    Sighting,
    Verdict,
    judge,
    judge_all,
    text_key,
)
from deploy.dead_letters.letter import Letter, LetterId
from schemas.codec import ErrorClass
from schemas.events import Product
from schemas.request import GenerationRequest
from streams.decode import ProductDeleted, Rejection
from streams.product_state import ProductState, deleted, known
from streams.review_state import ReviewState, with_review
from streams.shop import Shop
from streams.shopper_state import ShopperState, with_activity
from tests.factories import NOW_MS, activity, dead_letter, facts_of, product, request, review

_TEXT = text_key("product-description", "P1", "en")
_ID, _NOTHING = LetterId(0, 7), Known()
_FAILED_MS = NOW_MS + 1_000
_REQUESTS = "generation-requests-bulk"
_DAY_MS = 24 * 60 * 60 * 1000


def letter(topic: str = "product-created", *, id_: LetterId = _ID, **changes: object) -> Letter:
    return Letter(id_, dead_letter(topic, **changes))


def verdict_of(
    content: Content | None, seen: Known = _NOTHING, *, of: Letter | None = None, now_unix_ms: int = _FAILED_MS
) -> Verdict:
    return judge(of or letter(), content, seen, now_unix_ms=now_unix_ms).verdict


def state(version: int, *, is_deleted: bool = False) -> ProductState:
    alive = known(product(version=version), None, Shop())
    return deleted(alive) if is_deleted else alive


def about(seen: KnownProduct) -> Known:
    return Known(products={"P1": seen})


def told(*sightings: Sighting) -> Known:
    return Known(texts={_TEXT: sightings})


def test_a_good_event_that_nothing_has_overtaken_goes_back() -> None:
    for seen in (Known(), about(KnownProduct(state(2))), about(KnownProduct(events=(ProductEvent(1, 12, 2),)))):
        assert verdict_of(product(version=3), seen) is Verdict.PUT_BACK


def test_what_is_still_no_event_says_why_and_may_be_forced_where_it_takes_nobodys_place() -> None:
    bad = Rejection(ErrorClass.TRUNCATED, "the Avro body ends too early")
    why = "truncated: the Avro body ends too early"
    reviews = judge(letter("review-posted"), bad, Known(), now_unix_ms=NOW_MS)
    products = judge(letter("product-created"), bad, Known(), now_unix_ms=NOW_MS)
    assert reviews == Judgement(Verdict.STILL_BAD, why, may_force=True)
    assert products == Judgement(Verdict.STILL_BAD, why, may_force=False)


def test_what_was_put_back_is_not_put_back_again_even_by_force() -> None:
    seen = Known(redriven=frozenset({b"dead-letters/0/7"}))
    (judged,) = judge_all([(letter(), product())], seen, now_unix_ms=NOW_MS, force=True)
    assert (judged.judgement.verdict, judged.goes_back) == (Verdict.ALREADY_REDRIVEN, False)
    assert verdict_of(product(), seen, of=letter(id_=LetterId(0, 8))) is Verdict.PUT_BACK


def test_a_letter_from_a_topic_that_is_not_ours_stays() -> None:
    assert verdict_of(None, of=letter("clicks")) is Verdict.NOT_OURS


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (KnownProduct(state(4)), "version 4 is known, this is 3"),
        (KnownProduct(state(3)), "version 3 was processed since"),
        (KnownProduct(events=(ProductEvent(1, 11, 4),)), "version 4 came since, this is 3"),
        (KnownProduct(state(2), events=(ProductEvent(1, 11, None),)), "the product was deleted since"),
        (KnownProduct(state(2, is_deleted=True), _FAILED_MS + 1), "the product was deleted since"),
    ],
)
def test_an_old_product_event_stays_even_by_force(seen: KnownProduct, reason: str) -> None:
    (judged,) = judge_all([(letter(), product(version=3))], about(seen), now_unix_ms=NOW_MS, force=True)
    assert (judged.judgement, judged.goes_back) == (Judgement(Verdict.STALE, reason), False)


def test_what_happened_before_a_product_event_does_not_make_it_stale() -> None:
    for seen in (
        KnownProduct(state(2, is_deleted=True), _FAILED_MS - 1),
        KnownProduct(events=(ProductEvent(1, 9, None), ProductEvent(1, 10, 3), ProductEvent(1, 11, 3))),
    ):
        assert verdict_of(product(version=3), about(seen)) is Verdict.PUT_BACK


def test_a_deletion_goes_back_unless_the_shop_said_more_since() -> None:
    gone = ProductDeleted("P1")
    assert verdict_of(gone, about(KnownProduct(state(2), _FAILED_MS - 1))) is Verdict.PUT_BACK
    for later in (
        KnownProduct(state(2), _FAILED_MS + 1),
        KnownProduct(state(2, is_deleted=True)),
        KnownProduct(events=(ProductEvent(1, 11, 3),)),
    ):
        assert verdict_of(gone, about(later)) is Verdict.STALE


def test_a_deletion_of_an_older_version_stays() -> None:
    seen = about(KnownProduct(state(2), _FAILED_MS - 1))
    verdicts = [verdict_of(ProductDeleted("P1", version), seen) for version in (1, 2, 3)]
    assert verdicts == [Verdict.STALE, Verdict.PUT_BACK, Verdict.PUT_BACK]


def test_a_review_is_judged_as_the_streams_will_judge_it() -> None:
    state = with_review(ReviewState(), review(version=2))
    removed = with_review(state, review(version=3, deleted=True))
    of = letter("review-posted")
    for version, known_state, expected in (
        (3, state, Verdict.PUT_BACK),
        (2, state, Verdict.STALE),
        (1, state, Verdict.STALE),
        (2, removed, Verdict.STALE),
        (1, ReviewState(), Verdict.PUT_BACK),
    ):
        seen = Known(reviews={"P1": known_state})
        assert verdict_of(review(version=version), seen, of=of) is expected


def test_an_activity_does_not_become_the_latest_step_of_a_history_that_went_on() -> None:
    state = with_activity(ShopperState(), activity("A2", occurred_unix_ms=NOW_MS + 5), facts_of(product()))
    seen, of = Known(shoppers={"U1": state}), letter("user-activity")
    assert verdict_of(activity("A1"), seen, of=of) is Verdict.STALE
    assert verdict_of(activity("A3", occurred_unix_ms=NOW_MS + 6), seen, of=of) is Verdict.PUT_BACK
    assert verdict_of(activity("A1", kind="question", text="Is it warm?"), seen, of=of) is Verdict.PUT_BACK
    assert verdict_of(activity("A2"), seen, of=of) is Verdict.STALE
    (forced,) = judge_all([(of, activity("A1"))], seen, now_unix_ms=NOW_MS, force=True)
    assert forced.goes_back


@pytest.mark.parametrize(
    ("sighting", "expected"),
    [
        (Sighting(4, 0, "was published since"), Verdict.STALE),
        (Sighting(2, NOW_MS * 2, "is published"), Verdict.PUT_BACK),
        # Of equal versions the later in the partition is the newer: a deletion has the version of what it takes back.
        (Sighting(3, 0, "was withdrawn since", (_REQUESTS, 1, 11)), Verdict.STALE),
        (Sighting(3, NOW_MS * 2, "was published since", (_REQUESTS, 1, 9)), Verdict.PUT_BACK),
        (Sighting(3, _FAILED_MS + 1, "is published"), Verdict.STALE),
        (Sighting(3, _FAILED_MS - 1, "is published"), Verdict.PUT_BACK),
        # The same request, delivered twice, came to nothing both times.
        (Sighting(3, 0, "was duplicate since", (_REQUESTS, 1, 11), only_repeats="Q1"), Verdict.PUT_BACK),
        (Sighting(3, 0, "was duplicate since", (_REQUESTS, 1, 11), only_repeats="Q2"), Verdict.STALE),
    ],
)
def test_a_request_for_an_older_text_stays(sighting: Sighting, expected: Verdict) -> None:
    assert verdict_of(request(version=3), told(sighting), of=letter(_REQUESTS)) is expected


def test_a_request_from_before_the_ledgers_memory_stays_unless_forced() -> None:
    of, eight_days_on = letter(_REQUESTS), _FAILED_MS + 8 * _DAY_MS
    assert verdict_of(request(), of=of, now_unix_ms=eight_days_on) is Verdict.TOO_OLD
    assert verdict_of(product(), of=letter(), now_unix_ms=eight_days_on) is Verdict.PUT_BACK
    (forced,) = judge_all([(of, request())], Known(), now_unix_ms=eight_days_on, force=True)
    assert forced.goes_back


def test_a_request_that_ended_the_engine_goes_back_only_when_it_was_meant() -> None:
    killer = letter(_REQUESTS, error_class="kills-engine")
    for with_killers, expected in ((False, Verdict.STILL_BAD), (True, Verdict.PUT_BACK)):
        found = judge(killer, request(), Known(), now_unix_ms=NOW_MS, with_killers=with_killers)
        assert found.verdict is expected


def test_a_request_that_ended_the_engine_does_not_overtake_a_newer_one_by_force() -> None:
    killer, newer = letter(_REQUESTS, error_class="kills-engine"), told(Sighting(2, 0, "is published"))
    (judged,) = judge_all([(killer, request())], newer, now_unix_ms=NOW_MS, force=True)
    assert (judged.judgement.verdict, judged.goes_back) == (Verdict.STALE, False)
    (alone,) = judge_all([(killer, request())], Known(), now_unix_ms=NOW_MS, force=True)
    assert alone.goes_back


def test_a_request_under_another_key_stays_even_by_force_since_what_is_newer_is_looked_for_under_the_key() -> None:
    mismatch = Rejection(ErrorClass.KEY_MISMATCH, "the key is not the subject of the request")
    for topic, may_force in ((_REQUESTS, False), ("review-posted", True)):
        assert judge(letter(topic), mismatch, Known(), now_unix_ms=NOW_MS).may_force is may_force


def test_of_two_letters_of_one_request_only_one_goes_back() -> None:
    first, second = judge_all(_batch(request(), request()), Known(), now_unix_ms=NOW_MS, force=True)
    assert (first.judgement.verdict, first.goes_back) == (Verdict.PUT_BACK, True)
    assert (second.judgement.verdict, second.goes_back) == (Verdict.ALREADY_REDRIVEN, False)


def _batch(*events: Product | ProductDeleted | GenerationRequest) -> list[tuple[Letter, Content | None]]:
    """Give letters at the offsets 10, 11, ..., the last one first."""
    topic = _REQUESTS if isinstance(events[0], GenerationRequest) else "product-created"
    found: list[tuple[Letter, Content | None]] = [
        (letter(topic, id_=LetterId(0, number), offset=10 + number), each) for number, each in enumerate(events)
    ]
    return found[::-1]


@pytest.mark.parametrize("make", [product, lambda version: request(f"Q{version}", version=version)])
def test_of_two_versions_in_one_batch_the_older_does_not_come_last(
    make: Callable[..., Product | GenerationRequest],
) -> None:
    in_order = judge_all(_batch(make(version=1), make(version=2)), Known(), now_unix_ms=NOW_MS)
    assert [(each.letter.record.offset, each.goes_back) for each in in_order] == [(10, True), (11, True)]
    disordered = judge_all(_batch(make(version=2), make(version=1)), Known(), now_unix_ms=NOW_MS)
    assert [each.judgement.verdict for each in disordered] == [Verdict.PUT_BACK, Verdict.STALE]


def test_a_deletion_and_a_version_in_one_batch_go_back_in_the_order_in_which_they_came() -> None:
    version, deletion = product(version=3), ProductDeleted("P1")
    for batch in (_batch(version, deletion), _batch(deletion, version)):
        judged = judge_all(batch, Known(), now_unix_ms=NOW_MS)
        assert [(each.letter.record.offset, each.goes_back) for each in judged] == [(10, True), (11, True)]
    older = judge_all(_batch(version, deletion, product(version=2)), Known(), now_unix_ms=NOW_MS)
    assert [each.goes_back for each in older] == [True, True, False]


def test_where_places_tell_no_order_only_one_of_a_deletion_and_a_version_goes_back() -> None:
    here, there = letter(id_=LetterId(0, 1), partition=0), letter(id_=LetterId(0, 2), partition=1)
    deletion, version = ProductDeleted("P1"), product(version=3)
    for first, second in ((deletion, version), (version, deletion)):
        judged = judge_all([(here, first), (there, second)], Known(), now_unix_ms=NOW_MS)
        assert [each.goes_back for each in judged] == [True, False]
