"""`python -m tests.faults`: plays scenarios with seeds on a real broker; exits 1 when a promise did not hold."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.faults.catalogue import ALL, BY_NAME
from tests.faults.ground import Ground, ground
from tests.faults.result import revision
from tests.faults.runner import Size, run
from tests.faults.scenario import Scenario
from tests.faults.table import newest, print_table


@dataclass(frozen=True, slots=True)
class Turn:
    """One run to do."""

    scenario: Scenario
    seed: int
    size: Size


@dataclass(frozen=True, slots=True)
class Destination:
    """Where results and what broken runs left behind go."""

    results: Path
    folder: Path


def main() -> None:
    """Break things on purpose, and show that nothing was lost, nothing doubled and nothing paid for twice."""
    options = _options()
    if options.list:
        for each in ALL:
            _say(f"{each.name:32} {each.promise}")
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started here is ended
    out: Path = options.out
    before = 0 if options.resume else len(_lines(out))
    turns = turns_of(options)
    left = without_kept(turns, _lines(out)) if options.resume else turns
    destination = Destination(out, out.parent / "faults")
    if options.part:
        _one_after_the_other(part_of(left, options.part), destination)
    elif options.jobs > 1:
        _side_by_side(options.jobs)
        _one_after_the_other([turn for turn in left if turn.scenario.alone], destination)
    else:
        _one_after_the_other(left, destination)
    if not options.part:
        sys.exit(0 if print_table(newest(_lines(out)[before:]), wanted=len(turns)) else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=main.__doc__)
    parser.add_argument("--scenario", action="append", choices=sorted(BY_NAME), help="play only this; may be repeated")
    parser.add_argument("--seed", type=int, help="play with this seed only")
    parser.add_argument("--seeds", type=int, default=5, help="play with the seeds 1 to this (%(default)s)")
    parser.add_argument("--requests", type=int, help="inputs per run, instead of each scenario's own number")
    parser.add_argument("--out", type=Path, default=Path("out/faults.jsonl"), help="gets one JSON object per run")
    parser.add_argument("--jobs", type=int, default=1, help="runs side by side, each on a stack of its own")
    parser.add_argument("--slowness", type=float, default=1.0, help="times that all may take longer: on a busy machine")
    parser.add_argument("--resume", action="store_true", help="leave out what OUT says has kept every promise")
    parser.add_argument("--list", action="store_true", help="only say which scenarios there are")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    return parser.parse_args()


def turns_of(options: argparse.Namespace) -> list[Turn]:
    """Give all scenarios with one seed after the other, so that a suite that is broken off has played them all."""
    chosen = [BY_NAME[name] for name in options.scenario] if options.scenario else [one for one in ALL if one.in_all]
    seeds = range(1, options.seeds + 1) if options.seed is None else (options.seed,)
    sizes = {each: Size(options.requests or each.requests, options.slowness) for each in chosen}
    return [Turn(each, seed, size) for seed in seeds for each, size in sizes.items()]


def part_of(turns: Sequence[Turn], part: str) -> list[Turn]:
    """Give what one of several processes plays, as "0/2" for the first of two; what must be alone is nobody's."""
    number, parts = map(int, part.split("/"))
    return [turn for turn in turns if not turn.scenario.alone][number::parts]


def without_kept(turns: Sequence[Turn], results: Sequence[str]) -> list[Turn]:
    """Give the turns that no earlier result kept every promise in."""
    found = map(json.loads, results)
    kept = {tuple(one.get(name) for name in _SAME) for one in found if one["ok"]}
    here = revision()
    return [turn for turn in turns if (turn.scenario.name, turn.seed, turn.size.slowness, here) not in kept]


_SAME = ("scenario", "seed", "slowness", "revision")
"""What an earlier run must have in common with one that is left out for it."""


def _side_by_side(jobs: int) -> None:
    """Play the same command in several processes, each a part of its turns."""
    again = [sys.executable, "-m", "tests.faults", *sys.argv[1:], "--jobs=1"]  # of two, the last counts
    commands = [[*again, f"--part={number}/{jobs}"] for number in range(jobs)]
    processes = [subprocess.Popen(command) for command in commands]
    try:
        for process in processes:
            process.wait()
    finally:
        for process in processes:
            process.terminate()
            process.wait(60)


def _one_after_the_other(turns: Sequence[Turn], destination: Destination) -> None:
    """Play the turns on one stack; a run that broke a promise is the last on its stack: others would inherit it.

    So is one before a run that needs other partitions.
    """
    destination.results.parent.mkdir(parents=True, exist_ok=True)
    for partitions, alike in groupby(turns, lambda turn: turn.scenario.partitions):
        waiting = deque(alike)
        while waiting:
            home = tempfile.TemporaryDirectory(prefix="shelftalk-faults-")
            with home as folder, ground(Path(folder), partitions=partitions, say=_say) as stack:
                while waiting and _play(waiting.popleft(), stack, destination):
                    pass


def _play(turn: Turn, stack: Ground, destination: Destination) -> bool:
    """Play one turn, write its result down, and tell whether its stack may be used again."""
    folder = unused(destination.folder / f"{turn.scenario.name}-{turn.seed}")
    result = run(turn.scenario, turn.seed, stack, size=turn.size, folder=folder, say=_say)
    with destination.results.open("a") as results:
        results.write(result.json() + "\n")
    if result.ok:
        shutil.rmtree(folder, ignore_errors=True)
    return result.ok and result.at_rest


def unused(folder: Path) -> Path:
    """Give a folder that nothing is in: what a broken run left is kept when it is run again."""
    ways = (folder, *(folder.with_name(f"{folder.name}-{number}") for number in range(2, 1_000)))
    return next(way for way in ways if not way.exists())


def _lines(results: Path) -> list[str]:
    return results.read_text().splitlines() if results.exists() else []


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress for people


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
