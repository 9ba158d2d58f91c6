"""How this process talks to Kafka: the client settings, each with its reason."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import structlog
from confluent_kafka import KafkaError

from schemas.access import raise_refusal
from schemas.connection import OPEN, Security

log = structlog.get_logger()

Config = dict[str, str | int | float | bool | Callable[[KafkaError], None]]

_MIB = 1024 * 1024
_CRITICAL = 2
_FETCHED_AHEAD_KIB = 16_384
_QUIET_SECONDS = 10.0


class ErrorLog:
    """Logs what a client reports and survives, every 10 s at most: an absent broker is reported 40 times a second.

    A refusal is not survived: it is raised as AccessRefused out of the client's poll.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._silent_until = 0.0
        self._unsaid = 0

    def __call__(self, error: KafkaError) -> None:
        """Log the error, or count it; raises AccessRefused."""
        raise_refusal(error)
        if self._clock() < self._silent_until:
            self._unsaid += 1
            return
        log.warning("a Kafka client reports an error and goes on", error=error.name(), unsaid=self._unsaid)
        self._silent_until = self._clock() + _QUIET_SECONDS
        self._unsaid = 0


_report = ErrorLog()


GroupProtocol = Literal["classic", "consumer"]
"""`consumer` is KIP-848: the broker assigns, and its own settings say when a member counts as dead (45 s)."""


@dataclass(frozen=True, slots=True)
class KafkaConfig:
    """Where the broker is and who we are.

    With a `member` name a restart within the session keeps its partitions; only the classic protocol takes one, since
    a member of the newer one that comes back after a crash is refused until the dead one's session has run out.
    """

    bootstrap: str
    group: str
    member: str | None = None
    security: Security = OPEN
    protocol: GroupProtocol = "classic"
    max_poll_interval_seconds: float = 60.0

    def common(self) -> Config:
        """Give what every client needs: reconnects within a second of the broker's return."""
        return {
            **self.security.client(),
            "bootstrap.servers": self.bootstrap,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 1_000,
            "log_level": _CRITICAL,  # what matters comes through error_cb
            "error_cb": _report,
        }

    def consumer(self, topic: str) -> Config:
        """Give the settings of the group's consumer of one topic: read_committed, committing nothing itself.

        The prefetch is small since a pause drops it.
        """
        return (
            self.common()
            | self._membership(topic)
            | {
                "group.id": self.group,
                "max.poll.interval.ms": int(self.max_poll_interval_seconds * 1000),
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 100,
                "fetch.queue.backoff.ms": 10,
                "queued.max.messages.kbytes": _FETCHED_AHEAD_KIB,
            }
        )

    def _membership(self, topic: str) -> Config:
        """Give how partitions are shared out. The classic protocol moves a dead member's partitions after 6 s."""
        if self.protocol == "consumer":
            return {"group.protocol": "consumer"}
        named: Config = {"group.instance.id": f"{self.member}.{topic}"} if self.member else {}
        return named | {
            "group.protocol": "classic",
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": 6_000,
            "heartbeat.interval.ms": 1_000,
        }

    def reader(self) -> Config:
        """Give the settings of a consumer that joins no group and reads up to the end of a partition."""
        return self.common() | {
            "group.id": f"{self.group}-recall",
            "fetch.wait.max.ms": 20,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "queued.max.messages.kbytes": _FETCHED_AHEAD_KIB,
        }

    def offset_reader(self) -> Config:
        """Give the settings of a consumer that only asks for the group's offsets; it never joins.

        read_committed: the answer waits for transactions that are still open on the offsets (KIP-447).
        """
        return self.common() | {
            "group.id": self.group,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }

    def producer(self, *, transactional_id: str) -> Config:
        """Give a transactional producer's settings.

        `retry.backoff.ms=5`: librdkafka waits that long between the steps of a commit (100 ms by default). murmur2 is
        the partitioner of Java and Faust; librdkafka's own default would put the same key elsewhere.
        """
        return self.common() | {
            "transactional.id": transactional_id,
            "transaction.timeout.ms": 10_000,
            "retry.backoff.ms": 5,
            "linger.ms": 5,  # fuller batches; the flush of a commit does not wait for it
            "compression.type": "lz4",
            "partitioner": "murmur2_random",
            "message.max.bytes": 12 * _MIB,
        }
