"""`python -m tests.benchmarks`: all contenders, round by round, on a broker of its own; a table and JSON lines.

Appends one object per load and contender to `out/bench.jsonl`. The machine is never quiet, so contenders take turns and
are compared within a round.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from confluent_kafka import libversion

from tests.benchmarks.contenders import ContenderName
from tests.benchmarks.field import broker, outputs
from tests.benchmarks.loads import LoadName
from tests.benchmarks.meter import Spent
from tests.benchmarks.report import Samples, Summary, summarised, table

_LIMIT_SECONDS = 180
_HELD: dict[LoadName, int] = {"bytes": 120_000, "records": 30_000}
_TOTALS: dict[tuple[LoadName, ContenderName], int] = {
    ("bytes", "at-least-once"): _HELD["bytes"],
    ("bytes", "worker"): _HELD["bytes"],
    ("bytes", "transaction-per-message"): 300,
    ("records", "at-least-once"): _HELD["records"],
    ("records", "worker"): _HELD["records"],
    ("records", "transaction-per-message"): 300,
}
"""How many requests each contender serves. Those that can serve all of them: what is fetched ahead is then paid for."""


def main() -> None:
    """Measure, show and append."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("out/bench.jsonl"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shelftalk-bench-") as home, broker(Path(home), _HELD) as bootstrap:
        samples = measured(bootstrap, rounds=chosen.rounds)
    summaries = summarised(samples)
    _append(summaries, chosen.out)
    print(table(summaries))  # noqa: T201 - the answer of a command


def measured(bootstrap: str, *, rounds: int) -> Samples:
    """Let every contender run once a round, each in a process of its own; raises RuntimeError when one fails."""
    samples: Samples = {way: [] for way in _TOTALS}
    for number in range(rounds):
        for load, name in _TOTALS:
            spent = _run(name, load, bootstrap)
            samples[load, name].append(spent)
            _say(f"round {number + 1}: {load} {name}: {spent.per_second:,.0f}/s, {spent.cpu_micros:.1f} us")
    return samples


def _run(name: ContenderName, load: LoadName, bootstrap: str) -> Spent:
    total, before = _TOTALS[load, name], outputs(bootstrap, load)
    command = (sys.executable, "-m", "tests.benchmarks.contend", name, load, bootstrap, str(_HELD[load]), str(total))
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed under {load}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    written = outputs(bootstrap, load) - before
    if written < total:
        raise RuntimeError(f"{name} says it served {total} requests and wrote {written} messages")
    return Spent(**json.loads(done.stdout.splitlines()[-1]))


def _append(summaries: list[Summary], out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    common = {"at_unix": round(time.time()), "librdkafka": libversion()[0], "python": sys.version.split()[0]}
    with out.open("a") as lines:
        for summary in summaries:
            lines.write(json.dumps(common | summary.row()) + "\n")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - a run takes minutes


if __name__ == "__main__":
    main()
