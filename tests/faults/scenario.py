"""What a scenario is: a promise, the faults that try it, and what it asks beyond what every run is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.stage import Stage


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way of breaking things. `play` starts processes, feeds, breaks and returns when all has come to rest.

    Every run is then asked for the same: no request without an outcome, none with two, every text where the ledger
    says, in order, and a second reader that saw the same. What a scenario asks on top it says with `Stage.expect`,
    in `play`, or in `review`, which is called when all processes have ended and the books are known.
    """

    name: str
    promise: str
    play: Callable[[Stage], None]
    requests: int = 1_500
    """How many inputs `play` should feed (`Stage.count`) unless the command line says otherwise."""
    judged: bool = True
    """False for what is only measured: the books are reported and fail nothing, `Stage.expect` still does."""
    own_deaths: int = 0
    """How many processes die by SIGKILL without the supervisor's doing: by a failpoint."""
    exit_codes: frozenset[int] = frozenset()
    """How processes may end on top of 0 and of being killed; `play` says how often."""
    in_all: bool = True
    """False for what is played only when it is named."""
    review: Callable[[Stage], None] | None = None
    alone: bool = False
    """Nothing may run beside it: it is played for the times that it takes."""
    partitions: int | None = None
    """How many partitions each topic has, on a stack of its own; None for the contract's."""
