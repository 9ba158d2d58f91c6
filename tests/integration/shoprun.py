"""A run of the real processes on a stack of its own: events in, results out, with parts killed on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.stack import LocalStack, local_stack
from tests.integration.conftest import CACHE, provisioned
from tests.integration.processes import Running, environment_of, running
from tests.integration.shopbooks import ShopBooks


@dataclass(slots=True)
class ShopRun(ShopBooks):
    """A stack with streams and workers on it."""

    stack: LocalStack
    home: Path
    exits: ExitStack
    processes: dict[str, Running]

    def start(self, module: str, name: str, **environment: str) -> None:
        """Start `python -m MODULE` under a name of its own."""
        everything = environment_of(self.stack, self.home / name) | environment
        log = self.home / f"{name}.log"
        self.processes[name] = self.exits.enter_context(running(module, environment=everything, log=log))

    def start_streams(self, **environment: str) -> None:
        self.start("streams", "streams", **environment)

    def start_worker(self, name: str = "worker", *, seconds_per_text: float = 0.3, **environment: str) -> None:
        """Start a worker whose fake engine takes this long for a text (log-normal)."""
        self.start(
            "workers",
            name,
            SHELFTALK_WORKER_ID=name,
            SHELFTALK_ENGINE="fake",
            SHELFTALK_MAX_IN_FLIGHT="16",
            SHELFTALK_FAKE__MEDIAN_SECONDS=str(seconds_per_text),
            SHELFTALK_FAKE__SPREAD="0.8",
            **environment,
        )

    def kill(self, name: str) -> None:
        """End a process as a crash would."""
        self.processes[name].kill()


@contextmanager
def shop_run(home: Path) -> Iterator[ShopRun]:
    """Give a provisioned stack of its own; everything started on it is ended afterwards."""
    with local_stack(home / "stack", CACHE) as stack, ExitStack() as exits:
        yield ShopRun(stack.bootstrap, stack.registry_url, provisioned(stack), home, exits, {})
