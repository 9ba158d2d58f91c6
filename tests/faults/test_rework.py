"""What faults may cost is what was at stake in them, and not more."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from tests.faults import rework
from tests.faults.rework import Stake, explained
from workers.engines.fake import LedgerCounts


def ledger(*prompts: str, again: str = "", unfinished: str = "") -> LedgerCounts:
    """Give the ledger of a run in which each prompt was generated once, some `again`, some only begun."""
    return LedgerCounts(Counter([*prompts, *again, *unfinished]), Counter([*prompts, *again]))


def test_what_was_begun_and_is_not_out_is_at_stake() -> None:
    assert explained([Stake(frozenset("abcde"), 2)], ledger(*"abcdef")) == 3


def test_what_was_superseded_in_flight_explains_nothing() -> None:
    assert explained([Stake(frozenset("abxy"), 1)], ledger(*"ab", unfinished="xy")) == 1


def test_each_fault_explains_what_was_at_stake_in_it_and_no_fault_explains_nothing() -> None:
    stakes = [Stake(frozenset("abc"), 0), Stake(frozenset("abcde"), 4)]
    assert (explained(stakes, ledger(*"abcde")), explained([], ledger(*"abcde"))) == (4, 0)


def test_one_generation_more_than_was_at_stake_breaks_the_promise() -> None:
    broken: list[str] = []
    stage = SimpleNamespace(
        figures={},
        read_engine_ledger=lambda: ledger(*"abcd", again="ab"),
        expect=lambda holds, what: None if holds else broken.append(what),
    )
    rework.expect_at_most_of(stage, [Stake(frozenset("abcd"), 2)])  # type: ignore[arg-type]
    assert broken == []
    rework.expect_at_most_of(stage, [Stake(frozenset("abc"), 2)])  # type: ignore[arg-type]
    assert broken == ["1 faults explain 1 regenerated, not 2"]
