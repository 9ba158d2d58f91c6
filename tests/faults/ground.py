"""The stack that all scenarios of one process share, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import Consumer, KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.stack import LocalStack
from schemas.codec import Codec
from schemas.registry import HttpRegistry
from schemas.topics import WORKERS_GROUP, Topic
from tests.faults.doors import proxied_stack
from tests.faults.places import Bounds, ends_of, parts_of, reader
from tests.faults.proxy import Proxy
from tests.integration.conftest import CACHE, provisioned
from tests.integration.reading import Part

DOORS = 4


@dataclass(slots=True)
class Ground:
    """A provisioned stack, with as many doors to the broker as workers could want, each with a proxy in it."""

    stack: LocalStack
    proxies: tuple[Proxy, ...]
    codec: Codec
    _reader: Consumer = field(init=False)
    _known: dict[tuple[str, ...], frozenset[Part]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep one client for asking where topics end."""
        self._reader = reader(self.bootstrap, "read_committed")

    @property
    def bootstrap(self) -> str:
        """Give the broker's own address, which no cut concerns."""
        return self.stack.bootstrap

    def ends(self, topics: Sequence[Topic], *, timeout_seconds: float = 60) -> Bounds:
        """Give where each partition ends now for a read_committed reader."""
        return ends_of(self._reader, self._parts_of(topics), timeout_seconds=timeout_seconds)

    def count_since(self, since: Bounds, topics: Sequence[Topic]) -> int:
        """Count the messages in topics without transactions since then: there, each offset is one."""
        return sum(end - since[part] for part, end in self.ends(topics).items())

    def _parts_of(self, topics: Sequence[Topic]) -> frozenset[Part]:
        """Give the partitions of topics, which are asked for once: they never become more here."""
        names = tuple(topic.name for topic in topics)
        if names not in self._known:
            self._known[names] = parts_of(self._reader, topics)
        return self._known[names]

    def only_these_are_members(self, workers: Sequence[str]) -> bool:
        """Tell whether no other worker is a member of the group; one with a static id is for 6 s after its end."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        try:
            described = admin.describe_consumer_groups([WORKERS_GROUP], request_timeout=5)[WORKERS_GROUP].result()
        except KafkaException:
            return False
        named = {str(member.group_instance_id).partition(".")[0] for member in described.members}
        return named <= set(workers)

    def heal(self) -> None:
        """Mend every network."""
        for proxy in self.proxies:
            proxy.heal()


@contextmanager
def ground(
    home: Path, *, partitions: int | None = None, say: Callable[[str], None] = lambda _: None
) -> Iterator[Ground]:
    """Give a running, provisioned stack with doors; ended afterwards, whatever happens.

    Each topic has so many `partitions`, or as many as the contract says.
    """
    begun = time.monotonic()
    with proxied_stack(home, CACHE, doors=DOORS) as proxied:
        stack = provisioned(proxied.stack, partitions=partitions)
        say(f"broker and registry stand after {time.monotonic() - begun:.0f} s")
        yield Ground(stack, proxied.proxies, Codec(HttpRegistry(stack.registry_url)))
