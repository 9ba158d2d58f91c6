"""Who writes: the engine of the settings, the released ones beside it, and a candidate that is tried."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, Self

import structlog

from schemas.access import AccessRefused
from schemas.codec import ErrorClass
from schemas.releases import ModelRevision
from schemas.request import GenerationRequest
from workers.engines.engine import Engine, RevisionUnusable
from workers.metrics import WorkerMeter
from workers.outcome import Outcome, Undeliverable, Withheld, Written
from workers.releases import Releases
from workers.revisions import Revisions
from workers.shadow import Shadow
from workers.watched import WatchedEngine

log = structlog.get_logger()

_PATIENCE_SECONDS = 30.0
"""How long a start waits for the releases to be read, so that nothing is written by a model that is live no more."""

Generate = Callable[[GenerationRequest, Engine], Awaitable[Outcome]]


class Follower(Protocol):
    """Follows what people release, on a thread of its own."""

    def start(self) -> None:
        """Begin to follow."""
        ...

    def stop(self) -> None:
        """Follow no more; blocks for up to 10 s."""
        ...


@dataclass(frozen=True, slots=True)
class Releasing:
    """How a worker follows releases: who tells it of them, and of a refusal; what opens an engine; how one is tried.

    `rehearse` leaves no trace, as `generate` does in what later texts are compared with.
    """

    follower: Callable[[Callable[[Releases], None], Callable[[AccessRefused], None]], Follower]
    open_beside: Callable[[ModelRevision], Awaitable[Engine]]
    rehearse: Generate


class _NothingToFollow:
    """Tells once that nothing is released."""

    def __init__(self, told: Callable[[Releases], None], _: Callable[[AccessRefused], None]) -> None:
        self._told = told

    def start(self) -> None:
        """Tell it."""
        self._told(Releases())

    def stop(self) -> None:
        """Do nothing."""


async def _nothing_beside(revision: ModelRevision) -> Engine:
    raise RevisionUnusable("unfit", f"this worker serves one model alone, not {revision.name}")


async def _nothing_rehearsed(request: GenerationRequest, _: Engine) -> Outcome:
    return Undeliverable(ErrorClass.INTERNAL_ERROR, f"nothing is tried for {request.task}")


UNRELEASED = Releasing(_NothingToFollow, _nothing_beside, _nothing_rehearsed)
"""A worker that follows no releases: its engine serves alone."""


class Authors:
    """Gives each request one engine for all of its attempts. Entering starts the settings' engine, leaving ends all."""

    def __init__(
        self,
        engine: Engine,
        generate: Generate,
        releasing: Releasing,
        meter: WorkerMeter,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._generate = generate
        self._rehearse = releasing.rehearse
        self._loop = asyncio.get_running_loop()
        self.revisions = Revisions(engine, releasing.open_beside, failed=meter.revision_failed)
        self._shadow = Shadow(self._tried, noted=meter.tried)
        self._known = asyncio.Event()
        self._is_alone = False
        self._follower = releasing.follower(self._told, self._told_refusal)
        self._failed = failed

    @property
    def main(self) -> WatchedEngine:
        """Give the engine of the settings."""
        return self.revisions.main

    async def know_releases(self) -> None:
        """Return when the released models serve, or cannot: a worker that starts again goes on where it was."""
        self._follower.start()
        try:
            await asyncio.wait_for(self._known.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            log.warning("the releases are not known yet: the model of the settings serves meanwhile")
        await self.revisions.settled()

    def unfollow(self) -> None:
        """Follow releases no more; blocks for up to 10 s."""
        self._follower.stop()

    async def generate(self, request: GenerationRequest) -> Outcome:
        """Give what one engine makes of a request, chosen now; raises EngineUnavailable."""
        with self.revisions.serving(request.task, request.subject, is_suspect=self._is_alone) as engine:
            return await self._generate(request, engine)

    def at_work(self, *, alone: bool) -> AbstractContextManager[None]:
        """Have a request under way: no candidate is tried meanwhile.

        One that runs alone may kill its engine, or a released model may have: it is left to the settings' model.
        """
        self._is_alone = alone
        return self._shadow

    def served(self, request: GenerationRequest) -> None:
        """Note that a request was served: a candidate may be tried on it when there is time."""
        if self.revisions.is_shadowed(request.task):
            self._shadow.offer(request)

    async def _tried(self, request: GenerationRequest) -> str:
        with self.revisions.shadowing(request.task) as engine:
            outcome = await self._rehearse(request, engine)
        match outcome:
            case Written(copy=copy):
                return copy.provenance.origin
            case Withheld():
                return "withheld"
        return "failed"

    # ---- told by the follower's thread

    def _told(self, releases: Releases) -> None:
        self._loop.call_soon_threadsafe(self._follow, releases)

    def _told_refusal(self, error: AccessRefused) -> None:
        self._loop.call_soon_threadsafe(self._failed, error)

    def _follow(self, releases: Releases) -> None:
        self.revisions.follow(releases)
        self._known.set()

    async def __aenter__(self) -> Self:
        await self.revisions.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._shadow.stop()
        await self.revisions.__aexit__(*exc_info)
