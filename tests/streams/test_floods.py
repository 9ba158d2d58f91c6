"""A flood is counted for each input topic, and told once."""

from __future__ import annotations

from schemas import topics
from schemas.codec import ErrorClass
from schemas.flood import FloodLimits
from schemas.topics import Topic
from streams.decode import Rejection
from streams.floods import Floods
from tests.streams.messages import message

_BAD = Rejection(ErrorClass.TRUNCATED, "too short")


def is_too_much(floods: Floods, topic: Topic, rejection: Rejection | None) -> bool:
    return floods.is_too_much(message(topic, b"K", b"bytes"), rejection)


def test_good_messages_of_other_topics_do_not_hide_a_flood() -> None:
    floods = Floods(FloodLimits(consecutive=3, ratio=0), on_flood=lambda: None)
    for expected in (False, False, True):
        assert is_too_much(floods, topics.PRODUCT_CREATED, _BAD) is expected
        assert is_too_much(floods, topics.USER_ACTIVITY, None) is False


def test_a_few_bad_messages_in_each_topic_are_no_flood() -> None:
    floods = Floods(FloodLimits(consecutive=3, ratio=0), on_flood=lambda: None)
    assert not any(is_too_much(floods, topic, _BAD) for topic in topics.INPUTS for _ in range(2))
    assert not floods.is_seen


def test_once_seen_no_topic_has_its_bad_messages_dead_lettered() -> None:
    told: list[bool] = []
    floods = Floods(FloodLimits(consecutive=1, ratio=0), on_flood=lambda: told.append(floods.is_seen))
    assert is_too_much(floods, topics.PRODUCT_CREATED, _BAD)
    assert is_too_much(floods, topics.REVIEW_POSTED, _BAD)
    assert not is_too_much(floods, topics.REVIEW_POSTED, None)
    assert told == [True]


def test_with_both_limits_off_whatever_comes_is_dead_lettered() -> None:
    floods = Floods(FloodLimits(consecutive=0, ratio=0), on_flood=lambda: None)
    assert not any(is_too_much(floods, topics.PRODUCT_CREATED, _BAD) for _ in range(3_000))
