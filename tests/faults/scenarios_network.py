"""A broker that dies and networks that are cut, each worker's own."""

from __future__ import annotations

from functools import partial

from tests.faults import recovery, rework
from tests.faults.orders import Mix, orders
from tests.faults.proxy import END_TXN, Cut
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

_BROKER_KILLS = 3
_WORKERS = 3
_ANSWERS_LOST = 4
_LOST_SECONDS = 2.0
_LONG_SECONDS = 60.0


def _feed_for_long(stage: Stage) -> None:
    """Feed so slowly that there is work left when the last fault has passed."""
    requests = orders(stage.mark, stage.count, stage.random, Mix(interactive=0.5))
    stage.feeder.feed(requests, over_seconds=_LONG_SECONDS * stage.slowness)


def _broker_kill(stage: Stage) -> None:
    stage.start_workers(_WORKERS)
    _feed_for_long(stage)
    stakes: list[rework.Stake] = []
    for turn in range(_BROKER_KILLS):
        stage.wait_for_outcomes((turn + 1) * stage.count // (_BROKER_KILLS + 2))
        served = recovery.in_service(stage)
        out = rework.texts_out(stage.follower.outcomes)
        away_seconds = stage.kill_broker(away_seconds=stage.random.choice((0.0, 3.0, 8.0)))
        if away_seconds * stage.slowness > rework.SESSION_SECONDS:  # else no partition moves
            stakes.append(rework.stake(stage, out=out))
        seconds = recovery.resume(stage, served)
        recovery.note(stage, "broker_resume_seconds", seconds, at_most=recovery.HEALED_SECONDS)
    stage.wait_drained()
    stage.expect(not stage.supervisor.exits, f"workers outlive the broker: {stage.supervisor.exits}")
    rework.expect_at_most_of(stage, stakes)


def _network_cut(how: Cut, stage: Stage) -> None:
    """Cut each worker off once: for a moment, for longer than its session, and for much longer."""
    stage.start_workers(_WORKERS, through_doors=True)
    _feed_for_long(stage)
    stakes: list[rework.Stake] = []
    for turn, (door, seconds) in enumerate(zip(_shuffled(stage), (3.0, 9.0, 15.0), strict=True)):
        stage.wait_for_outcomes((turn + 1) * stage.count // (_WORKERS + 3))
        served = recovery.in_service(stage)
        out = rework.texts_out(stage.follower.outcomes)
        stage.ground.proxies[door].cut(how)
        stage.count_up("cuts")
        stage.rest(rework.STILL_BEGINS_SECONDS)
        stakes.append(rework.stake(stage, out=out))  # done again when its partitions move away
        stage.rest(seconds - rework.STILL_BEGINS_SECONDS)
        stage.ground.proxies[door].heal()
        stakes.append(rework.stake(stage))  # and when they return
        healed = recovery.resume(stage, served)
        recovery.note(stage, "network_resume_seconds", healed, at_most=recovery.HEALED_SECONDS)
    stage.wait_drained()
    stage.expect(not stage.supervisor.exits, f"workers outlive a cut: {stage.supervisor.exits}")
    rework.expect_at_most_of(stage, stakes)


def _answer_lost(stage: Stage) -> None:
    """Cut each time when the broker has ended a transaction and before the worker learns of it."""
    stage.start_workers(2, through_doors=True)
    stage.feeder.feed(orders(stage.mark, stage.count, stage.random), over_seconds=15)
    for turn in range(_ANSWERS_LOST):
        stage.wait_for_outcomes((turn + 1) * stage.count // (_ANSWERS_LOST + 2))
        proxy = stage.ground.proxies[turn % 2]
        proxy.cut_after(END_TXN, "reset" if turn < _ANSWERS_LOST // 2 else "black-hole")
        stage.wait_until(lambda: proxy.is_cut, "the answer to a commit is lost")  # noqa: B023 - waited for here
        stage.count_up("answers_lost")
        stage.rest(_LOST_SECONDS)
        proxy.heal()
    stage.wait_drained()
    stage.expect(not stage.supervisor.exits, f"workers outlive a lost answer: {stage.supervisor.exits}")
    rework.expect_at_most(stage, _ANSWERS_LOST)


def _shuffled(stage: Stage) -> list[int]:
    return stage.random.sample(range(_WORKERS), _WORKERS)


SCENARIOS = (
    Scenario("broker-kill", "a broker that is killed and comes back loses and doubles nothing", _broker_kill),
    Scenario(
        "network-cut-reset",
        "a worker whose connections are reset publishes nothing twice and goes on when it can",
        partial(_network_cut, "reset"),
    ),
    Scenario(
        "network-cut-blackhole",
        "a worker whose network swallows everything publishes nothing twice and goes on when it can",
        partial(_network_cut, "black-hole"),
    ),
    Scenario(
        "cut-between-endtxn-and-answer",
        "a commit whose answer is lost is neither lost nor repeated",
        _answer_lost,
        1_500,
    ),
)
