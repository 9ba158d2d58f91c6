"""Three of the faults of `make faults`, shortened: nothing lost, nothing doubled, and little done again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.catalogue import BY_NAME
from tests.faults.ground import Ground, ground
from tests.faults.runner import Size, run

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("faults")) as one:
        yield one


@pytest.mark.parametrize("name", ["worker-kill", "unknown-commit", "killer"])
def test_every_promise_holds(name: str, stack: Ground, tmp_path: Path) -> None:
    size = Size(200, slowness=10)  # how long things take is measured by `make faults`, alone on its machine
    result = run(BY_NAME[name], 1, stack, size=size, folder=tmp_path, say=print)
    assert list(result.broken) == []
