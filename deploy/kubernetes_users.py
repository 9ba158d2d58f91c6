"""`python -m deploy.kubernetes_users`: who may do what on the broker, as KafkaUsers of the Strimzi operator.

Written from `schemas.rights`, like what `shelftalk secure` sets on a broker without the operator.
Source: https://strimzi.io/docs/operators/latest/configuring.html#type-KafkaUser-reference
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from schemas.rights import RIGHTS, Kind, Operation, Right, Role, user_of

_HEAD: Final = """\
# Written by `python -m deploy.kubernetes_users` from schemas/rights.py: change it there.
"""

_KINDS: Final[Mapping[Kind, str]] = {"topic": "topic", "group": "group", "transactional id": "transactionalId"}
_OPERATIONS: Final[Mapping[Operation, str]] = {
    "READ": "Read",
    "WRITE": "Write",
    "CREATE": "Create",
    "DESCRIBE": "Describe",
    "DESCRIBE_CONFIGS": "DescribeConfigs",
    "ALTER_CONFIGS": "AlterConfigs",
}


def users() -> str:
    """Give every role's user as YAML, with one rule for each thing that it may do something with."""
    return _HEAD + "---\n".join(_user(role, rights) for role, rights in RIGHTS.items())


def _user(role: Role, rights: Sequence[Right]) -> str:
    return "\n".join(
        (
            "apiVersion: kafka.strimzi.io/v1",
            "kind: KafkaUser",
            "metadata:",
            f"  name: {user_of(role)}",
            "spec:",
            "  authentication: {type: scram-sha-512}",
            "  authorization:",
            "    type: simple",
            "    acls:",
            *_rules(rights),
            "",
        )
    )


def _rules(rights: Sequence[Right]) -> Iterator[str]:
    operations: dict[str, list[str]] = {}
    for right in rights:
        pattern = "prefix" if right.prefixed else "literal"
        resource = f"{{type: {_KINDS[right.kind]}, name: {right.name}, patternType: {pattern}}}"
        operations.setdefault(resource, []).append(_OPERATIONS[right.operation])
    for resource, allowed in operations.items():
        yield f"      - resource: {resource}"
        yield f"        operations: [{', '.join(allowed)}]"


if __name__ == "__main__":
    print(users(), end="")
