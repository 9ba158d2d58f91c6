"""A worker follows releases without a restart, and every text it publishes is of one revision."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from schemas import topics
from schemas.access import AccessRefused
from schemas.outputs import ProductDescription
from schemas.releases import ModelRelease, ModelRevision
from schemas.request import GenerationRequest
from tests import factories
from tests.deadline import until
from tests.factories import release, revision
from tests.workers.test_worker import Shop
from workers import vitals
from workers.authors import Follower, Releasing
from workers.engines.engine import Engine, ModelIdentity
from workers.engines.fake import FakeEngine, FakeSettings
from workers.outcome import Cost, Outcome, Written
from workers.releases import Releases, is_canary
from workers.window import Hole, Progress
from workers.worker import Parts

TASK = "product-description"
A, B = revision("a"), revision("b")
MAIN = "m" * 16
CANARY = release(TASK, live=A, candidate=B, stage="canary", canary_percent=50)


class FakeFollower:
    """Tells what the test releases."""

    def __init__(self, first: tuple[ModelRelease, ...]) -> None:
        self._first = first
        self.is_stopped = False

    def follow(self, told: Callable[[Releases], None], refused: Callable[[AccessRefused], None]) -> Follower:
        self.refused = refused
        self._told = told
        return self

    def start(self) -> None:
        self.tell(*self._first)

    def stop(self) -> None:
        self.is_stopped = True

    def tell(self, *some: ModelRelease) -> None:
        self._told(Releases({one.task: one for one in some}))


class ReleasingShop(Shop):
    """A worker with releases to follow; each text says which engine it was begun and ended with."""

    def __init__(self, *first: ModelRelease) -> None:
        super().__init__()
        self.engine = FakeEngine(FakeSettings(model=ModelIdentity("main", MAIN)))
        self.follower = FakeFollower(first)
        self.tried: list[tuple[str, str]] = []

    def _parts(self) -> Parts:
        return replace(super()._parts(), releasing=Releasing(self.follower.follow, self._open, self._rehearse))

    async def _open(self, one: ModelRevision) -> Engine:
        return FakeEngine(FakeSettings(model=ModelIdentity(one.name, one.revision)))

    async def _generate(self, request: GenerationRequest, engine: Engine) -> Outcome:
        before = engine.model.revision
        await super()._generate(request, engine)
        both = f"{before}/{engine.model.revision}"
        by = factories.provenance(request.request_id, model_revision=both)
        return Written(factories.description(request.subject).model_copy(update={"provenance": by}), Cost())

    async def _rehearse(self, request: GenerationRequest, engine: Engine) -> Outcome:
        self.tried.append((request.request_id, engine.model.revision))
        return Written(factories.description(request.subject), Cost())

    def written(self) -> dict[str, str]:
        """Give by subject which revision wrote what is published; a text of two revisions is told as such."""
        found = [m.value for m in self.bench.broker.published if m.topic == topics.PRODUCT_DESCRIPTIONS.name]
        records = [self.codec.decode(topics.PRODUCT_DESCRIPTIONS, value or b"") for value in found]
        copies = [one for one in records if isinstance(one, ProductDescription)]
        halves = {one.product_id: one.provenance.model_revision.split("/") for one in copies}
        return {subject: first if first == last else f"{first} and {last}" for subject, (first, last) in halves.items()}

    async def publish(self, *offsets: int) -> None:
        """Deliver requests, one after another, and see their texts."""
        for offset in offsets:
            self.let_go(f"Q{offset}")
            await self.deliver(offset)
            await until(lambda: f"P{offset}" in self.written())  # noqa: B023


async def opened(shop: ReleasingShop) -> AsyncIterator[ReleasingShop]:
    shop.open()
    await until(lambda: hasattr(shop, "source") and shop.source.is_started)
    await shop.source.assign()
    yield shop
    shop.let_go(*shop.begun)
    shop.worker.stop()
    await asyncio.wait([shop.running])
    shop.bench.blocking.close()


@pytest.fixture(autouse=True)
def _calm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(vitals, "end_process", print)


@pytest.fixture
async def shop() -> AsyncIterator[ReleasingShop]:
    async for one in opened(ReleasingShop()):
        yield one


async def serves(shop: ReleasingShop, count: int) -> None:
    await until(lambda: f'shelftalk_worker_revisions{{state="loaded"}} {count}\n' in shop.worker.vitals.page())


async def test_a_worker_that_starts_goes_on_with_what_is_live() -> None:
    async for shop in opened(ReleasingShop(release(TASK, live=A))):
        await shop.publish(0)
        assert shop.written() == {"P0": A.revision}


async def test_a_canary_splits_by_subject_live_switches_and_a_rollback_returns_without_a_restart(
    shop: ReleasingShop,
) -> None:
    await shop.publish(0)
    shop.follower.tell(CANARY)
    await serves(shop, 2)
    await shop.publish(*range(1, 21))
    shop.follower.tell(release(TASK, live=B, previous=A))
    await serves(shop, 1)
    await shop.publish(21)
    shop.follower.tell(release(TASK, live=A))
    await serves(shop, 1)
    await until(lambda: 'state="loading"} 0' in shop.worker.vitals.page())
    await shop.publish(22)

    split = {f"P{n}": B.revision if is_canary(CANARY, f"P{n}") else A.revision for n in range(1, 21)}
    assert set(Counter(split.values())) == {A.revision, B.revision}
    assert shop.written() == {"P0": MAIN, **split, "P21": B.revision, "P22": A.revision}


async def test_a_request_under_way_ends_with_the_model_that_it_began_with(shop: ReleasingShop) -> None:
    await shop.deliver(0)
    shop.follower.tell(release(TASK, live=A))
    await serves(shop, 1)
    await shop.publish(1)
    shop.let_go("Q0")
    await until(lambda: len(shop.written()) == 2)
    assert shop.written() == {"P1": A.revision, "P0": MAIN}


async def test_a_request_that_may_kill_its_engine_is_left_to_the_model_of_the_settings() -> None:
    shop = ReleasingShop(release(TASK, live=A))
    suspect = Hole(0, deaths=1, under_way=True)
    shop.bench.broker.committed = (0, Progress(0, 1, (suspect,), owner="dead").encode())
    async for one in opened(shop):
        await one.publish(0, 1)
        assert one.written() == {"P0": MAIN, "P1": A.revision}


async def test_a_shadow_is_tried_on_what_was_served_and_publishes_nothing(shop: ReleasingShop) -> None:
    shop.follower.tell(release(TASK, candidate=B, stage="shadow"))
    await serves(shop, 1)
    await shop.publish(0)
    await until(lambda: shop.tried == [("Q0", B.revision)])
    assert shop.written() == {"P0": MAIN}
    told = f'shelftalk_worker_shadow_texts_total{{task="{TASK}",became="model"}} 1.0'
    await until(lambda: told in shop.worker.vitals.page())


async def test_a_worker_that_may_not_read_releases_ends(shop: ReleasingShop) -> None:
    shop.follower.refused(AccessRefused("no right"))
    with pytest.raises(AccessRefused):
        await shop.running


async def test_the_end_of_a_worker_is_the_end_of_following(shop: ReleasingShop) -> None:
    await shop.end()
    assert shop.follower.is_stopped
