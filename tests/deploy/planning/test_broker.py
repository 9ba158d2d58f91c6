"""The broker's needs are those of the contract's topics, their retention and their readers."""

from __future__ import annotations

from deploy.planning.broker import Keeping, broker_needs, flows_of
from deploy.planning.load import load_of
from deploy.planning.span import Span, as_span
from schemas import topics
from tests.deploy.planning.shops import SHOP, exact

FEW = (topics.DEAD_LETTERS, topics.CONTENT_WITHHELD, topics.PRODUCT_FAQS, *topics.MODELS, topics.LOCALISED_CHANGELOG)
ONE_COPY = Keeping(replication=1, readers=0, days=1)
FIGURES = exact()
LOAD = load_of(SHOP, FIGURES)


def test_every_topic_has_its_flow_but_those_that_hold_little() -> None:
    flows = [flow.topic.name for flow in flows_of(SHOP, LOAD, ONE_COPY)]
    assert len(flows) == len(set(flows))
    known = {topic.name for topic in topics.ALL} | {log.name for log in topics.CHANGELOGS}
    assert set(flows) == known - {few.name for few in FEW}


def test_a_log_keeps_what_its_retention_says_and_a_compacted_topic_its_keys() -> None:
    kept = {flow.topic: flow.kept for flow in flows_of(SHOP, LOAD, ONE_COPY)}
    assert kept[topics.REVIEW_POSTED] == as_span(1_000 * 30)
    assert kept[topics.PRODUCT_CREATED] == Span(1_000, 1_500, 2_000)
    assert kept[topics.PRODUCT_DESCRIPTIONS] == Span(2_000, 3_000, 4_000)


def test_texts_without_an_end_add_up_over_the_days_that_are_named() -> None:
    year = Keeping(replication=1, readers=0, days=365)
    kept = {flow.topic: flow.kept for flow in flows_of(SHOP, LOAD, year)}
    assert kept[topics.REVIEW_INSIGHTS].low == 1_000 * 365
    assert kept[topics.RECOMMENDATIONS].low == 5_000 * 2


def test_copies_are_stored_and_sent_between_brokers_and_readers_read_published_copy() -> None:
    one = broker_needs(SHOP, LOAD, FIGURES, ONE_COPY)
    three = broker_needs(SHOP, LOAD, FIGURES, Keeping(replication=3, readers=2, days=1))
    published = sum(LOAD.requests[name].likely for name in LOAD.requests)

    assert (one.copied, three.copied) == (as_span(0), one.taken_in * 2)
    assert three.stored == one.stored * 3
    assert three.taken_in == one.taken_in
    assert round(three.given_out.likely - one.given_out.likely) == round(published * 2)
