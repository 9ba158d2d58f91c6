"""What provisioning decides, without a broker."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.provision import CreateTopic, Found, SetSettings, Wanted, plan, wanted_topics
from schemas import topics

WANTED = Wanted("product-created", 4, {"cleanup.policy": "compact", "retention.ms": "-1"})
AS_WANTED = Found(4, {"cleanup.policy": "compact", "retention.ms": "-1", "segment.bytes": "1"})


def test_what_is_as_wanted_is_left_alone() -> None:
    assert plan([WANTED], {WANTED.name: AS_WANTED}) == ((), ())


def test_a_missing_topic_is_made_with_its_settings() -> None:
    ((change,), problems) = plan([WANTED], {})
    assert isinstance(change, CreateTopic)
    assert (change.wanted, problems) == (WANTED, ())


def test_only_settings_that_differ_are_set() -> None:
    found = replace(AS_WANTED, settings={"cleanup.policy": "delete", "retention.ms": "-1"})
    ((change,), _) = plan([WANTED], {WANTED.name: found})
    assert isinstance(change, SetSettings)
    assert change.settings == {"cleanup.policy": "compact"}


@pytest.mark.parametrize("partitions", [1, 8])
def test_another_number_of_partitions_is_never_repaired_by_itself(partitions: int) -> None:
    changes, problems = plan([WANTED], {WANTED.name: replace(AS_WANTED, partitions=partitions)})
    assert changes == ()
    assert problems == (f"product-created has {partitions} partitions, wanted are 4",)


@pytest.mark.parametrize(("copies", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_writes_are_kept_twice_where_there_are_three_copies(copies: int, in_sync: str) -> None:
    found = {topic.settings["min.insync.replicas"] for topic in wanted_topics(replication_factor=copies)}
    assert found == {in_sync}


def test_every_topic_and_every_table_is_wanted_with_the_same_partitions() -> None:
    wanted = {topic.name: topic for topic in wanted_topics(replication_factor=1)}
    assert set(wanted) == {topic.name for topic in (*topics.ALL, *topics.CHANGELOGS)}
    joined = (*topics.INPUTS, *topics.CHANGELOGS)
    assert len({wanted[topic.name].partitions for topic in joined}) == 1


def test_what_we_write_may_have_any_time_and_the_shops_events_may_not() -> None:
    wanted = {topic.name: topic.settings for topic in wanted_topics(replication_factor=1)}
    ours = {topic.name for topic in topics.ALL} - {topic.name for topic in topics.INPUTS}
    assert {name for name, settings in wanted.items() if "message.timestamp.after.max.ms" in settings} == ours


def test_compacted_topics_keep_for_ever_and_logs_do_not() -> None:
    for topic in wanted_topics(replication_factor=1):
        assert (topic.settings["cleanup.policy"] == "compact") == (topic.settings["retention.ms"] == "-1")
