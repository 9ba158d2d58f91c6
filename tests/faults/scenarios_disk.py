"""A broker whose disk is full."""

from __future__ import annotations

import time

from schemas.topics import PRODUCT_DESCRIPTIONS
from tests.faults import disk, recovery, rework
from tests.faults.orders import Mix, orders
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

_TIMES = 2
_FULL_SECONDS = 3.0
_PART_SECONDS = 20.0
"""So slowly that every partition has work when the disk is full, and when it no longer is."""
_ROOM_BYTES = 20_000


def _disk_full(stage: Stage) -> None:
    """Fill the broker's disk twice: once in the middle of a write, once so that nothing can be written at all."""
    requests = orders(stage.mark, stage.count, stage.random, Mix(interactive=0.5))
    part = len(requests) // (_TIMES + 1)
    stage.start_workers(2)
    stage.feeder.feed(requests[:part], over_seconds=_PART_SECONDS * stage.slowness)
    stakes: list[rework.Stake] = []
    for turn in range(_TIMES):
        stage.wait_for_outcomes(turn * part + part // 2)
        served, out = recovery.in_service(stage), rework.texts_out(stage.follower.outcomes)
        broker = stage.ground.stack.pids().broker
        if broker is None:
            raise ProcessLookupError("the broker runs")
        written = disk.largest_log_bytes(broker, PRODUCT_DESCRIPTIONS.name)
        disk.fill(broker, limit_bytes=written + stage.random.randrange(_ROOM_BYTES) if turn == 0 else 0)
        began = time.monotonic()
        stage.wait_until(lambda: stage.ground.stack.pids().broker is None, "the broker ends itself")
        stage.figures[f"broker_ended_after_seconds_{turn + 1}"] = round(time.monotonic() - began, 2)
        stage.rest(_FULL_SECONDS)
        stage.ground.stack.start_broker()
        stakes.append(rework.stake(stage, out=out))
        # What was read before is generated while the broker is away: what shows that work goes on must come after.
        more = requests[(turn + 1) * part : (turn + 2) * part if turn + 1 < _TIMES else None]
        stage.feeder.feed(more, over_seconds=_PART_SECONDS * stage.slowness)
        seconds = recovery.resume(stage, served)
        recovery.note(stage, "broker_resume_seconds", seconds, at_most=recovery.HEALED_SECONDS)
    stage.wait_drained()
    stage.expect(not stage.supervisor.exits, f"workers outlive the broker: {stage.supervisor.exits}")
    rework.expect_at_most_of(stage, stakes)


SCENARIOS = (
    Scenario(
        "disk-full", "a broker that ends itself on a full disk and comes back loses and doubles nothing", _disk_full
    ),
)
