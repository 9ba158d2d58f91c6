"""One run: prepare, play, come to rest, read everything back, judge."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from schemas import topics
from schemas.codec import ErrorClass
from tests.faults.books import RESULTS, raw_outcomes, read_books
from tests.faults.checker import Findings, check
from tests.faults.feeder import Feeder
from tests.faults.follower import Follower
from tests.faults.ground import Ground
from tests.faults.orders import HANGS, KILLER
from tests.faults.places import ends, within
from tests.faults.result import Counted, Result
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.faults.supervisor import Exit, Supervisor
from tests.integration.reading import wait_until

Say = Callable[[str], None]

_EVERYTHING = (*topics.INPUTS, *topics.REQUESTS, *RESULTS)
_REST_SECONDS = 40.0
"""An open transaction that nobody continues is ended by the broker within 10 s of its time-out of 10 s."""
_KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Size:
    """How many inputs a run has, and how many times slower than promised a busy machine may be."""

    count: int
    slowness: float = 1.0


def run(scenario: Scenario, seed: int, ground: Ground, *, size: Size, folder: Path, say: Say) -> Result:
    """Play a scenario once and judge what it left behind; never raises for what the scenario broke."""
    say(f"{scenario.name} seed {seed}: {size.count} inputs")
    stage = _stage(scenario, ground, seed, size, folder)
    begun = time.monotonic()
    try:
        _attempt(stage, lambda: scenario.play(stage), "the run did not come to rest")
        seconds = time.monotonic() - begun
        _attempt(stage, lambda: _end(stage), "the processes did not end")
    finally:
        stage.supervisor.close()
        stage.feeder.close()
    try:
        result = _judged(scenario, stage, seconds)
    except Exception as error:  # what cannot be judged is broken, and the next run goes on without it
        stage.broken.append(f"the books could not be judged: {type(error).__name__}: {error}")
        stage.at_rest = False
        result = _result(scenario, stage, Findings(Counter(), Counter(), ()), Counted(0, 0, 0, seconds))
    stage.follower.stop()
    say(result.line())
    return result


def _stage(scenario: Scenario, ground: Ground, seed: int, size: Size, folder: Path) -> Stage:
    folder.mkdir(parents=True, exist_ok=True)
    since = ground.ends(_EVERYTHING)
    return Stage(
        ground=ground,
        seed=seed,
        count=size.count,
        slowness=size.slowness,
        mark=f"{scenario.name}-s{seed}",
        folder=folder,
        supervisor=Supervisor(folder),
        feeder=Feeder(ground.bootstrap, ground.codec),
        follower=Follower(ground.bootstrap, ground.codec, since),
        random=Random(seed),  # noqa: S311 - chance that can be repeated is what is wanted
    )


def _attempt(stage: Stage, act: Callable[[], None], what: str) -> None:
    """Do it; whatever stops it is a promise that was broken."""
    try:
        act()
    except Exception as error:  # the run is judged all the same: what it left behind says more
        stage.broken.append(f"{what}: {type(error).__name__}: {error}")
        stage.at_rest = False


def _end(stage: Stage) -> None:
    """Ask every process to end while broker and network are there, and wait until no transaction is open."""
    stage.ground.heal()
    stage.ground.stack.up()
    stage.supervisor.until_all_listen()
    stage.supervisor.stop_all()
    bootstrap, parts = stage.ground.bootstrap, within(stage.follower.since, RESULTS)
    wait_until(
        lambda: ends(bootstrap, parts, "read_committed") == ends(bootstrap, parts, "read_uncommitted"),
        "no transaction is open",
        timeout_seconds=_REST_SECONDS,
    )


def _judged(scenario: Scenario, stage: Stage, seconds: float) -> Result:
    books, entries = read_books(stage.ground.bootstrap, stage.ground.codec, stage.follower.since)
    raw = raw_outcomes(stage.ground.bootstrap, stage.ground.codec, stage.follower.since)
    stage.books, stage.aborted = books, len(raw) - len(books.outcomes)
    findings = check(books)
    _attempt(stage, lambda: _catch_up(stage, len(entries)), "the second reader did not see everything")
    disagreement = stage.follower.disagrees(entries)
    if scenario.judged:
        stage.broken += [*findings.problems, *disagreement, *stage.feeder.refused]
        stage.broken += unplanned(stage.supervisor.exits, scenario, kills=stage.supervisor.kills)
        asked = stage.feeder.asked
        stage.expect(len(books.asked) >= asked, f"{asked} requests were handed over, {len(books.asked)} arrived")
    if stage.follower.failure:
        stage.broken.append(stage.follower.failure)
    stage.figures["load"] = round(os.getloadavg()[0], 1)  # what the times above must be read with
    _judge_innocents(stage)
    if scenario.review:
        review = scenario.review
        _attempt(stage, lambda: review(stage), "the review failed")
    counted = Counted(
        inputs=len(books.asked),
        disagreeing=len(disagreement),
        raw_duplicates=stage.aborted,
        seconds=seconds,
    )
    return _result(scenario, stage, findings, counted)


def unplanned(exits: Sequence[Exit], scenario: Scenario, *, kills: int) -> list[str]:
    """Say which processes ended as nobody planned: not in order when asked, not by a kill, not as the scenario says."""
    planned = {0, _KILLED, *scenario.exit_codes}
    problems = [f"{each.name} ended with {each.code}" for each in exits if each.code not in planned]
    killed, wanted = sum(each.code == _KILLED for each in exits), kills + scenario.own_deaths
    return problems if killed == wanted else [*problems, f"{killed} processes were killed, {wanted} were to be"]


def _is_marked(value: bytes) -> bool:
    return any(mark.encode() in value for mark in (KILLER, HANGS))


def _judge_innocents(stage: Stage) -> None:
    """Count the requests that were taken for killers because they ran at three kills, the last time alone.

    They are accounted for and can be put back; a few are the price of surviving real killers.
    """
    innocents = [
        letter
        for letter in (stage.books.dead_letters if stage.books else ())
        if letter.error_class == ErrorClass.KILLS_ENGINE and not _is_marked(letter.value or b"")
    ]
    stage.figures["innocent_dead_letters"] = len(innocents)
    allowed = stage.supervisor.kills // 3
    stage.expect(len(innocents) <= allowed, f"{len(innocents)} innocent requests were taken for killers")


def _catch_up(stage: Stage, count: int) -> None:
    wait_until(lambda: stage.follower.entries_seen() >= count, f"{count} messages", timeout_seconds=20)


def _result(scenario: Scenario, stage: Stage, findings: Findings, counted: Counted) -> Result:
    return Result(
        scenario=scenario.name,
        seed=stage.seed,
        judged=scenario.judged,
        counted=counted,
        findings=findings,
        engine=stage.read_engine_ledger(),
        kills=stage.supervisor.kills,
        exits=Counter(each.code for each in stage.supervisor.exits),
        figures=dict(stage.counts) | stage.figures,
        broken=tuple(stage.broken),
        at_rest=stage.at_rest,
        slowness=stage.slowness,
    )
