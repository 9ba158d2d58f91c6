"""A fault that did not happen is no fault survived: a zombie that never tried, a transaction without results in it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.faults.catalogue import BY_NAME
from tests.faults.failpoints import REFUSED, WENT_THROUGH
from tests.faults.scenarios_deaths import expect_refused


@pytest.mark.parametrize(("log", "problems"), [(f"{REFUSED}: _FENCED", 0), ("partitions lost", 1), (WENT_THROUGH, 2)])
def test_a_zombie_must_have_tried_to_commit_and_must_not_have_committed(log: str, problems: int) -> None:
    broken: list[str] = []
    stage = SimpleNamespace(expect=lambda holds, what: None if holds else broken.append(what))
    expect_refused(stage, log)  # type: ignore[arg-type]
    assert len(broken) == problems


@pytest.mark.parametrize("name", ["open-transaction", "open-transaction-for-good"])
@pytest.mark.parametrize(("aborted", "problems"), [(0, 1), (3, 0)])
def test_an_open_transaction_left_records_that_were_taken_back(name: str, aborted: int, problems: int) -> None:
    broken: list[str] = []
    stage = SimpleNamespace(aborted=aborted, expect=lambda holds, what: None if holds else broken.append(what))
    review = BY_NAME[name].review
    assert review is not None
    review(stage)  # type: ignore[arg-type]
    assert len(broken) == problems
