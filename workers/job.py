"""One request on its way through the engine, and where it goes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from schemas.request import GenerationRequest
from workers.messages import Consumed, Result

if TYPE_CHECKING:
    from workers.lane import Lane


@dataclass(eq=False, slots=True)
class Job:
    """One request to generate. An `alone` job may kill its worker: nothing else runs beside it.

    `running` is the task that serves it, since `began_at` (monotonic seconds), `is_begun` says that the engine has it,
    `result` is set when it is finished.
    """

    lane: Lane
    source: Consumed
    request: GenerationRequest
    alone: bool = False
    running: asyncio.Task[None] | None = None
    began_at: float = 0.0
    is_begun: bool = False
    is_aborted: bool = False
    result: Result | None = None


class JobSink(Protocol):
    """Where a lane's jobs go."""

    def submit(self, job: Job) -> None:
        """Take a job to be generated in its turn."""
        ...

    def abort(self, job: Job) -> None:
        """Drop a job, inside the engine too."""
        ...
