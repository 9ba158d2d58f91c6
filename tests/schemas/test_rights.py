"""The list of rights says what the parts do, and nothing beyond it."""

from __future__ import annotations

from schemas import topics
from schemas.rights import RIGHTS, Role


def may(role: Role, operation: str) -> set[str]:
    return {right.name for right in RIGHTS[role] if right.kind == "topic" and right.operation == operation}


def names(*some: topics.Topic) -> set[str]:
    return {topic.name for topic in some}


def test_only_workers_write_copy_but_for_an_operator_who_puts_a_dead_letter_back() -> None:
    writers = {role for role in RIGHTS if may(role, "WRITE") & names(*topics.COPY)}
    assert writers == {"worker", "operator"}
    assert may("operator", "WRITE") & names(*topics.COPY) == {topics.PRODUCT_DESCRIPTIONS.name}


def test_a_worker_may_not_write_what_it_reads() -> None:
    assert not may("worker", "WRITE") & names(*topics.INPUTS, *topics.REQUESTS)
    assert not may("worker", "WRITE") & names(*topics.MODELS)
    assert may("worker", "READ") == names(*topics.REQUESTS, topics.GENERATION_OUTCOMES, topics.MODEL_RELEASES)


def test_restricted_topics_are_read_by_operators_alone() -> None:
    restricted = {topic.name for topic in topics.ALL if topic.restricted}
    assert {role for role in RIGHTS if may(role, "READ") & restricted} == {"operator"}


def test_the_shop_writes_and_readers_read() -> None:
    written = names(*topics.INPUTS, topics.CONTENT_FEEDBACK)
    assert (may("catalogue", "READ"), may("catalogue", "WRITE")) == (set(), written)
    assert (may("reader", "READ"), may("reader", "WRITE")) == (names(*topics.COPY), set())


def test_only_a_person_releases_a_model() -> None:
    assert {role for role in RIGHTS if may(role, "WRITE") & names(topics.MODEL_RELEASES)} == {"operator"}


def test_a_scaler_may_only_look_at_how_far_workers_are() -> None:
    assert {right.operation for right in RIGHTS["scaler"]} == {"DESCRIBE"}
    assert may("scaler", "DESCRIBE") == names(*topics.REQUESTS)


def test_nobody_owns_a_right_twice_and_nobody_may_delete() -> None:
    for rights in RIGHTS.values():
        assert len(set(rights)) == len(rights)
        assert not {right.operation for right in rights} & {"DELETE", "ALTER", "ALL"}


def test_prefixes_of_two_users_never_meet() -> None:
    taken = [right.name for rights in RIGHTS.values() for right in rights if right.kind == "transactional id"]
    assert not [(one, two) for one in taken for two in taken if one != two and two.startswith(one)]
