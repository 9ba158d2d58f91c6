"""What a scenario has to play with: a stack of its own kind, processes, a feeder, a second reader, a seeded chance."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from schemas.topics import REQUESTS
from tests.faults.books import Books
from tests.faults.feeder import Feeder
from tests.faults.follower import Follower
from tests.faults.ground import Ground
from tests.faults.supervisor import Supervisor
from tests.integration.processes import environment_of
from tests.integration.reading import wait_until
from workers.engines.fake import LedgerCounts, read_ledger

Figure = int | float | str | list[float]

IN_FLIGHT = 32
_FULL_RUN = 600


@dataclass(slots=True)
class Stage:
    """One run of one scenario with one seed. Nothing of another run lives on its stack."""

    ground: Ground
    seed: int
    count: int
    mark: str
    """In every id of this run, so that no other run's requests on this stack are the same.

    The same seed gives the same one: keys, and with them partitions, prompts and latencies are the same again.
    """
    folder: Path
    slowness: float
    """How many times longer than promised things may take: more than 1 where other work slows this machine down."""
    supervisor: Supervisor
    feeder: Feeder
    follower: Follower
    random: Random
    figures: dict[str, Figure] = field(default_factory=dict)
    """What the run's line in the results says on top of the books."""
    counts: Counter[str] = field(default_factory=Counter)
    """Further figures, counted."""
    broken: list[str] = field(default_factory=list)
    """The promises that did not hold."""
    at_rest: bool = True
    """False when something was left undone, which the next run on this stack would find."""
    books: Books | None = None
    """What stands in the topics: known in `review`, not in `play`."""
    aborted: int = 0
    """The outcomes of aborted transactions that stand in the log, which no read_committed reader sees: as `books`."""

    def id(self, name: str | int) -> str:
        """Give an id that only this run has."""
        return f"{self.mark}-{name}"

    @property
    def engine_ledger(self) -> Path:
        """Give the file in which every fake engine of this run notes what it starts and finishes."""
        return self.folder / "engine-ledger"

    @property
    def median_seconds(self) -> float:
        """Give the median of a generation, scaled down in a run with few requests."""
        return 0.3 * min(1.0, self.count / _FULL_RUN)

    # ---- processes

    def start_worker(
        self,
        name: str,
        *,
        door: int | None = None,
        static: bool = True,
        restarted: bool = True,
        first: Mapping[str, str] | None = None,
        **more: str,
    ) -> None:
        """Start a worker without the guard, restarted whenever it ends; `door` names its way to the broker.

        `static` gives it a static id, `first` settings for its first life only, `more` settings for all.
        """
        environment = self._environment(name, door) | self.engine_settings() | more
        if static:
            environment["SHELFTALK_WORKER_ID"] = name
        self.supervisor.start(name, "tests.faults.worker", environment, first=first or {}, restarted=restarted)

    def start(
        self,
        name: str,
        module: str,
        *arguments: str,
        door: int | None = None,
        restarted: bool = True,
        first: Mapping[str, str] | None = None,
        **environment: str,
    ) -> None:
        """Start `python -m MODULE ARGUMENTS`, restarted whenever it ends; `first` is for its first life only."""
        everything = self._environment(name, door) | environment
        self.supervisor.start(name, module, everything, arguments=arguments, first=first or {}, restarted=restarted)

    def _environment(self, name: str, door: int | None) -> dict[str, str]:
        through = {} if door is None else {"KAFKA_BOOTSTRAP": self.ground.proxies[door].bootstrap}
        return environment_of(self.ground.stack, self.folder / name) | through

    def engine_settings(self) -> dict[str, str]:
        """Give log-normal latencies: in a full run a median of 0.3 s and a 99th percentile of 5 s."""
        return {
            "SHELFTALK_ENGINE": "fake",
            "SHELFTALK_MAX_IN_FLIGHT": str(IN_FLIGHT),
            "SHELFTALK_FAKE__MEDIAN_SECONDS": str(self.median_seconds),
            "SHELFTALK_FAKE__SPREAD": "1.21",
            "SHELFTALK_FAKE__SEED": str(self.seed),
            "SHELFTALK_FAKE__LEDGER": str(self.engine_ledger),
        }

    def kill_broker(self, *, away_seconds: float = 2.0) -> float:
        """End the broker as a power cut would, and start it again a little later; gives how long it was away."""
        began = time.monotonic()
        self.ground.stack.kill_broker()
        self.rest(away_seconds)
        self.ground.stack.start_broker()
        self.count_up("broker_kills")
        return time.monotonic() - began

    def start_workers(self, count: int, *, through_doors: bool = False, **more: str) -> list[str]:
        """Start `worker-1` and so on, each with a static id and, if asked, its own door, and wait until all work."""
        names = [f"worker-{number}" for number in range(1, count + 1)]
        for door, name in enumerate(names):
            way = door if through_doors else None
            self.start_worker(name, door=way, static=True, restarted=True, first=None, **more)
        self.wait_until_all_work(names)
        return names

    def wait_until_all_work(self, names: Sequence[str]) -> None:
        """Return when each of these workers has partitions of each topic, so that what moves later is a fault's doing.

        Raises TimeoutError.
        """
        self.wait_until(partial(self.ground.only_these_are_members, names), "the last run's workers are forgotten")
        for name in names:
            self.wait_until(partial(self._has_opened_both, name), f"{name} has partitions")

    def _has_opened_both(self, name: str) -> bool:
        opened = [line for line in self.supervisor.log(name).read_text().splitlines() if "partition opened" in line]
        return all(any(topic.name in line for line in opened) for topic in REQUESTS)

    # ---- time

    def rest(self, seconds: float) -> None:
        """Let time pass: how long a fault lasts is part of the fault."""
        time.sleep(seconds)

    def wait_for_outcomes(self, count: int, *, timeout_seconds: float = 300) -> None:
        """Return when a read_committed reader has seen so many outcomes of this run; raises TimeoutError."""
        wait_until(lambda: len(self.follower.outcomes) >= count, f"{count} outcomes", timeout_seconds=timeout_seconds)

    def wait_until(self, condition: Callable[[], bool], what: str, *, timeout_seconds: float = 60) -> None:
        """Return when the condition holds; raises TimeoutError naming what was waited for."""
        wait_until(condition, what, timeout_seconds=timeout_seconds)

    def wait_drained(self, *, timeout_seconds: float = 300) -> None:
        """Return when all is fed and every request has an outcome that a read_committed reader saw.

        Raises TimeoutError. Requests that streams make are counted as well, so let the streams come to rest first.
        """
        self.feeder.wait(timeout_seconds=timeout_seconds)
        wait_until(self._is_drained, "an outcome for every request", timeout_seconds=timeout_seconds)

    def _is_drained(self) -> bool:
        return self.follower.places_seen() >= self.ground.count_since(self.follower.since, REQUESTS)

    def read_engine_ledger(self) -> LedgerCounts:
        """Give what the fake engines of this run have started and finished so far."""
        return read_ledger(self.engine_ledger)

    # ---- judgement

    def count_up(self, name: str) -> None:
        """Add one to a figure."""
        self.counts[name] += 1

    def expect(self, holds: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence: expect(that, "what")
        """Note a promise that does not hold; the run goes on, and fails."""
        if not holds:
            self.broken.append(what)
