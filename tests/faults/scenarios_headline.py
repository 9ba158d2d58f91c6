"""The long run: many requests, four workers, and faults of all kinds spread over it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.faults import rework
from tests.faults.orders import Mix, orders
from tests.faults.proxy import Cut
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

_REQUESTS = 100_000
_WORKERS = 4
_WORKER_KILLS, _BROKER_KILLS, _CUTS = 12, 3, 10
_PER_SECOND = 180
_MOST_REWORK = 0.01

Fault = Callable[[Stage], None]


def _headline(stage: Stage) -> None:
    # Both topics alike, so that whichever partitions a worker owns, it has work.
    requests = orders(stage.mark, stage.count, stage.random, Mix(interactive=0.5))
    names = stage.start_workers(_WORKERS, through_doors=True)
    stage.feeder.feed(requests, over_seconds=stage.count / _PER_SECOND)
    faults = _faults(stage, names)
    for turn, fault in enumerate(faults, start=1):
        stage.wait_for_outcomes(turn * stage.count // (len(faults) + 2), timeout_seconds=600)
        fault(stage)
    stage.wait_drained(timeout_seconds=600)
    rework.expect_at_most(stage, _WORKER_KILLS + _CUTS + _BROKER_KILLS * _WORKERS)
    if stage.count >= _REQUESTS:  # the faults are as many in a shorter run, and weigh more
        again = rework.regenerated(stage)
        stage.expect(again <= stage.count * _MOST_REWORK, f"at most 1 % is generated again, not {again}")


def _faults(stage: Stage, names: list[str]) -> list[Fault]:
    """Give the run's faults in an order that the seed decides."""
    kinds: list[Cut] = ["reset", "black-hole"]
    faults: list[Fault] = [partial(_kill, names[turn % _WORKERS]) for turn in range(_WORKER_KILLS)]
    faults += [partial(_cut, turn % _WORKERS, kinds[turn % 2]) for turn in range(_CUTS)]
    faults += [_kill_broker] * _BROKER_KILLS
    stage.random.shuffle(faults)
    return faults


def _kill(name: str, stage: Stage) -> None:
    stage.supervisor.kill(name)


def _cut(door: int, how: Cut, stage: Stage) -> None:
    proxy = stage.ground.proxies[door]
    proxy.cut(how)
    stage.count_up("cuts")
    stage.rest(stage.random.uniform(1.0, 12.0))
    proxy.heal()


def _kill_broker(stage: Stage) -> None:
    stage.kill_broker(away_seconds=stage.random.uniform(0.0, 5.0))


SCENARIOS = (
    Scenario(
        "headline",
        "100,000 requests, 4 workers, 12 kills of workers, 3 of the broker and 10 cuts: nothing lost, nothing twice",
        _headline,
        _REQUESTS,
        in_all=False,
    ),
)
