"""Whatever is released, loads, fails and runs in whatever order: nobody's engine is closed under it."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from schemas.releases import ModelRevision
from tests.factories import release, revision
from workers import revisions as module
from workers.engines.engine import Engine, EngineUnavailable, ModelIdentity, RevisionUnusable
from workers.engines.fake import FakeEngine, FakeSettings
from workers.releases import Releases
from workers.revisions import Revisions
from workers.watched import WatchedEngine

TASKS = ("ad-copy", "social-post")
MODELS = tuple(map(revision, "abc"))
MAIN = ModelIdentity("main", "m" * 16)
maybe_model = st.none() | st.sampled_from(MODELS)


class Beside(FakeEngine):
    """An engine that knows whether it is open."""

    is_open = False

    async def __aenter__(self) -> Beside:
        self.is_open = True
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self.is_open = False


class AnyOrder(RuleBasedStateMachine):
    """Releases, failures and requests as they come; each rule lets the loop come to rest."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses = module._FIRST_PAUSE_SECONDS, module._LONGEST_PAUSE_SECONDS
        module._FIRST_PAUSE_SECONDS = module._LONGEST_PAUSE_SECONDS = 0.0
        self.loop = asyncio.new_event_loop()
        self.broken: set[ModelRevision] = set()
        self.releases: dict[str, ModelRevision | None] = {}
        self.leases: list[tuple[AbstractContextManager[Engine], Engine]] = []
        self.opened: list[Beside] = []
        main = FakeEngine(FakeSettings(model=MAIN))
        self.revisions = Revisions(main, self._open, failed=lambda _: None)
        self._run(self.revisions.__aenter__())

    async def _open(self, one: ModelRevision) -> Engine:
        if one in self.broken:
            raise RevisionUnusable("missing", "as the test says")
        self.opened.append(Beside(FakeSettings(model=ModelIdentity(one.name, one.revision))))
        return self.opened[-1]

    def _run(self, some: object = None) -> None:
        async def rest() -> None:
            if asyncio.iscoroutine(some):
                await some
            for _ in range(20):
                await asyncio.sleep(0)

        self.loop.run_until_complete(rest())

    async def _follow(self) -> None:
        told = {task: release(task, live=live) for task, live in self.releases.items()}
        self.revisions.follow(Releases(told))

    @rule(task=st.sampled_from(TASKS), live=maybe_model)
    def released(self, task: str, live: ModelRevision | None) -> None:
        self.releases[task] = live
        self._run(self._follow())

    @rule(one=st.sampled_from(MODELS))
    def breaks(self, one: ModelRevision) -> None:
        self.broken.add(one)

    @rule(one=st.sampled_from(MODELS))
    def is_mended(self, one: ModelRevision) -> None:
        self.broken.discard(one)
        self._run()

    @rule(task=st.sampled_from(TASKS))
    def begins(self, task: str) -> None:
        lease = self.revisions.serving(task, "P1")
        self.leases.append((lease, lease.__enter__()))

    @rule(fails=st.booleans())
    def ends(self, fails: bool) -> None:  # noqa: FBT001 - hypothesis calls by name
        if not self.leases:
            return
        lease, _ = self.leases.pop()
        error = EngineUnavailable("gone") if fails else None
        try:
            self.loop.run_until_complete(self._leave(lease, error))
        except EngineUnavailable:
            assert fails
        self._run()

    async def _leave(self, lease: AbstractContextManager[Engine], error: EngineUnavailable | None) -> None:
        lease.__exit__(type(error) if error else None, error, None)

    @invariant()
    def nobody_s_engine_is_closed_under_it(self) -> None:
        held = [engine._engine for _, engine in self.leases if isinstance(engine, WatchedEngine)]
        assert len(held) == len(self.leases)
        assert all(each.is_open for each in held if isinstance(each, Beside))

    @invariant()
    def no_more_is_open_than_is_released_or_in_use(self) -> None:
        names = {live.revision for live in self.releases.values() if live}
        in_use = {engine.model.revision for _, engine in self.leases}
        kept = {one.model.revision for one in self.revisions.engines}
        assert {each.model.revision for each in self.opened if each.is_open} <= names | in_use | kept

    def teardown(self) -> None:
        self.broken.clear()
        while self.leases:
            self.ends(fails=False)
        self._run(self._follow())
        for task, live in self.releases.items():
            with self.revisions.serving(task, "P1") as engine:
                assert engine.model.revision == (live.revision if live else MAIN.revision)
        self._run(self.revisions.__aexit__())
        assert not any(each.is_open for each in self.opened)
        self.loop.close()
        module._FIRST_PAUSE_SECONDS, module._LONGEST_PAUSE_SECONDS = self.pauses


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=25)
