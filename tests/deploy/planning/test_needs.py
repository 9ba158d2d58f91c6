"""Machines and money are what the load takes, never too few, and more load never takes fewer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.planning.broker import Keeping, broker_needs
from deploy.planning.figures import measured
from deploy.planning.load import Load, load_of
from deploy.planning.needs import Costs, Engine, Margin, Prices, Sized, costs_of, first_fill_hours, machines_for
from deploy.planning.span import as_span
from tests.deploy.planning.shops import CARD, MARGIN, SHOP, exact

A_DAY = 86_400


def load(*, requests: float, tokens: float) -> Load:
    """Give a day's load of one task, by the second."""
    return Load({"ad-copy": as_span(requests * A_DAY)}, {"ad-copy": as_span(tokens * A_DAY)})


def test_cards_are_as_many_as_the_tokens_take_when_half_of_their_time_is_kept() -> None:
    figures = exact(streams_events_per_second=1)
    needed = machines_for(SHOP, load(requests=1, tokens=900), figures, CARD, MARGIN, times=1)
    peak = machines_for(SHOP, load(requests=1, tokens=900), figures, CARD, MARGIN, times=4)

    assert (needed.engines.likely, peak.engines.likely) == (2, 8)  # 900/s of 1,000/s that may be half busy
    assert (needed.streams.likely, peak.streams.likely) == (2, 8)  # one event a second
    assert (needed.partitions.likely, peak.partitions.likely) == (4, 8)


def test_workers_are_as_many_as_judging_takes_where_that_is_more_than_the_cards() -> None:
    figures = exact(guard_micros=9_700, delivery_micros=300, streams_events_per_second=500)
    needed = machines_for(SHOP, load(requests=200, tokens=100), figures, CARD, MARGIN, times=1)

    assert (needed.engines.likely, needed.workers.likely) == (1, 4)  # 200/s of 10 ms each, half of the time
    assert needed.cores(CARD).likely == 1 + 4


def test_without_a_card_workers_write_on_their_own_cores() -> None:
    cores = Engine(kind="cpu", rate=as_span(100), cores=2)
    figures = exact(streams_events_per_second=500)
    needed = machines_for(SHOP, load(requests=1, tokens=100), figures, cores, MARGIN, times=1)

    assert (needed.engines, needed.workers) == (as_span(2), as_span(2))
    assert needed.cores(cores) == as_span(1 + 2 * 2)


def test_a_shop_that_asks_for_nothing_has_one_of_each() -> None:
    idle = machines_for(SHOP, load(requests=0, tokens=0), exact(), CARD, MARGIN, times=1)
    assert (idle.engines, idle.workers) == (as_span(1), as_span(1))


def test_a_catalogue_is_filled_by_all_cards_at_once() -> None:
    figures = exact(tokens__product_description=1_800, tokens__ad_copy=0, tokens__social_post=0, tokens__image_text=0)
    two = machines_for(SHOP, load(requests=1, tokens=900), figures, CARD, MARGIN, times=1)

    assert first_fill_hours(SHOP, figures, CARD, two, busy=0.5) == as_span(1)  # 3.6 million tokens at 1,000/s


def costs(prices: Prices, engine: Engine = CARD) -> Costs:
    """Give the costs of 36 tokens a second, 1 request a second, and one machine of each."""
    figures, asked = exact(tokens__ad_copy=36), load(requests=1, tokens=36)
    machines = machines_for(SHOP, asked, figures, engine, MARGIN, times=1)
    broker = broker_needs(SHOP, load_of(SHOP, figures), figures, Keeping(replication=1, readers=0, days=1))
    return costs_of(Sized(asked, engine, machines, broker), figures, prices, busy=0.5)


def test_a_card_that_is_always_on_is_shared_by_the_texts_of_a_month() -> None:
    found = costs(Prices(gpu_hour=2))
    assert found.month is not None
    assert found.thousand_texts is not None
    assert found.month.likely == pytest.approx(2 * 24 * 30.4)
    assert found.thousand_texts.likely == pytest.approx(2 * 24 * 30.4 / (86.4 * 30.4))


def test_a_thousand_more_texts_take_a_busy_card_their_tokens_long() -> None:
    found = costs(Prices(gpu_hour=2)).thousand_of
    assert found is not None
    assert found["ad-copy"].likely == pytest.approx(1_000 * 36 / 500 / 3_600 * 2)


@pytest.mark.parametrize(
    ("prices", "engine"),
    [(Prices(), CARD), (Prices(core_hour=1), CARD), (Prices(gpu_hour=1), replace(CARD, kind="cpu"))],
)
def test_what_has_no_price_has_no_cost(prices: Prices, engine: Engine) -> None:
    assert costs(prices, engine) == Costs(None, None, None, None)


@given(st.floats(1, 1e9), st.floats(1, 100), st.floats(1, 10))
def test_more_events_never_take_fewer_machines(events: float, times: float, peak: float) -> None:
    figures, margin = measured(), Margin(peak=peak, busy=0.7)
    small = replace(SHOP, events_per_day=events + 2_000)
    large = replace(small, events_per_day=small.events_per_day * times)
    fewer, more = (
        machines_for(shop, load_of(shop, figures), figures, CARD, margin, times=peak) for shop in (small, large)
    )
    for one, other in ((fewer.streams, more.streams), (fewer.engines, more.engines), (fewer.workers, more.workers)):
        assert (one.low <= other.low, one.likely <= other.likely, one.high <= other.high) == (True, True, True)
