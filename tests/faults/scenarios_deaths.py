"""Workers that die, are asked to end, stand still or come and go."""

from __future__ import annotations

import time
from functools import partial

from tests.faults import recovery, rework
from tests.faults.failpoints import REFUSED, WENT_THROUGH
from tests.faults.orders import KILLER, Mix, order, orders
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

_KILLS = 5
_FROZEN_SECONDS = 10.0
"""Longer than the 6 s after which the group takes a silent member for dead."""
_UNHURRIED_SECONDS = 60.0
"""So slowly that there is work left when the last one has thawed."""
_STORM_TURNS = 6
_STEADY_PER_SECOND = 50
_CALM_SECONDS = 2.0


def _worker_kill(stage: Stage) -> None:
    names = stage.start_workers(3)
    stage.feeder.feed(orders(stage.mark, stage.count, stage.random), over_seconds=5)
    for turn in range(_KILLS):
        stage.wait_for_outcomes((turn + 1) * stage.count // (_KILLS + 2))
        stage.supervisor.kill(stage.random.choice(names))
    stage.wait_drained()
    rework.expect_some(stage)
    rework.expect_at_most(stage, _KILLS)


def _recovery(stage: Stage) -> None:
    requests = orders(stage.mark, stage.count, stage.random, Mix(interactive=0.5))
    names = stage.start_workers(3)
    stage.feeder.feed(requests, over_seconds=stage.count / _STEADY_PER_SECOND)
    for name in names:
        stage.wait_for_outcomes(2 * _STEADY_PER_SECOND)
        stage.rest(_CALM_SECONDS)
        killed = stage.supervisor.kill(name)
        seconds = recovery.works_again(stage, name, killed)
        recovery.note(stage, "restart_seconds", seconds, at_most=recovery.RESTART_SECONDS)
    stage.rest(_CALM_SECONDS)
    killed = stage.supervisor.kill_for_good(names[0])
    seconds = recovery.taken_over(stage, names[0], killed)
    recovery.note(stage, "take_over_seconds", seconds, at_most=recovery.TAKE_OVER_SECONDS)
    stage.wait_drained()


def _worker_sigterm(stage: Stage) -> None:
    names = stage.start_workers(3)
    stage.feeder.feed(orders(stage.mark, stage.count, stage.random), over_seconds=5)
    for turn, name in enumerate(names, start=1):
        stage.wait_for_outcomes(turn * stage.count // 5)
        stage.supervisor.terminate(name)
        stage.wait_until(lambda: len(stage.supervisor.exits) == turn, f"{name} has ended")  # noqa: B023 - waited for here
    stage.wait_drained()
    codes = [each.code for each in stage.supervisor.exits]
    stage.expect(codes == [0] * len(names), f"workers end in order when asked, not with {codes}")
    rework.expect_none(stage)


def _zombies(stage: Stage) -> None:
    """Let a worker stand still in a transaction, and then one wherever it is: that one may have nothing to publish."""
    names = stage.start_workers(3, FAULTS_FREEZES="true")
    requests = orders(stage.mark, stage.count, stage.random, Mix(interactive=0.5))
    stage.feeder.feed(requests, over_seconds=_UNHURRIED_SECONDS * stage.slowness)
    stakes: list[rework.Stake] = []
    for turn, in_transaction in enumerate((True, False), start=1):
        stage.wait_for_outcomes(turn * stage.count // 5)
        name = stage.random.choice(names)
        served = recovery.in_service(stage)
        frozen_at = _freeze(stage, name, in_transaction=in_transaction)
        stakes.append(rework.stake(stage))  # done again when its partitions move away
        stage.rest(_FROZEN_SECONDS)
        seconds = recovery.taken_over(stage, name, frozen_at)
        recovery.note(stage, "take_over_seconds", seconds, at_most=recovery.TAKE_OVER_SECONDS)
        stakes.append(rework.stake(stage))  # and when they return
        stage.supervisor.thaw(name)
        stage.count_up("frozen")
        seconds = recovery.resume(stage, served)
        recovery.note(stage, "thawed_resume_seconds", seconds, at_most=recovery.HEALED_SECONDS)
        if in_transaction:
            expect_refused(stage, stage.supervisor.log(name).read_text())
    stage.wait_drained()
    rework.expect_at_most_of(stage, stakes)
    stage.expect(not stage.supervisor.exits, f"a worker that stood still goes on: {stage.supervisor.exits}")


def _freeze(stage: Stage, name: str, *, in_transaction: bool) -> float:
    """Stop a worker, and give when it stood still."""
    if in_transaction:
        stage.supervisor.freeze_in_transaction(name)
        stage.wait_until(lambda: stage.supervisor.is_frozen(name), f"{name} stands still in a transaction")
    else:
        stage.supervisor.freeze(name)
    return time.monotonic()


def expect_refused(stage: Stage, log: str) -> None:
    """Expect that a zombie went on with its transaction, as its log says, and that the broker did not let it."""
    stage.expect(REFUSED in log, "a worker that stood still in a transaction tried to commit it, and was refused")
    stage.expect(WENT_THROUGH not in log, "no commit of a worker that stood still goes through")


def _rebalance_storm(stage: Stage) -> None:
    stage.feeder.feed(orders(stage.mark, stage.count, stage.random), over_seconds=15)
    stage.start_worker("stays", static=False)
    for turn in range(_STORM_TURNS):
        name = f"comes-{turn}"
        stage.start_worker(name, static=False)
        stage.wait_until(lambda: b"partition opened" in stage.supervisor.log(name).read_bytes(), f"{name} works")  # noqa: B023
        stage.rest(stage.random.uniform(0.5, 2.0))
        if turn % 2:
            stage.supervisor.kill_for_good(name)
        else:
            stage.expect(stage.supervisor.stop(name) == 0, f"{name} ends in order when asked")
    stage.wait_drained()
    # What is in flight of the partitions that move is done again: at each coming, each kill, and when it is noticed.
    rework.expect_at_most(stage, _STORM_TURNS + 2 * stage.supervisor.kills)


def _dies(when: str, stage: Stage) -> dict[str, str]:
    """Give the settings of a worker that dies early enough: a busy machine puts many results in each transaction."""
    return {"FAULTS_DIE": when, "FAULTS_AFTER_TRANSACTIONS": str(min(30, 1 + stage.count // 50))}


def _dies_in_a_transaction(when: str, stage: Stage) -> None:
    """Let one worker die in a transaction in the middle of its work, while another goes on."""
    stage.start_worker("worker-1", first=_dies(when, stage))
    stage.start_worker("worker-2")
    stage.wait_until_all_work(["worker-1", "worker-2"])
    stage.feeder.feed(orders(stage.mark, stage.count, stage.random), over_seconds=10)
    stage.wait_until(lambda: bool(stage.supervisor.exits), "the worker has died in a transaction")
    died = stage.supervisor.exits[0]
    seconds = recovery.unblocked(stage, died.at)
    allowed = recovery.RESTART_SECONDS + recovery.BLOCKED_SECONDS
    recovery.note(stage, "reader_blocked_seconds", seconds, at_most=allowed)
    seconds = recovery.works_again(stage, died.name, died.at - 1)
    recovery.note(stage, "restart_seconds", seconds, at_most=recovery.RESTART_SECONDS)
    stage.wait_drained()
    stage.expect([each.code for each in stage.supervisor.exits] == [-9], "one death, by the failpoint")
    rework.expect_at_most(stage, 1)


def _was_aborted(stage: Stage) -> None:
    stage.expect(stage.aborted > 0, "the transaction was left open with results in it, and they were taken back")


def _open_transaction_nobody_continues(stage: Stage) -> None:
    """Let a worker die in a transaction for good: the others must take over what it left open."""
    stage.start_worker("worker-1", restarted=False, first=_dies("before-commit", stage))
    stage.start_worker("worker-2")
    stage.wait_until_all_work(["worker-1", "worker-2"])
    stage.feeder.feed(orders(stage.mark, stage.count, stage.random), over_seconds=15)
    stage.wait_until(lambda: bool(stage.supervisor.exits), "the worker has died in a transaction")
    seconds = recovery.unblocked(stage, stage.supervisor.exits[0].at)
    allowed = recovery.TAKE_OVER_SECONDS + recovery.BLOCKED_SECONDS
    recovery.note(stage, "reader_blocked_seconds", seconds, at_most=allowed)
    stage.wait_drained()
    rework.expect_at_most(stage, 1)


def _killer(after_seconds: float, allowed: range, stage: Stage) -> None:
    requests = orders(stage.mark, stage.count, stage.random)
    killer = order(stage.mark, stage.id("killer"), title=f"Jacket {KILLER}")
    requests.insert(stage.count // 3, killer)
    after = str(after_seconds * stage.slowness)  # on a slow machine a start is on record later
    stage.start_workers(2, SHELFTALK_FAKE__KILL_MARKER=KILLER, SHELFTALK_FAKE__KILL_AFTER_SECONDS=after)
    stage.feeder.feed(requests, over_seconds=5)
    stage.wait_drained()
    deaths = [each.code for each in stage.supervisor.exits]
    stage.figures["deaths"] = len(deaths)
    stage.expect(set(deaths) == {137}, f"workers die of the killer and of nothing else, not of {deaths}")
    stage.expect(len(deaths) in allowed, f"{list(allowed)} deaths by the killer, not {len(deaths)}")
    rework.expect_at_most(stage, len(deaths))


def _killer_is_dead_lettered(stage: Stage) -> None:
    letters = [letter.error_class for letter in stage.books.dead_letters] if stage.books else []
    stage.expect(letters == ["kills-engine"], f"one dead letter, for the killer, not {letters}")


SCENARIOS = (
    Scenario("worker-kill", "kill -9 of workers in the middle of their work loses and doubles nothing", _worker_kill),
    Scenario(
        "recovery",
        "a killed worker works again 3 s after its start, or others within 8 s",
        _recovery,
        2_500,
        alone=True,
    ),
    Scenario("worker-sigterm", "a worker that is asked to end finishes what is in flight", _worker_sigterm),
    Scenario("zombies", "a worker that stood still past its session publishes nothing that is not its own", _zombies),
    Scenario(
        "rebalance-storm",
        "workers that come and go take nothing with them, with 8 partitions to each topic",
        _rebalance_storm,
        partitions=8,
    ),
    Scenario(
        "open-transaction",
        "a transaction left open by a kill is taken back, and readers wait for it 3 s at most",
        partial(_dies_in_a_transaction, "before-commit"),
        own_deaths=1,
        review=_was_aborted,
        alone=True,
    ),
    Scenario(
        "unknown-commit",
        "a commit that took effect before its worker could know is not published again",
        partial(_dies_in_a_transaction, "after-commit"),
        own_deaths=1,
        alone=True,
    ),
    Scenario(
        "open-transaction-for-good",
        "a transaction left open by a worker that never comes back is ended by who takes over",
        _open_transaction_nobody_continues,
        own_deaths=1,
        review=_was_aborted,
    ),
    Scenario(
        "killer",
        "a request that kills its worker is dead-lettered after the third time, and its neighbours are delivered",
        partial(_killer, 0.4, range(3, 4)),
        1_000,
        review=_killer_is_dead_lettered,
        exit_codes=frozenset({137}),
    ),
    Scenario(
        "killer-at-once",
        "a request that kills before its start is on record dies one death more, uncounted, and no more than that",
        partial(_killer, 0.0, range(3, 5)),
        1_000,
        review=_killer_is_dead_lettered,
        exit_codes=frozenset({137}),
    ),
)
