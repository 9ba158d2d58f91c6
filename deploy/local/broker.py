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
from functools import partial
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local import java
from deploy.local.errors import ServiceFailed
from deploy.local.locks import ADMIN, BROKER_NAME, Locks, write_secret
from deploy.local.ports import LOOPBACK, answers
from deploy.local.service import Service
from schemas.connection import OPEN, Security

MESSAGE_LIMIT_BYTES = 12 * 1024 * 1024
"""Larger than any topic's own limit, so that the topic's decides."""

_HEAP_MIB = 512


@dataclass(frozen=True, slots=True)
class Closed:
    """How a broker is closed: clients come in with TLS and SCRAM, itself on a port of its own by its certificate."""

    locks: Locks
    own_port: int


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


def broker(
    home: Path,
    class_path: str,
    *,
    port: int,
    controller_port: int,
    doors: Sequence[Door] = (),
    closed: Closed | None = None,
) -> Service:
    """Give the broker as a service, its settings written and its storage formatted; raises ServiceFailed."""
    folder = home / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "server.properties"
    lines = shared_settings() | _properties(folder / "data", controller_port)
    lines |= _closed(port, controller_port, closed) if closed else _listeners(port, controller_port, doors)
    settings.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
    run = (java.java(), *_options(home), "-cp", class_path)
    if not is_formatted(home):
        _format(run, settings, closed)
    # A handshake with a password takes a busy machine seconds, and each question begins with one.
    security, patience = (closed.locks.admin(), 15.0) if closed else (OPEN, 3.0)
    is_broker = partial(has_broker, security=security, timeout_seconds=patience)
    return Service(
        name="broker",
        marker=broker_marker(home),
        command=(*run, "kafka.Kafka", str(settings)),
        log=home / "logs" / "broker.log",
        is_ready=lambda: answers(port) and is_broker(f"{LOOPBACK}:{port}"),
        environment=java.environment(),
    )


def is_formatted(home: Path) -> bool:
    """Tell whether the home's broker has been started before: open or closed, it stays what it was then."""
    return (home / "kafka" / "data" / "meta.properties").exists()


def has_broker(bootstrap: str, *, security: Security = OPEN, timeout_seconds: float = 3) -> bool:
    """Tell whether a Kafka cluster answers there and every partition has a leader."""
    try:
        client = AdminClient(security.client() | {"bootstrap.servers": bootstrap, "log_level": "0"})
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
        # Who was refused, and what: of use on a closed broker, silent on an open one.
        "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.network.Selector=info",
        "-Dorg.slf4j.simpleLogger.log.kafka.authorizer.logger=info",
        "-Dlog4j2.level=OFF",
    )


def _format(run: tuple[str, ...], settings: Path, closed: Closed | None) -> None:
    cluster_id = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    command = (*run, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "-c", str(settings))
    if closed is None:
        _run_format(command)
        return
    # Further arguments out of a file: a password among the arguments could be read by everybody on this machine.
    password = closed.locks.password_file.read_text()
    arguments = closed.locks.folder / "format.arguments"
    arguments.unlink(missing_ok=True)
    write_secret(arguments, f"--add-scram\nSCRAM-SHA-512=[name={ADMIN},password={password}]\n")
    try:
        _run_format((*command, f"@{arguments}"))
    finally:
        arguments.unlink()


def _run_format(command: tuple[str, ...]) -> None:
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


def _closed(port: int, controller_port: int, closed: Closed) -> dict[str, str]:
    """Give the settings of a broker that admits nobody unknown and allows nothing that no rule allows.

    The controller and the broker itself prove who they are by the certificate: what they need to start cannot be read
    from the metadata that users and their passwords are in.
    """
    locks, client = closed.locks, {"SASL_SSL": port, "OWN": closed.own_port}
    return {
        "listeners": _addresses(client | {"CONTROLLER": controller_port}),
        "advertised.listeners": _addresses(client),
        "listener.security.protocol.map": "SASL_SSL:SASL_SSL,OWN:SSL,CONTROLLER:SSL",
        "inter.broker.listener.name": "OWN",
        "listener.name.own.ssl.client.auth": "required",
        "listener.name.controller.ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(locks.broker_file),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(locks.ca_file),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:CN={BROKER_NAME};User:{ADMIN}",
    }


def _addresses(ports: Mapping[str, int]) -> str:
    return ",".join(f"{name}://{LOOPBACK}:{port}" for name, port in ports.items())
