"""A product event makes exactly those texts necessary whose facts it changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import Product
from schemas.request import Voice
from schemas.tasks import IMAGE_TEXT, PRODUCT_DESCRIPTION
from streams.product_state import (
    ProductState,
    Standing,
    deleted,
    deletion_standing,
    known,
    standing,
    texts_for,
    withdrawals_for,
)
from streams.requests import Wanted, request_id
from streams.shop import Shop
from tests.factories import NOW_MS, product

_EN = Shop(tasks=frozenset({PRODUCT_DESCRIPTION.name}))
_EN_DE = Shop(("en", "de"), tasks=_EN.tasks)
_ALL = Shop()


def _names(wanted: tuple[Wanted, ...]) -> set[str]:
    return {each.task.name for each in wanted}


def _known(one: Product, previous: ProductState | None = None) -> ProductState:
    return known(one, previous, _EN)


def test_a_new_product_is_described_in_every_language() -> None:
    wanted = texts_for(product(version=3), None, _EN_DE)
    assert [(each.locale, each.version, each.subject) for each in wanted] == [("en", 3, "P1"), ("de", 3, "P1")]


def test_a_price_change_alone_asks_for_nothing() -> None:
    before = _known(product(price="57"))
    assert texts_for(product(version=2, price="49"), before, _EN) == ()


@pytest.mark.parametrize("field", PRODUCT_DESCRIPTION.reads)
def test_a_change_of_any_field_that_is_read_asks_again(field: str) -> None:
    other = {"categories": ("Men/Coats",), "attributes": {"material": ("Wool",)}}
    changed = product(version=2).model_copy(update={field: other.get(field, "other")})
    assert len(texts_for(changed, _known(product()), _EN)) == 1


def test_facts_that_come_back_are_asked_for_under_a_new_id() -> None:
    a1, b2, a3 = product(version=1), product(version=2, title="B"), product(version=3)
    after_b = _known(b2, _known(a1))
    first, third = texts_for(a1, None, _EN), texts_for(a3, after_b, _EN)
    assert len(third) == 1
    assert request_id(first[0]) != request_id(third[0])


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (product(version=5), Standing.REPEAT),
        (product(version=5, updated_unix_ms=NOW_MS + 1), Standing.REPEAT),
        (product(version=5, price="1"), Standing.STALE),
        (product(version=4), Standing.STALE),
        (product(version=6), Standing.NEW),
    ],
)
def test_only_a_larger_version_is_news(event: Product, expected: Standing) -> None:
    assert standing(event, _known(product(version=5))) is expected


def test_a_deleted_product_comes_back_only_with_a_larger_version() -> None:
    gone = deleted(_known(product(version=5)))
    assert standing(product(version=5), gone) is Standing.STALE
    assert standing(product(version=6), gone) is Standing.NEW
    assert len(texts_for(product(version=6), gone, _EN)) == 1


@pytest.mark.parametrize(
    ("version", "of_a_standing_one", "of_a_deleted_one"),
    [
        (None, Standing.NEW, Standing.REPEAT),
        (4, Standing.STALE, Standing.STALE),
        (5, Standing.NEW, Standing.REPEAT),
        (6, Standing.NEW, Standing.NEW),
    ],
)
def test_a_deletion_of_an_older_version_is_no_news(
    version: int | None, of_a_standing_one: Standing, of_a_deleted_one: Standing
) -> None:
    there = _known(product(version=5))
    assert deletion_standing(version, there) is of_a_standing_one
    assert deletion_standing(version, deleted(there)) is of_a_deleted_one
    assert deletion_standing(version, None) is Standing.REPEAT


def test_only_what_is_newer_than_a_deletion_gets_past_it() -> None:
    gone = deleted(_known(product(version=5)), 8)
    assert standing(product(version=7), gone) is Standing.STALE
    assert standing(product(version=9), gone) is Standing.NEW


def test_a_deletion_takes_back_what_the_last_version_wrote() -> None:
    state = known(product(version=5), None, _EN_DE)
    wanted = withdrawals_for("P1", state, 5, _EN)
    assert [(each.locale, each.version, each.facts) for each in wanted] == [("de", 5, None), ("en", 5, None)]


def test_a_deletion_takes_back_what_stands_in_a_language_that_was_localised_before() -> None:
    wanted = withdrawals_for("P1", known(product(version=5), None, _EN), 5, _EN_DE)
    assert [(each.locale, each.version, each.facts) for each in wanted] == [("de", 5, None), ("en", 5, None)]


def test_deleting_twice_takes_back_nothing_twice() -> None:
    assert withdrawals_for("P1", deleted(_known(product())), 1, _EN) == ()


def test_a_new_language_is_asked_for_by_a_repeat() -> None:
    wanted = texts_for(product(), _known(product()), _EN_DE)
    assert [each.locale for each in wanted] == ["de"]


def test_every_text_that_the_shop_wants_is_asked_for() -> None:
    assert _names(texts_for(product(), None, _ALL)) >= {"product-description", "ad-copy", "social-post"}
    assert _names(texts_for(product(), None, _EN)) == {"product-description"}


def test_a_task_that_is_new_is_asked_for_by_a_repeat() -> None:
    assert PRODUCT_DESCRIPTION.name not in _names(texts_for(product(), _known(product()), _ALL))
    assert "ad-copy" in _names(texts_for(product(), _known(product()), _ALL))


def test_a_text_that_the_shop_no_longer_wants_is_still_taken_back_with_its_product() -> None:
    state = _known(product(version=2), known(product(), None, _ALL))
    assert {"ad-copy", "social-post"} <= _names(withdrawals_for("P1", state, 2, _EN))


def test_an_image_is_described_once_and_taken_back_when_it_is_gone() -> None:
    pictured = product(images=("/1.jpg", "/2.jpg"))
    (wanted,) = (each for each in texts_for(pictured, None, _ALL) if each.task is IMAGE_TEXT)
    assert wanted.facts is not None
    assert wanted.facts.image == "/1.jpg"
    state = known(pictured, None, _ALL)
    assert texts_for(pictured, state, _ALL) == ()
    (gone,) = texts_for(product(version=2), state, _ALL)
    assert (gone.task, gone.facts, gone.version) == (IMAGE_TEXT, None, 2)
    assert texts_for(product(version=3), known(product(version=2), state, _ALL), _ALL) == ()


def test_another_voice_rewrites_the_texts() -> None:
    spoken = Shop(tasks=_EN.tasks, voice=Voice(banned_words=("cheap",)))
    (wanted,) = texts_for(product(), _known(product()), spoken)
    assert wanted.facts is not None
    assert wanted.facts.voice == spoken.voice
    assert texts_for(product(), known(product(), None, spoken), spoken) == ()


def test_a_state_from_before_there_were_ads_still_knows_its_descriptions() -> None:
    old = _known(product()).model_dump(mode="json")
    old["asked"] = {"en": old["asked"]["product-description|en"]}
    assert texts_for(product(), ProductState.model_validate(old), _EN) == ()


def test_what_is_remembered_survives_its_own_json() -> None:
    state = _known(product(price=None))
    assert ProductState.model_validate_json(state.model_dump_json(exclude_defaults=True)) == state


_histories = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["A", "B"]), st.sampled_from(["1", "2"])), min_size=1, max_size=12
)


def _event(version: int, title: str, price: str) -> Product:
    return product(version=version, title=title, price=price)


def _asked(events: list[Product], state: ProductState | None) -> tuple[list[str], ProductState | None]:
    ids: list[str] = []
    for event in events:
        if standing(event, state) is Standing.NEW:
            ids += [request_id(each) for each in texts_for(event, state, _EN)]
            state = known(event, state, _EN)
    return ids, state


@given(_histories, st.data())
def test_replaying_any_part_of_the_past_asks_for_nothing_new(
    history: list[tuple[int, str, str]], data: st.DataObject
) -> None:
    events = [_event(*each) for each in history]
    ids, state = _asked(events, None)
    again = events[data.draw(st.integers(0, len(events))) :]
    assert _asked(again, state) == ([], state)
    assert len(ids) == len(set(ids))


@given(_histories, st.data())
def test_a_crash_before_remembering_repeats_the_same_ids(
    history: list[tuple[int, str, str]], data: st.DataObject
) -> None:
    events = [_event(*each) for each in history]
    ids, _ = _asked(events, None)
    cut = data.draw(st.integers(0, len(events) - 1))
    before, remembered = _asked(events[:cut], None)
    lost, _ = _asked(events[cut : cut + 1], remembered)
    after, _ = _asked(events[cut:], remembered)
    assert [*before, *after] == ids
    assert set(lost) <= set(ids)
