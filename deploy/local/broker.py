"""Apache Kafka as one process: KRaft, broker and controller in one, loopback only.

Settings differ from Kafka's defaults only where one node needs it (replication factors) or where a default would hide
a mistake (topics are never made by use) or slow a test (empty groups wait for nobody).
"""

from __future__ import annotations

import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local import java
from deploy.local.errors import ServiceFailed
from deploy.local.ports import LOOPBACK, answers
from deploy.local.service import Service

MESSAGE_LIMIT_BYTES = 12 * 1024 * 1024
"""Larger than any topic's own limit, so that the topic's decides."""

_HEAP_MIB = 512


@dataclass(frozen=True, slots=True)
class Door:
    """A further listener on loopback, for clients that come in by another port.

    Whoever comes in by `port` is told to go on by `advertised_port`, where a proxy or a forwarded port leads to `port`.
    """

    port: int
    advertised_port: int


def broker_marker(home: Path) -> str:
    """Give the argument by which this home's broker is known."""
    return f"-Dshelftalk.broker={home}"


def broker(home: Path, class_path: str, *, port: int, controller_port: int, doors: Sequence[Door] = ()) -> Service:
    """Give the broker as a service, its settings written and its storage formatted; raises ServiceFailed."""
    folder = home / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "server.properties"
    lines = shared_settings() | _properties(folder / "data", controller_port) | _listeners(port, controller_port, doors)
    settings.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
    run = (java.java(), *_options(home), "-cp", class_path)
    if not (folder / "data" / "meta.properties").exists():
        _format(run, settings)
    return Service(
        name="broker",
        marker=broker_marker(home),
        command=(*run, "kafka.Kafka", str(settings)),
        log=home / "logs" / "broker.log",
        is_ready=lambda: answers(port) and has_broker(f"{LOOPBACK}:{port}"),
        environment=java.environment(),
    )


def has_broker(bootstrap: str, *, timeout_seconds: float = 3) -> bool:
    """Tell whether a Kafka cluster answers there and every partition has a leader."""
    try:
        client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        known = client.list_topics(timeout=timeout_seconds)
    except KafkaException:
        return False
    led = all(part.leader >= 0 for topic in known.topics.values() for part in topic.partitions.values())
    return bool(known.brokers) and led


def shared_settings() -> dict[str, str]:
    """Give the broker's settings that do not depend on where it runs."""
    return {
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        # After a kill the broker is let in again when its old session has run out: by default only after 9 s.
        "broker.heartbeat.interval.ms": "1000",
        "broker.session.timeout.ms": "4000",
        "message.max.bytes": str(MESSAGE_LIMIT_BYTES),
        "replica.fetch.max.bytes": str(MESSAGE_LIMIT_BYTES),
        "socket.request.max.bytes": str(4 * MESSAGE_LIMIT_BYTES),
        "log.cleaner.dedupe.buffer.size": str(32 * 1024 * 1024),
        "num.network.threads": "2",
        "num.io.threads": "4",
    }


def _options(home: Path) -> tuple[str, ...]:
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return (
        *java.options(heap_mib=_HEAP_MIB, marker=broker_marker(home), temporary=temporary),
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss,SSS",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
        "-Dlog4j2.level=OFF",
    )


def _format(run: tuple[str, ...], settings: Path) -> None:
    cluster_id = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    command = (*run, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "-c", str(settings))
    done = subprocess.run(command, env=java.environment(), capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise ServiceFailed(f"the broker's storage could not be formatted:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")


def _properties(data: Path, controller_port: int) -> dict[str, str]:
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
        "log.dirs": str(data),
    }


def _listeners(port: int, controller_port: int, doors: Sequence[Door]) -> dict[str, str]:
    named = {f"DOOR{number}": door for number, door in enumerate(doors, start=1)}
    listen = {"PLAINTEXT": port} | {name: door.port for name, door in named.items()}
    advertise = {"PLAINTEXT": port} | {name: door.advertised_port for name, door in named.items()}
    return {
        "listeners": _addresses(listen | {"CONTROLLER": controller_port}),
        "advertised.listeners": _addresses(advertise),
        "listener.security.protocol.map": ",".join(f"{name}:PLAINTEXT" for name in (*listen, "CONTROLLER")),
    }


def _addresses(ports: Mapping[str, int]) -> str:
    return ",".join(f"{name}://{LOOPBACK}:{port}" for name, port in ports.items())
