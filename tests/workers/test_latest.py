"""A newer request supersedes an older one for the same text; a repeated one is dropped."""

from __future__ import annotations

from schemas.headers import request_headers
from schemas.topics import REDRIVEN_HEADER, REQUEST_ID_HEADER, TEXT_HEADER
from tests import factories
from workers.latest import Duplicate, Latest, Proceed, Served, Stale, served


def test_the_same_request_id_twice_is_a_duplicate() -> None:
    latest = Latest()
    latest.judge(factories.request("Q1"), 0)

    assert latest.judge(factories.request("Q1"), 1) == Duplicate()


def test_an_id_recalled_from_before_a_restart_is_a_duplicate() -> None:
    latest = Latest()
    latest.remember(Served("Q1"))

    assert latest.judge(factories.request("Q1"), 5) == Duplicate()


def test_a_newer_version_supersedes_the_one_in_flight() -> None:
    latest = Latest()
    latest.judge(factories.request("Q1", version=1), 0)

    assert latest.judge(factories.request("Q2", version=2), 1) == Proceed(supersedes=0)


def test_a_finished_request_is_not_superseded() -> None:
    latest = Latest()
    first = factories.request("Q1", version=1)
    latest.judge(first, 0)
    latest.done(first, 0)

    assert latest.judge(factories.request("Q2", version=2), 1) == Proceed(supersedes=None)


def test_an_older_version_is_stale_even_when_the_newer_one_is_finished() -> None:
    latest = Latest()
    newer = factories.request("Q2", version=2)
    latest.judge(newer, 0)
    latest.done(newer, 0)

    assert latest.judge(factories.request("Q1", version=1), 1) == Stale()


def test_other_locales_subjects_and_tasks_are_other_texts() -> None:
    latest = Latest()
    latest.judge(factories.request("Q1", version=2), 0)

    others = (
        factories.request("Q2", locale="de"),
        factories.request("Q3", subject="P2"),
        factories.request("Q4", task="review-summary"),
    )

    assert [latest.judge(each, 1) for each in others] == [Proceed(None)] * 3


def test_of_two_tasks_that_write_the_same_text_the_newer_request_wins() -> None:
    latest = Latest()
    latest.judge(factories.request("Q1", task="localisation", version=1), 0)

    assert latest.judge(factories.request("Q2", task="product-description", version=2), 1) == Proceed(supersedes=0)
    assert latest.judge(factories.request("Q3", task="localisation", version=1), 2) == Stale()


def test_memory_is_bounded_and_forgets_the_oldest_first() -> None:
    latest = Latest(remembered=2)
    for request_id in ("Q1", "Q2", "Q3"):
        latest.remember(Served(request_id))

    assert latest.judge(factories.request("Q1"), 0) == Proceed(None)
    assert latest.judge(factories.request("Q3"), 1) == Duplicate()


def test_a_version_recalled_from_before_a_restart_makes_older_ones_stale_and_never_falls() -> None:
    latest = Latest()
    for version in (5, 3):
        request = factories.request(f"Q{version}", version=version)
        latest.remember(served(b"P1", request_headers(request)) or Served("?"))

    assert latest.judge(factories.request("Q4", version=4), 9) == Stale()
    assert latest.judge(factories.request("Q6", version=5), 9) == Proceed(None)


def test_headers_tell_what_a_request_was_and_strange_ones_only_what_can_be_known() -> None:
    text = ("product-descriptions", "P1", "en")
    described = ((REQUEST_ID_HEADER, b"Q1"), (TEXT_HEADER, b"product-description|en|7"))

    assert served(b"P1", described) == Served("Q1", text, 7)
    assert served(b"P1", (*described, (REDRIVEN_HEADER, b"dead-letters/0/1"))) == Served("Q1 dead-letters/0/1", text, 7)
    assert served(None, described) == Served("Q1")
    for strange in (
        b"nonsense",
        b"no-task|en|7",
        b"ad-copy|en|x",
        b"ad-copy|en|" + b"7" * 20,
        b"ad-copy|" + b"e" * 999,
    ):
        assert served(b"P1", ((REQUEST_ID_HEADER, b"Q1"), (TEXT_HEADER, strange))) == Served("Q1")
    assert served(b"P1", ((REQUEST_ID_HEADER, b"Q" * 2_000),)) is None, "longer than an id of ours can be"
    assert served(b"P" * 2_000, described) == Served("Q1")
    assert served(b"P1", ((TEXT_HEADER, b"product-description|en|7"),)) is None


def test_a_request_put_back_does_not_undo_what_came_after_it_at_the_same_version() -> None:
    latest = Latest()
    failed = factories.request("Q1", version=3)
    latest.judge(failed, 0)
    assert latest.judge(failed, 1, redriven_from="dead-letters/0/1") == Proceed(supersedes=0)

    withdrawal = factories.request("Q2", version=3)
    latest.judge(withdrawal, 2)

    assert latest.judge(failed, 3, redriven_from="dead-letters/0/2") == Stale()
