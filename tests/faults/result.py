"""What a run came to: one JSON object for the file, one line for people."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from deploy.local.pin_jars import KAFKA
from tests.faults.checker import Findings
from tests.faults.stage import Figure
from workers.engines.fake import LedgerCounts

_SHOWN = 20
"""A broken run may break a promise a thousand times: the first few say enough."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted beside the books. `raw_duplicates` are outcomes of aborted transactions, never visible."""

    inputs: int
    disagreeing: int
    raw_duplicates: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """One run's verdict and figures."""

    scenario: str
    seed: int
    judged: bool
    counted: Counted
    findings: Findings
    engine: LedgerCounts
    kills: int
    exits: Mapping[int, int]
    """How many processes ended with each exit code, negative for signals."""
    figures: Mapping[str, Figure]
    broken: Sequence[str]
    at_rest: bool
    slowness: float
    """Times that every limit in seconds was multiplied by."""

    @property
    def ok(self) -> bool:
        """Tell whether every promise held."""
        return not self.broken

    @property
    def regenerated(self) -> int:
        """Count the generations that were started again."""
        return self.engine.starts.total() - len(self.engine.starts)

    def json(self) -> str:
        """Give the line for the file of results."""
        return json.dumps(self._fields())

    def line(self) -> str:
        """Give the line for people."""
        told = [f"{name} {value}" for name, value in self._fields().items() if name in _TOLD or name in self.figures]
        verdict = "ok" if self.ok else "BROKEN"
        return "\n    ".join((f"{verdict}: {', '.join(told)}", *self.broken[:_SHOWN]))

    def _fields(self) -> dict[str, Figure | bool | Sequence[str] | Mapping[str, int]]:
        kinds, wrong = self.findings.kinds, self.findings.wrong
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "ok": self.ok,
            "judged": self.judged,
            "inputs": self.counted.inputs,
            "published": kinds["published"],
            "withheld": kinds["withheld"],
            "withdrawn": kinds["withdrawn"],
            "dead_lettered": kinds["dead-lettered"],
            "superseded": kinds["superseded"],
            "duplicate_requests": kinds["duplicate"],
            "lost": wrong["lost"],
            "duplicated": wrong["duplicated"],
            "stale": wrong["stale"],
            "unasked": wrong["unasked"],
            "unaccounted": wrong["unaccounted"],
            "mistaken": wrong["mistaken"],
            "disagreeing": self.counted.disagreeing,
            "raw_duplicates": self.counted.raw_duplicates,
            "generations": len(self.engine.starts),
            "regenerated": self.regenerated,
            "finished_twice": self.engine.finishes.total() - len(self.engine.finishes),
            "kills": self.kills,
            "exits": {str(code): self.exits[code] for code in sorted(self.exits)},
            "seconds": round(self.counted.seconds, 1),
            "broker_version": KAFKA.rpartition(":")[2],
            "slowness": self.slowness,
            "revision": revision(),
            "broken": list(self.broken[:_SHOWN]),
            **self.figures,
        }


@cache
def revision() -> str:
    """Give the revision of the code that runs, with a plus sign where it was changed since."""
    asked = ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


_TOLD = frozenset(
    {
        "inputs",
        "published",
        "dead_lettered",
        "superseded",
        "duplicate_requests",
        "lost",
        "duplicated",
        "stale",
        "mistaken",
        "disagreeing",
        "raw_duplicates",
        "regenerated",
        "finished_twice",
        "kills",
        "exits",
        "seconds",
    }
)
