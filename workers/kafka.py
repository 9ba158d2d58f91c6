"""How this process talks to Kafka: the client settings, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

Config = dict[str, str | int | float | bool]

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class KafkaConfig:
    """Where the broker is and who we are. With a `member` name a restart within the session keeps its partitions."""

    bootstrap: str
    group: str
    member: str | None = None

    def common(self) -> Config:
        """Give what every client needs: reconnects within a second of the broker's return."""
        return {
            "bootstrap.servers": self.bootstrap,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 1_000,
        }

    def consumer(self) -> Config:
        """Give the group consumer's settings: classic protocol, cooperative, read_committed, committing nothing itself.

        The prefetch is small, since a pause drops it. The classic protocol moves a dead member's partitions after 6 s;
        the newer one (KIP-848) takes the broker's 45 s.
        """
        member: Config = {"group.instance.id": self.member} if self.member else {}
        return (
            self.common()
            | member
            | {
                "group.id": self.group,
                "group.protocol": "classic",
                "partition.assignment.strategy": "cooperative-sticky",
                "session.timeout.ms": 6_000,
                "heartbeat.interval.ms": 1_000,
                "max.poll.interval.ms": 60_000,
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 100,
                "fetch.queue.backoff.ms": 10,
                "queued.max.messages.kbytes": 16_384,
            }
        )

    def reader(self) -> Config:
        """Give the settings of a consumer that joins no group and reads up to the end of a partition."""
        return self.common() | {
            "group.id": f"{self.group}-recall",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
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
            "linger.ms": 0,
            "compression.type": "lz4",
            "partitioner": "murmur2_random",
            "message.max.bytes": 12 * _MIB,
        }
