"""The demo shop into a real broker and registry, and out again as operators see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka.admin import AdminClient

from deploy.endpoints import Endpoints
from deploy.feeder import CannotFeed, FeedReport, Sending, feed_folder
from deploy.local.stack import LocalStack, local_stack
from deploy.shop_files import DEMO_SHOP, Reading
from deploy.show import Shown
from deploy.tail import messages
from schemas import topics
from schemas.codec import ErrorClass, Undecodable
from schemas.events import Activity, Product, Review
from tests.integration.conftest import CACHE, provisioned
from tests.integration.reading import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Give a stack of this module's own: the demo shop would be in the way of other tests."""
    with local_stack(tmp_path_factory.mktemp("feed"), CACHE) as running:
        yield provisioned(running)


@pytest.fixture(scope="module")
def endpoints(own_stack: LocalStack) -> Endpoints:
    return Endpoints(own_stack.bootstrap, own_stack.registry_url)


@pytest.fixture(scope="module")
def report(endpoints: Endpoints) -> FeedReport:
    """Give the report of the demo shop, fed with its malformed lines."""
    return feed_folder(DEMO_SHOP, endpoints, reading=Reading(), sending=Sending(keep_malformed=True))


@pytest.fixture(scope="module")
def arrived(report: FeedReport, endpoints: Endpoints) -> list[Shown]:
    """Give all that stands on the input topics after the feed, as `shelftalk tail` reads it."""
    with closing(messages(endpoints, topics.INPUTS, from_beginning=True, idle_seconds=5)) as found:
        return list(found)


def test_every_event_of_the_demo_shop_is_on_its_topic(report: FeedReport, arrived: list[Shown]) -> None:
    assert (report.total, report.undelivered) == (509, ())
    assert Counter((shown.topic, type(shown.record)) for shown in arrived) == {
        ("product-created", Product): 45,
        ("product-created", type(None)): 1,
        ("product-created", Undecodable): 3,
        ("review-posted", Review): 153,
        ("review-posted", Undecodable): 3,
        ("user-activity", Activity): 301,
        ("user-activity", Undecodable): 3,
    }


def test_a_malformed_line_arrives_as_bytes_that_are_no_record(report: FeedReport, arrived: list[Shown]) -> None:
    bad = {shown.key: shown.record for shown in arrived if isinstance(shown.record, Undecodable)}
    assert bad.keys() == {refused.key.decode() for refused in report.refused}
    assert {each.error_class for each in bad.values()} == {ErrorClass.BAD_MAGIC_BYTE}


def test_a_broker_that_is_not_provisioned_is_named(own_stack: LocalStack, report: FeedReport) -> None:
    admin = AdminClient({"bootstrap.servers": own_stack.bootstrap})
    for deleted in admin.delete_topics([topics.USER_ACTIVITY.name]).values():
        deleted.result(30)
    wait_until(lambda: topics.USER_ACTIVITY.name not in admin.list_topics(timeout=10).topics, "the topic is gone")
    endpoints = Endpoints(own_stack.bootstrap, own_stack.registry_url)
    with pytest.raises(CannotFeed, match=r"no topic user-activity for us: run `shelftalk provision`"):
        feed_folder(DEMO_SHOP, endpoints, reading=Reading(), sending=Sending())
