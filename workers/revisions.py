"""The engines that serve: the one that the settings name, and one for each revision that is released beside it.

A request is given one engine for all of its attempts, so that no text is of two revisions. A task goes over to a newer
release when everything that writes by it is loaded; until then, and when it cannot be loaded, what was live goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Self

import structlog

from schemas.releases import ModelRevision
from workers.engines.engine import Engine, EngineUnavailable, RevisionUnusable
from workers.releases import Releases
from workers.watched import WatchedEngine

log = structlog.get_logger()

_FIRST_PAUSE_SECONDS = 10.0
_LONGEST_PAUSE_SECONDS = 600.0


class _Serving:
    """An engine, how many requests it has, and whether it is to be closed when it has none. Entered by each request."""

    __slots__ = ("_left", "engine", "is_retired", "requests")

    def __init__(self, engine: WatchedEngine, left: Callable[[_Serving, BaseException | None], None]) -> None:
        self.engine = engine
        self.requests = 0
        self.is_retired = False
        self._left = left

    def __enter__(self) -> Engine:
        self.requests += 1
        return self.engine

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.requests -= 1
        if error is not None or self.is_retired:
            self._left(self, error)


class Revisions:
    """Leases engines. Entering starts the settings' engine, leaving closes all; everything happens on one event loop.

    `open_beside` gives an engine for a released revision, not yet started, or raises RevisionUnusable. `failed` is told
    why one does not serve: `missing`, `changed`, `unfit`, `not-loaded` or `stopped`.
    """

    def __init__(
        self,
        main: Engine,
        open_beside: Callable[[ModelRevision], Awaitable[Engine]],
        *,
        failed: Callable[[str], None],
    ) -> None:
        self.main = WatchedEngine(main)
        self._main = _Serving(self.main, self._left)
        self._open_beside = open_beside
        self._failed = failed
        self._wanted = self._effective = Releases()
        self._loaded: dict[str, _Serving] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._untried: set[str] = set()
        self._retired: dict[_Serving, asyncio.Task[None] | None] = {}
        self._one_at_a_time = asyncio.Lock()
        self._tried = asyncio.Event()

    @property
    def engines(self) -> tuple[WatchedEngine, ...]:
        """Give every engine that may have prompts."""
        return tuple(each.engine for each in (self._main, *self._loaded.values(), *self._retired))

    @property
    def counts(self) -> tuple[int, int]:
        """Give how many released revisions are loaded, and how many are still to be."""
        return len(self._loaded), len(self._loading)

    def follow(self, releases: Releases) -> None:
        """Serve by these releases from now on, each as soon as it can be."""
        self._wanted = releases
        self._settle()

    async def settled(self) -> None:
        """Return when whatever is released is loaded, or has failed to be once."""
        while self._untried:
            self._tried.clear()
            await self._tried.wait()

    def serving(self, task: str, subject: str, *, is_suspect: bool = False) -> AbstractContextManager[Engine]:
        """Lease the engine for all attempts at one text; what may kill an engine gets the one of the settings.

        Leaving raises EngineUnavailable when a released revision did not serve: it is set aside, and another try gets
        another.
        """
        if not is_suspect:
            for revision in self._effective.writers(task, subject):
                if (held := self._loaded.get(revision.content_hash)) is not None:
                    return held
        return self._main

    def is_shadowed(self, task: str) -> bool:
        """Say whether there is a candidate to try beside what is published for a task, and it is loaded."""
        if not self._loaded:
            return False
        candidate = self._effective.shadow(task)
        return candidate is not None and candidate.content_hash in self._loaded

    def shadowing(self, task: str) -> AbstractContextManager[Engine]:
        """Lease the engine of the candidate that is tried; raises EngineUnavailable where there is none any more."""
        candidate = self._effective.shadow(task)
        held = self._loaded.get(candidate.content_hash) if candidate is not None else None
        if held is None:
            raise EngineUnavailable("there is no candidate to try any more")
        return held

    async def __aenter__(self) -> Self:
        await self.main.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        for loading in self._loading.values():
            loading.cancel()
        await asyncio.gather(*self._loading.values(), return_exceptions=True)
        self._loading.clear()
        for content_hash in list(self._loaded):
            self._retire(content_hash)
        for held in list(self._retired):
            held.requests = 0  # nobody waits for what is left any more
            self._close_if_idle(held)
        await asyncio.gather(*(closing for closing in self._retired.values() if closing is not None))
        await self.main.__aexit__(*exc_info)

    def _left(self, held: _Serving, error: BaseException | None) -> None:
        """Put a retired engine away with its last request; set one aside that does not serve. Raises for it."""
        if isinstance(error, EngineUnavailable) and held is not self._main:
            self._set_aside(held, error)
            self._close_if_idle(held)
            raise EngineUnavailable("a released model does not serve: another one writes meanwhile") from error
        self._close_if_idle(held)

    def _settle(self) -> None:
        """Go over to what is ready, load what is wanted, and let go of what nobody writes with."""
        self._effective = self._effective.advanced(self._wanted, self._is_ready)
        needed = self._needed()
        for content_hash, revision in needed.items():
            if not self._is_main(revision) and content_hash not in self._loaded:
                self._load(revision, after_seconds=0)
        for content_hash in set(self._loaded) - set(needed):
            self._retire(content_hash)
        for content_hash in set(self._loading) - set(needed):
            self._loading.pop(content_hash).cancel()
            self._no_longer_untried(content_hash)

    def _needed(self) -> dict[str, ModelRevision]:
        return {**self._effective.served(), **self._wanted.served()}

    def _is_ready(self, revision: ModelRevision) -> bool:
        return self._is_main(revision) or revision.content_hash in self._loaded

    def _is_main(self, revision: ModelRevision) -> bool:
        model = self.main.model
        return model.adapter is None and model.revision == revision.revision

    def _load(self, revision: ModelRevision, *, after_seconds: float) -> None:
        if revision.content_hash not in self._loading:
            if not after_seconds:
                self._untried.add(revision.content_hash)
            self._loading[revision.content_hash] = asyncio.create_task(self._keep_trying(revision, after_seconds))

    async def _keep_trying(self, revision: ModelRevision, pause: float) -> None:
        """Load a revision, again and again until it serves or is no longer wanted."""
        await asyncio.sleep(pause)
        while (engine := await self._tried_to_load(revision)) is None:
            self._no_longer_untried(revision.content_hash)
            pause = min(max(2 * pause, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)
        del self._loading[revision.content_hash]
        self._loaded[revision.content_hash] = _Serving(engine, self._left)
        self._no_longer_untried(revision.content_hash)
        self._settle()
        log.info("a released model serves", model=revision.name, revision=revision.revision)

    async def _tried_to_load(self, revision: ModelRevision) -> WatchedEngine | None:
        try:
            async with self._one_at_a_time:
                engine = WatchedEngine(await self._open_beside(revision))
                return await engine.__aenter__()
        except RevisionUnusable as error:
            self._tell(revision, error.reason, error)
        except Exception as error:  # whatever it does not load for, what is live goes on
            self._tell(revision, "not-loaded", error)
        return None

    def _set_aside(self, held: _Serving, error: EngineUnavailable) -> None:
        """Take an engine that does not serve out of use, and try to load it anew after a while."""
        for content_hash, revision in self._needed().items():
            if self._loaded.get(content_hash) is held:
                self._tell(revision, "stopped", error)
                self._retire(content_hash)
                self._load(revision, after_seconds=_FIRST_PAUSE_SECONDS)

    def _tell(self, revision: ModelRevision, reason: str, error: Exception) -> None:
        log.error(
            "a released model cannot be served: what was live goes on",
            model=revision.name,
            revision=revision.revision,
            reason=reason,
            error=f"{type(error).__name__}: {error}",
        )
        self._failed(reason)

    def _no_longer_untried(self, content_hash: str) -> None:
        self._untried.discard(content_hash)
        self._tried.set()

    def _retire(self, content_hash: str) -> None:
        held = self._loaded.pop(content_hash)
        held.is_retired = True
        self._retired[held] = None
        self._close_if_idle(held)

    def _close_if_idle(self, held: _Serving) -> None:
        if held.is_retired and not held.requests and self._retired.get(held) is None:
            self._retired[held] = asyncio.create_task(self._close(held))

    async def _close(self, held: _Serving) -> None:
        try:
            await held.engine.__aexit__(None, None, None)
        except Exception:
            log.exception("a released model could not be put away")
        finally:
            del self._retired[held]
