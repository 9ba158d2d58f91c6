"""What is told of the releases is whole and the newest, whatever happens to broker, registry and records."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from schemas.access import AccessRefused
from schemas.codec import Codec
from schemas.releases import ModelRelease
from schemas.topics import MODEL_RELEASES
from tests.deadline import until
from tests.factories import release, revision
from tests.workers.test_lane import Bench
from workers import follow as module
from workers.follow import ReleaseFollower
from workers.kafka import KafkaConfig
from workers.releases import Releases

NAME = MODEL_RELEASES.name
LIVE = release("ad-copy", live=revision("a"))
NEWER = release("ad-copy", live=revision("b"))


@dataclass
class StubConsumer:
    """A client that polls what the test gives it, and has as many partitions as it says."""

    events: queue.SimpleQueue[Message | Exception]
    partitions: int
    error: KafkaError | None = None
    is_closed: bool = False

    def list_topics(self, topic: str, timeout: float) -> object:
        found = SimpleNamespace(error=self.error, partitions=dict.fromkeys(range(self.partitions)))
        return SimpleNamespace(topics={topic: found})

    def assign(self, places: Sequence[TopicPartition]) -> None:
        assert [place.offset for place in places] == [0] * self.partitions

    def poll(self, timeout: float) -> Message | None:
        try:
            event = self.events.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(event, Exception):
            raise event
        return event

    def close(self) -> None:
        self.is_closed = True


@dataclass
class World:
    """A topic of releases, and what is told of it."""

    codec: Codec = field(default_factory=lambda: Bench().codec)
    partitions: int = 1
    error: KafkaError | None = None
    events: queue.SimpleQueue[Message | Exception] = field(default_factory=queue.SimpleQueue)
    told: list[dict[str, ModelRelease]] = field(default_factory=list)
    refused: list[AccessRefused] = field(default_factory=list)
    consumers: list[StubConsumer] = field(default_factory=list)

    def consumer(self, _: object) -> StubConsumer:
        self.consumers.append(StubConsumer(self.events, self.partitions, self.error))
        return self.consumers[-1]

    def __post_init__(self) -> None:
        kafka, refused = KafkaConfig("b", "g"), self.refused.append
        self.follower = ReleaseFollower(kafka, self.codec, told=self._tell, refused=refused)

    async def tells(self, count: int) -> list[dict[str, ModelRelease]]:
        """Follow, and give what is told once it was told so often."""
        self.follower.start()
        await until(lambda: len(self.told) >= count)
        return self.told

    def _tell(self, releases: Releases) -> None:
        self.told.append(dict(releases.by_task))

    def put(self, *some: ModelRelease | bytes | None, key: str = "ad-copy", partition: int = 0) -> None:
        for one in some:
            value = self.codec.encode(MODEL_RELEASES, one) if isinstance(one, ModelRelease) else one
            name = one.task if isinstance(one, ModelRelease) else key
            self.events.put(Message(NAME, partition=partition, offset=0, key=name.encode(), value=value))

    def end(self, partition: int = 0) -> None:
        self.events.put(Message(NAME, partition=partition, error=KafkaError(KafkaError._PARTITION_EOF)))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World()
    monkeypatch.setattr(module, "Consumer", world.consumer)
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(module, "_POLL_SECONDS", 0.01)
    yield world
    world.follower.stop()
    assert all(one.is_closed for one in world.consumers)


async def test_only_the_newest_is_told_once_all_has_been_read(world: World) -> None:
    world.partitions = 2
    world.put(LIVE)
    world.end(partition=0)
    world.put(release("social-post", live=revision("c")), partition=1)
    world.put(NEWER)
    world.end(partition=0)
    world.end(partition=1)
    (told,) = await world.tells(1)
    assert {task: one.live for task, one in told.items()} == {"ad-copy": revision("b"), "social-post": revision("c")}


async def test_a_change_is_told_and_a_withdrawal_too(world: World) -> None:
    for one in (LIVE, NEWER, None):
        world.put(one)
        world.end()
        world.end()  # as after a pause: nothing new
    assert await world.tells(3) == [{"ad-copy": LIVE}, {"ad-copy": NEWER}, {}]


@pytest.mark.parametrize("bad", [b"garbage", b"\x00\x00\x00\x00\x09", b""])
async def test_what_cannot_be_read_leaves_the_release_before(world: World, bad: bytes) -> None:
    world.put(LIVE, bad)
    world.end()
    assert await world.tells(1) == [{"ad-copy": LIVE}]


async def test_a_record_under_another_task_s_key_is_no_release(world: World) -> None:
    world.put(world.codec.encode(MODEL_RELEASES, LIVE), key="social-post")
    world.end()
    assert await world.tells(1) == [{}]


async def test_an_empty_topic_is_told_as_such(world: World) -> None:
    world.end()
    assert await world.tells(1) == [{}]


async def test_after_a_broken_world_all_is_read_again_and_nothing_half_is_told(world: World) -> None:
    world.put(LIVE)
    world.events.put(KafkaException(KafkaError(KafkaError._TRANSPORT)))
    world.put(LIVE, NEWER)
    world.end()
    assert await world.tells(1) == [{"ad-copy": NEWER}]
    assert len(world.consumers) == 2


async def test_a_topic_that_is_not_there_is_told_once_and_takes_nothing_back(world: World) -> None:
    world.partitions = 0
    world.error = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)
    assert await world.tells(1) == [{}]
    await until(lambda: len(world.consumers) > 3)
    assert world.told == [{}]


async def test_who_may_not_read_is_told_so_and_asks_no_more(world: World) -> None:
    world.error = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    world.follower.start()
    await until(lambda: bool(world.refused))
    assert (len(world.consumers), world.told) == (1, [])
