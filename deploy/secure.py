"""`shelftalk secure`: a user for each process, and no right that is not in the list (`schemas.rights`).

Safe to run again: users that are there stay as they are, rights are made what the list says, more and less alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, TypeVar, get_args

import typer
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from rich.console import Console
from rich.table import Table

from deploy.endpoints import Endpoints, find_endpoints
from deploy.local.locks import new_password, write_secret
from deploy.settings import Settings
from schemas.connection import Security
from schemas.rights import RIGHTS, Kind, Right, Role, user_of

T = TypeVar("T")

_TIMEOUT_SECONDS: Final = 30.0
_ITERATIONS: Final = 8192
_RESOURCES: Final[Mapping[Kind, ResourceType]] = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional id": ResourceType.TRANSACTIONAL_ID,
}
_EVERYTHING: Final = AclBindingFilter(
    ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
)


class CannotSecure(Exception):
    """The broker takes no users or rights as things stand; the message says what to do next."""


@dataclass(frozen=True, slots=True)
class Users:
    """What is done with users: made anew with a new password, given the password of their file, or left as they are."""

    make: tuple[Role, ...]
    restore: tuple[Role, ...]
    lost: tuple[Role, ...]
    """On the broker, and their password in no file here."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What leads from the users and rights that are found to those that are wanted."""

    users: Users
    grant: tuple[AclBinding, ...]
    revoke: tuple[AclBinding, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether everything is as it must be."""
        return not (self.users.make or self.users.restore or self.grant or self.revoke)


def secure(
    folder: Annotated[Path, typer.Argument(help="Where each user's password and variables are written.")],
    *,
    rotate: Annotated[list[str] | None, typer.Option(help="Give this role's user a new password.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show who may do what, and what would change.")] = False,
) -> None:
    """Make a user for each process, with the rights that it needs and no other. Safe to run again.

    For every role the folder then has ROLE.password (mode 0600) and ROLE.env, with the variables that a process of that
    role is started with. Who runs this must be a user that may change users and rights, such as the first one of
    `shelftalk up --secure`. Rights of these users that are not in the list are taken away.
    """
    endpoints, console = find_endpoints(Settings()), Console(highlight=False)
    broker = Broker(AdminClient(endpoints.kafka() | {"log_level": 0}))
    plan = plan_for(folder, _roles(rotate or []), users=broker.users(), rights=broker.rights())
    if dry_run:
        console.print(rights_table())
    else:
        carry_out(plan, broker, folder, endpoints)
    for line in told(plan, dry_run=dry_run):
        console.print(line, soft_wrap=True, markup=False)
    if plan.users.lost:
        raise typer.Exit(1)


def _roles(given: Collection[str]) -> list[Role]:
    unknown = sorted(set(given) - set(RIGHTS))
    if unknown:
        raise typer.BadParameter(f"no role {', '.join(unknown)}; there are {', '.join(RIGHTS)}", param_hint="--rotate")
    return [role for role in RIGHTS if role in given]


class Broker:
    """The broker's users and rights. Every call raises CannotSecure."""

    def __init__(self, admin: AdminClient) -> None:
        self._admin = admin

    def users(self) -> frozenset[str]:
        """Give the names of all users that have a password here."""
        return frozenset(_answer(self._admin.describe_user_scram_credentials(request_timeout=_TIMEOUT_SECONDS)))

    def rights(self) -> frozenset[AclBinding]:
        """Give every rule that there is, of anybody."""
        return frozenset(_answer(self._admin.describe_acls(_EVERYTHING, request_timeout=_TIMEOUT_SECONDS)))

    def set_password(self, user: str, password: str) -> None:
        """Make a user, or give it another password."""
        known = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
        change = UserScramCredentialUpsertion(user, known, password.encode())
        for done in self._admin.alter_user_scram_credentials([change]).values():
            _answer(done)

    def grant(self, rights: Collection[AclBinding]) -> None:
        """Add rules."""
        for done in self._admin.create_acls(list(rights)).values() if rights else ():
            _answer(done)

    def revoke(self, rights: Collection[AclBinding]) -> None:
        """Take rules away."""
        for done in self._admin.delete_acls([_exactly(each) for each in rights]).values() if rights else ():
            _answer(done)


def plan_for(folder: Path, rotate: Collection[Role], *, users: Collection[str], rights: Collection[AclBinding]) -> Plan:
    """Give what is missing and what is too much; rules of users that are not ours are left alone."""
    wanted = {binding(user_of(role), right) for role, some in RIGHTS.items() for right in some}
    users_of_ours = {f"User:{user_of(role)}" for role in RIGHTS}
    ours = {each for each in rights if each.principal in users_of_ours}
    has_file = {role: password_file(folder, role).exists() for role in RIGHTS}
    is_user = {role: user_of(role) in users for role in RIGHTS}
    made = tuple(role for role in RIGHTS if role in rotate or not (has_file[role] or is_user[role]))
    return Plan(
        Users(
            make=made,
            restore=tuple(role for role in RIGHTS if role not in made and has_file[role] and not is_user[role]),
            lost=tuple(role for role in RIGHTS if role not in made and is_user[role] and not has_file[role]),
        ),
        grant=tuple(sorted(wanted - ours, key=str)),
        revoke=tuple(sorted(ours - wanted, key=str)),
    )


def carry_out(plan: Plan, broker: Broker, folder: Path, endpoints: Endpoints) -> None:
    """Take rights away, add rights, then make users; a password is on disk before the broker has it."""
    broker.revoke(plan.revoke)
    broker.grant(plan.grant)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for role in (*plan.users.make, *plan.users.restore):
        file = password_file(folder, role)
        if role in plan.users.make:
            file.unlink(missing_ok=True)
            write_secret(file, new_password())
        broker.set_password(user_of(role), file.read_text())
    for role in RIGHTS:
        if role not in plan.users.lost:
            (folder / f"{role}.env").write_text(variables(role, folder, endpoints.security))


def variables(role: Role, folder: Path, security: Security) -> str:
    """Give the variables that a process of a role is started with, as lines of NAME=value; none is a secret."""
    ca_file = security.tls.ca_file if security.tls else None
    lines = {
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL" if security.tls else "SASL_PLAINTEXT",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_SASL_USER": user_of(role),
        "KAFKA_SASL_PASSWORD_FILE": str(password_file(folder, role).absolute()),
    } | ({"KAFKA_CA_FILE": str(ca_file.absolute())} if ca_file else {})
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def password_file(folder: Path, role: Role) -> Path:
    """Give where a role's password is, and nothing else."""
    return folder / f"{role}.password"


def binding(user: str, right: Right) -> AclBinding:
    """Give a right as Kafka's rule: from any host, since who somebody is does not depend on where they are."""
    pattern = ResourcePatternType.PREFIXED if right.prefixed else ResourcePatternType.LITERAL
    operation = AclOperation[right.operation]
    resource = _RESOURCES[right.kind]
    return AclBinding(resource, right.name, pattern, f"User:{user}", "*", operation, AclPermissionType.ALLOW)


def rights_table() -> Table:
    """Give the list of who may do what, as it is shown."""
    table = Table("user", "may", "on", "named", box=None)
    for row in rights_rows():
        table.add_row(*row)
    return table


def rights_rows() -> Iterator[tuple[str, str, Kind, str]]:
    """Give the list of who may do what: user, operations, kind, and names, with a star where one is a beginning."""
    for role in get_args(Role):
        operations: dict[tuple[Kind, str], list[str]] = {}
        for right in RIGHTS[role]:
            name = f"{right.name}{'*' if right.prefixed else ''}"
            operations.setdefault((right.kind, name), []).append(right.operation)
        names: dict[tuple[Kind, str], list[str]] = {}
        for (kind, name), some in operations.items():
            names.setdefault((kind, ", ".join(some)), []).append(name)
        yield from ((user_of(role), may, kind, ", ".join(named)) for (kind, may), named in names.items())


def told(plan: Plan, *, dry_run: bool) -> Iterator[str]:
    """Say what was done, or would be."""
    would = "would " if dry_run else ""
    for role in plan.users.make:
        yield f"{would}set a new password for {user_of(role)}"
    for role in plan.users.restore:
        yield f"{would}make {user_of(role)} anew with the password of its file"
    for verb, rights in (("grant", plan.grant), ("revoke", plan.revoke)):
        for each in rights:
            kind, pattern = each.restype.name.lower(), "*" if each.resource_pattern_type.name == "PREFIXED" else ""
            who = each.principal.removeprefix("User:")
            yield f"{would}{verb} {each.operation.name} on {kind} {each.name}{pattern}: {who}"
    for role in plan.users.lost:
        yield (f"{user_of(role)} is there and {role}.password is not: name the folder that has it, or --rotate {role}")
    if plan.is_empty and not plan.users.lost:
        yield "nothing to do: users and rights are what the list says"


def _exactly(right: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        right.restype,
        right.name,
        right.resource_pattern_type,
        right.principal,
        right.host,
        right.operation,
        right.permission_type,
    )


def _answer(asked: Future[T]) -> T:
    """Give the broker's answer; raises CannotSecure, saying what the broker lacks or who may ask."""
    try:
        return asked.result(_TIMEOUT_SECONDS)
    except KafkaException as error:
        if error.args[0].code() == KafkaError.SECURITY_DISABLED:
            raise CannotSecure("this broker has no authorizer: set authorizer.class.name, or `up --secure`") from error
        if error.args[0].code() == KafkaError.CLUSTER_AUTHORIZATION_FAILED:
            raise CannotSecure("this user may not change users and rights: come as one that may") from error
        raise CannotSecure(f"the broker did not do it: {error.args[0].str()}") from error
    except TimeoutError as error:
        raise CannotSecure("the broker does not answer") from error
