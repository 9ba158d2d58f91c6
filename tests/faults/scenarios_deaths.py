"""Workers that die, are asked to end, stand still or come and go."""

from __future__ import annotations

from tests.faults.orders import orders
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

_WORKERS = ("worker-1", "worker-2")


def worker_kill(stage: Stage) -> None:
    """Kill workers one after the other in the middle of their work."""
    stage.feeder.feed(orders(stage.mark, stage.count, stage.random), over_seconds=5)
    for name in _WORKERS:
        stage.start_worker(name)
    for turn in range(1, 6):
        stage.wait_for_outcomes(turn * stage.count // 7)
        stage.supervisor.kill(_WORKERS[turn % 2])
    stage.wait_drained()


SCENARIOS = (
    Scenario("worker-kill", "kill -9 of workers in the middle of their work loses and doubles nothing", worker_kill),
)
