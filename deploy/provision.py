"""Make the topics and schemas on the wire what the contract says; running it again changes nothing.

Nothing is ever shrunk or deleted: missing topics are made, settings that differ are set, missing schemas registered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import typer
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType
from rich.console import Console
from rich.markup import escape

from deploy.endpoints import find_endpoints
from deploy.settings import Settings
from schemas import avsc, topics
from schemas.registry import Registry, SchemaNotFound
from schemas.topics import INPUTS, Changelog, Topic

_TIMEOUT_SECONDS = 30.0
_IN_SYNC_FROM_REPLICATION = 3

_PARTITIONS_ADVICE = (
    "Nothing was changed. Inputs and tables are joined by partition: all must have the same count, and adding "
    "partitions to a topic in use moves its keys. Either provision with --partitions and the count that is there, "
    "or delete these topics, provision, and feed the shop again."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One topic as it must be."""

    name: str
    partitions: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """One topic as it is."""

    partitions: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was done, or that a dry run would do."""

    kind: Literal["topic", "setting", "schema"]
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class CreateTopic(Change):
    """A topic that is missing."""

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class SetSettings(Change):
    """Settings of a topic that differ."""

    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What provisioning did or would do; with problems it did nothing, since only a person can repair them."""

    changes: tuple[Change, ...]
    problems: tuple[str, ...] = ()


class ProvisioningFailed(Exception):
    """The broker refused or did not answer; the message says which topic and why."""


def provision(
    *,
    replication_factor: Annotated[
        int, typer.Option(min=1, help="Copies of every new topic: 3 on a cluster, 1 on a single broker.")
    ] = 1,
    partitions: Annotated[
        int | None, typer.Option(min=1, help="Partitions of every topic, instead of the contract's count.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would change.")] = False,
) -> None:
    """Make topics and schemas what the contract says. Safe to run again: then it changes nothing.

    Exits 1 when something differs that only a person can repair, such as a topic's number of partitions.
    """
    endpoints = find_endpoints(Settings())
    done = ensure_provisioned(
        AdminClient(endpoints.kafka() | {"log_level": 0}),
        endpoints.registry(),
        replication_factor=replication_factor,
        partitions=partitions,
        dry_run=dry_run,
    )
    _print(done, dry_run=dry_run)
    if done.problems:
        raise typer.Exit(1)


def _print(done: Provisioned, *, dry_run: bool) -> None:
    console = Console(highlight=False)
    for change in done.changes:
        done_or_not = "would set" if dry_run else "set"
        console.print(f"{done_or_not} {change.kind} [bold]{change.name}[/]: {escape(change.detail)}")
    if not done.changes:
        console.print("nothing to do: topics and schemas are what the contract says")
    for problem in done.problems:
        console.print(f"[red]differs:[/] {escape(problem)}")
    if done.problems:
        console.print(_PARTITIONS_ADVICE)


def ensure_provisioned(
    admin: AdminClient,
    registry: Registry,
    *,
    replication_factor: int = 1,
    partitions: int | None = None,
    dry_run: bool = False,
) -> Provisioned:
    """Make topics and schemas what the contract says, and tell what was changed.

    `partitions` replaces the contract's count for every topic, so that inputs stay co-partitioned.
    Raises ProvisioningFailed, RegistryUnavailable, and SchemaIncompatible before any message could be written with it.
    """
    wanted = wanted_topics(replication_factor=replication_factor, partitions=partitions)
    found = _found_topics(admin, [topic.name for topic in wanted])
    planned, problems = plan(wanted, found)
    if problems:
        return Provisioned((), problems)
    missing = _missing_schemas(registry)
    if not dry_run:
        _apply(admin, planned, replication_factor)
        for topic in topics.ALL:
            registry.register(topic.subject, avsc.text_of(topic.record))
    return Provisioned((*planned, *missing))


