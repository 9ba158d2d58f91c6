"""Asked at the door, before any work: does the broker know us, and may we do what we are here for?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Final, Protocol

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient

from schemas.access import AccessRefused, refusal
from schemas.rights import RIGHTS, Kind, Right, Role

_PATIENCE_SECONDS: Final = 10.0
_ASK_SECONDS: Final = 0.5
_TOLD: Final = 3
_DENIED: Final = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED)

Client = Mapping[str, str | int | float | bool | Callable[[KafkaError], None]]


class Described(Protocol):
    """What the broker tells of a topic or a group."""

    authorized_operations: Sequence[AclOperation] | None


def knock(client: Client, *, patience_seconds: float = _PATIENCE_SECONDS) -> AdminClient:
    """Return when the broker has let us in, or gives no answer for so long: its absence is not ours to judge.

    Raises AccessRefused at the first refusal, and knocks no more.
    """
    refusals: list[AccessRefused] = []
    admin = _asked_in(client, refusals, patience_seconds)
    if refusals:
        refused = refusals.pop()
        del admin  # else the error would keep it, and it would go on knocking
        raise refused
    return admin


def _asked_in(client: Client, refusals: list[AccessRefused], patience_seconds: float) -> AdminClient:
    """Give a client that was let in, was refused, or had no answer."""

    def note(error: KafkaError) -> None:
        if (refused := refusal(error)) is not None:
            refusals.append(refused)

    # The first pause is long: a refusal is read before there is a second attempt.
    admin = AdminClient({**client, "log_level": 0, "error_cb": note, "reconnect.backoff.ms": 1_000})
    deadline = time.monotonic() + patience_seconds
    while not refusals and time.monotonic() < deadline:
        try:
            admin.list_topics(timeout=_ASK_SECONDS)
        except KafkaException:
            admin.poll(0)
        else:
            break
    return admin


def require_rights(admin: AdminClient, role: Role) -> None:
    """Return when the broker allows all that a role needs of its topics and groups (KIP-430).

    Where the broker does not answer, or does not have them yet, nothing is judged. Raises AccessRefused.
    """
    allowed = _allowed(admin, [right for right in RIGHTS[role] if not right.prefixed])
    needed = [right for right in RIGHTS[role] if (right.kind, right.name) in allowed]
    lacking = [right for right in needed if right.operation not in allowed[right.kind, right.name]]
    if lacking:
        told = ", ".join(f"{right.operation} {right.kind} {right.name}" for right in lacking[:_TOLD])
        more = f" and {len(lacking) - _TOLD} more" if len(lacking) > _TOLD else ""
        raise AccessRefused(
            f"the broker does not allow this user what the {role} needs: {told}{more}; see KAFKA_SASL_USER, and run "
            "`shelftalk secure`"
        )


def _allowed(admin: AdminClient, rights: Sequence[Right]) -> dict[tuple[Kind, str], frozenset[str]]:
    """Ask what we may do with each topic and group; what the broker does not tell is left out."""
    topics = sorted({right.name for right in rights if right.kind == "topic"})
    groups = sorted({right.name for right in rights if right.kind == "group"})
    asked = {"include_authorized_operations": True, "request_timeout": _PATIENCE_SECONDS}
    answers: dict[tuple[Kind, str], Future[Described]] = {}
    if topics:
        described = admin.describe_topics(TopicCollection(topics), **asked)
        answers |= {("topic", name): answer for name, answer in described.items()}
    if groups:
        answers |= {("group", name): answer for name, answer in admin.describe_consumer_groups(groups, **asked).items()}
    told = {what: _operations(answer) for what, answer in answers.items()}
    return {what: operations for what, operations in told.items() if operations is not None}


def _operations(answer: Future[Described]) -> frozenset[str] | None:
    try:
        operations = answer.result().authorized_operations
    except KafkaException as error:
        return frozenset() if error.args[0].code() in _DENIED else None
    return None if operations is None else frozenset(operation.name for operation in operations)
