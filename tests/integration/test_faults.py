"""A few of the faults of `make faults`, shortened: nothing lost, nothing doubled, and little done again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.catalogue import BY_NAME
from tests.faults.ground import Ground, ground
from tests.faults.runner import run

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("faults")) as one:
        yield one


@pytest.mark.parametrize("name", ["worker-kill", "unknown-commit", "killer", "poison"])
def test_every_promise_holds(name: str, stack: Ground, tmp_path: Path) -> None:
    result = run(BY_NAME[name], 1, stack, count=300, folder=tmp_path, say=print)
    assert list(result.broken) == []