def wanted_topics(*, replication_factor: int, partitions: int | None = None) -> tuple[Wanted, ...]:
    """Give every topic of the contract and of the streams' tables with its settings.

    From three replicas on, a write counts when two have it; with fewer, one must do or one broker away stops the shop.
    """
    in_sync = 2 if replication_factor >= _IN_SYNC_FROM_REPLICATION else 1
    return tuple(
        Wanted(topic.name, partitions or topic.partitions, _settings(topic) | {"min.insync.replicas": str(in_sync)})
        for topic in (*topics.ALL, *topics.CHANGELOGS)
    )


def plan(wanted: Sequence[Wanted], found: Mapping[str, Found]) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Give the changes that lead from what is found to what is wanted, and the problems that need a person."""
    changes: list[Change] = []
    problems: list[str] = []
    for topic in wanted:
        if (present := found.get(topic.name)) is None:
            changes.append(CreateTopic("topic", topic.name, f"{topic.partitions} partitions", topic))
            continue
        if present.partitions != topic.partitions:
            problems.append(f"{topic.name} has {present.partitions} partitions, wanted are {topic.partitions}")
        differing = {name: value for name, value in topic.settings.items() if present.settings.get(name) != value}
        if differing:
            detail = ", ".join(
                f"{name} {present.settings.get(name)} -> {value}" for name, value in sorted(differing.items())
            )
            changes.append(SetSettings("setting", topic.name, detail, differing))
    return tuple(changes), tuple(problems)


def _settings(topic: Topic | Changelog) -> dict[str, str]:
    compacted = {"cleanup.policy": "compact", "retention.ms": "-1"}
    common = {"max.message.bytes": str(topic.max_message_bytes)} | _stamped(topic)
    if isinstance(topic, Changelog) or topic.retention_ms is None:
        return compacted | common
    return {"cleanup.policy": topic.cleanup_policy, "retention.ms": str(topic.retention_ms)} | common


def _stamped(topic: Topic | Changelog) -> dict[str, str]:
    """Let what we write have any time: by default a record from a clock an hour ahead is refused (KIP-937).

    Stamps by the broker (LogAppendTime) would do as well, and made commits several times slower.
    """
    ours = isinstance(topic, Topic) and topic not in INPUTS
    return {"message.timestamp.after.max.ms": str(2**63 - 1)} if ours else {}


def _found_topics(admin: AdminClient, names: Sequence[str]) -> dict[str, Found]:
    """Ask the broker for the topics that exist among these."""
    try:
        known = admin.list_topics(timeout=_TIMEOUT_SECONDS).topics
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names if name in known]
        described = admin.describe_configs(resources, request_timeout=_TIMEOUT_SECONDS) if resources else {}
        return {
            resource.name: Found(
                partitions=len(known[resource.name].partitions),
                settings={entry.name: str(entry.value) for entry in future.result().values()},
            )
            for resource, future in described.items()
        }
    except KafkaException as error:
        raise ProvisioningFailed(f"the broker did not tell which topics it has: {error}") from error


def _missing_schemas(registry: Registry) -> list[Change]:
    missing = []
    for topic in topics.ALL:
        try:
            registry.id_of(topic.subject, avsc.text_of(topic.record))
        except SchemaNotFound:
            missing.append(Change("schema", topic.subject, topic.record.__name__))
    return missing


def _apply(admin: AdminClient, changes: Sequence[Change], replication_factor: int) -> None:
    created = [change.wanted for change in changes if isinstance(change, CreateTopic)]
    new = [NewTopic(topic.name, topic.partitions, replication_factor, config=dict(topic.settings)) for topic in created]
    altered = [_alteration(change) for change in changes if isinstance(change, SetSettings)]
    futures = dict(admin.create_topics(new, operation_timeout=_TIMEOUT_SECONDS)) if new else {}
    if altered:
        done = admin.incremental_alter_configs(altered, request_timeout=_TIMEOUT_SECONDS)
        futures |= {resource.name: future for resource, future in done.items()}
    for name, future in futures.items():
        try:
            future.result()
        except KafkaException as error:
            raise ProvisioningFailed(f"{name} could not be provisioned: {error.args[0].str()}") from error


def _alteration(change: SetSettings) -> ConfigResource:
    entries = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in change.settings.items()
    ]
    return ConfigResource(ResourceType.TOPIC, change.name, incremental_configs=entries)
