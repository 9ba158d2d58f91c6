"""Workers that live and do nothing: their engine hangs."""

from __future__ import annotations

import os

from tests.faults import recovery, rework
from tests.faults.orders import HANGS, order, orders
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

_HANG_AFTER = 100
_QUICK_SECONDS = 5


def _hung_engine(stage: Stage) -> None:
    """Let one worker's engine stand still for good after a hundred generations, with the patience of production."""
    stage.start_worker("worker-1", first={"SHELFTALK_FAKE__HANG_AFTER": str(_HANG_AFTER)})
    stage.start_worker("worker-2")
    stage.wait_until_all_work(["worker-1", "worker-2"])
    stage.feeder.feed(orders(stage.mark, stage.count, stage.random), over_seconds=20)
    stage.wait_until(lambda: bool(stage.supervisor.exits), "the hung worker has ended", timeout_seconds=150)
    ended = stage.supervisor.exits[0]
    # Of what the engine wrote: without it repeated requests are dropped still, and it publishes once more as it ends.
    written = [told for told in stage.follower.outcomes if told.record.outcome in ("published", "withheld")]
    theirs = [told.at for told in written if told.record.worker == ended.name]
    last = max(at for at in theirs if at < ended.at - _QUICK_SECONDS)
    seconds = recovery.replaced(stage, ended.name, last)
    recovery.note(stage, "replaced_seconds", seconds, at_most=recovery.REPLACED_SECONDS)
    stage.wait_drained()
    codes = [each.code for each in stage.supervisor.exits]
    stage.expect(codes == [os.EX_UNAVAILABLE], f"one worker ends, with 69, not {codes}")
    rework.expect_at_most(stage, 1)


def _hanging_request(stage: Stage) -> None:
    """Ask for one text that hangs every engine it meets."""
    requests = orders(stage.mark, stage.count, stage.random)
    requests.insert(stage.count // 3, order(stage.mark, stage.id("hangs"), title=f"Jacket {HANGS}"))
    stage.start_workers(2, SHELFTALK_FAKE__HANG_MARKER=HANGS, SHELFTALK_STALL_SECONDS=str(_QUICK_SECONDS))
    stage.feeder.feed(requests, over_seconds=5)
    stage.wait_drained()
    codes = [each.code for each in stage.supervisor.exits]
    stage.figures["hangs"] = len(codes)
    stage.expect(codes in ([os.EX_UNAVAILABLE] * 3, [os.EX_UNAVAILABLE] * 4), f"three hangs, one more at most: {codes}")
    rework.expect_at_most(stage, len(codes))


def _hanger_is_dead_lettered(stage: Stage) -> None:
    letters = [letter.error_class for letter in stage.books.dead_letters] if stage.books else []
    stage.expect(letters == ["kills-engine"], f"one dead letter, for the request that hangs, not {letters}")


SCENARIOS = (
    Scenario(
        "hung-engine",
        "a worker whose engine hangs is replaced within 60 s, and nothing is lost or doubled",
        _hung_engine,
        exit_codes=frozenset({os.EX_UNAVAILABLE}),
    ),
    Scenario(
        "hanging-request",
        "a request that hangs its engine is dead-lettered after the third time, and its neighbours are delivered",
        _hanging_request,
        1_000,
        review=_hanger_is_dead_lettered,
        exit_codes=frozenset({os.EX_UNAVAILABLE}),
    ),
)
