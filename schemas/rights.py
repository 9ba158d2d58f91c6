"""Who may do what on the broker: the whole list, from top to bottom, and nothing that is not in it.

A role is one user of the broker. What a role may write or read it may also describe (Kafka implies it). Nobody may make
topics by use, delete, or change rights; only the user that a broker is born with may do that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from schemas.topics import (
    ALL,
    CHANGELOGS,
    CONTENT_FEEDBACK,
    COPY,
    DEAD_LETTERS,
    GENERATION_OUTCOMES,
    INPUTS,
    LEDGER,
    MODEL_RELEASES,
    MODELS,
    PRODUCT_DESCRIPTIONS,
    PRODUCT_QUESTIONS,
    QUESTIONS,
    QUESTIONS_CHANGELOG,
    REQUESTS,
    STREAMS_APP,
    WORKERS_GROUP,
    Changelog,
    Topic,
)

Role = Literal["catalogue", "streams", "worker", "reader", "operator", "scaler"]
Kind = Literal["topic", "group", "transactional id"]
Operation = Literal["READ", "WRITE", "CREATE", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"]

_USER_PREFIX: Final = "shelftalk-"

READERS_GROUPS: Final = "shelftalk-reader-"
"""What the names of readers' groups begin with, also of those that read by hand: their client asks for a group."""

RECALL_GROUP: Final = f"{WORKERS_GROUP}-recall"
CATALOGUE_GROUP: Final = f"{STREAMS_APP}-catalogue"
"""Groups that nobody joins: a client that reads by hand asks who leads the group that it is named for."""

CATALOGUE_TRANSACTIONS: Final = "shelftalk-catalogue-"
OPERATORS_TRANSACTIONS: Final = "shelftalk-redrive"
FAQ_TRANSACTIONS: Final = "shelftalk-faq"
RELEASE_TRANSACTIONS: Final = "shelftalk-release"


@dataclass(frozen=True, slots=True)
class Right:
    """One thing that a role may do; with `prefixed` to everything whose name begins so."""

    kind: Kind
    name: str
    operation: Operation
    prefixed: bool = False


def user_of(role: Role) -> str:
    """Give the name of a role's user."""
    return f"{_USER_PREFIX}{role}"


def _read(topics: Sequence[Topic | Changelog]) -> tuple[Right, ...]:
    return tuple(Right("topic", topic.name, "READ") for topic in topics)


def _write(topics: Sequence[Topic | Changelog]) -> tuple[Right, ...]:
    return tuple(Right("topic", topic.name, "WRITE") for topic in topics)


def _provision(topics: Sequence[Topic | Changelog]) -> tuple[Right, ...]:
    operations: tuple[Operation, ...] = ("CREATE", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS")
    return tuple(Right("topic", topic.name, operation) for topic in topics for operation in operations)


RIGHTS: Final[Mapping[Role, tuple[Right, ...]]] = {
    # The shop's systems and `shelftalk feed`: events in, and what people made of its copy; nothing out. In transactions
    # if they like.
    "catalogue": (
        *_write((*INPUTS, CONTENT_FEEDBACK)),
        Right("transactional id", CATALOGUE_TRANSACTIONS, "WRITE", prefixed=True),
    ),
    # `python -m streams`: events in, requests out, its own tables. Published descriptions are what it localises,
    # questions it hands on to their product, and people's answers it only reads.
    "streams": (
        *_read((*INPUTS, *QUESTIONS, PRODUCT_DESCRIPTIONS)),
        *_write((PRODUCT_QUESTIONS, *REQUESTS, DEAD_LETTERS)),
        *_read(CHANGELOGS),
        *_write(CHANGELOGS),
        Right("group", STREAMS_APP, "READ"),
        Right("group", CATALOGUE_GROUP, "DESCRIBE"),
    ),
    # `python -m workers`: requests in, copy and the ledger out, in transactions of its own. It reads the outcomes back:
    # they tell what was published before a crash. Which model writes is told to it.
    "worker": (
        *_read((*REQUESTS, GENERATION_OUTCOMES, MODEL_RELEASES)),
        *_write((*COPY, *LEDGER)),
        Right("group", WORKERS_GROUP, "READ"),
        Right("group", RECALL_GROUP, "DESCRIBE"),
        Right("transactional id", f"{WORKERS_GROUP}.", "WRITE", prefixed=True),
    ),
    # Search, storefronts and `shelftalk tail`: published copy, never what was withheld or could not be processed.
    "reader": (
        *_read(COPY),
        Right("group", READERS_GROUPS, "READ", prefixed=True),
    ),
    # People at `shelftalk`: provisions, looks at everything but tables (of these at the questions), answers what is
    # asked often, puts dead letters back where they came from, judges texts and releases models.
    "operator": (
        *_provision((*ALL, *CHANGELOGS)),
        *_read((*ALL, QUESTIONS_CHANGELOG)),
        *_write((*INPUTS, *QUESTIONS, *REQUESTS, PRODUCT_DESCRIPTIONS, *MODELS)),
        Right("group", STREAMS_APP, "DESCRIBE"),
        Right("group", WORKERS_GROUP, "DESCRIBE"),
        Right("group", READERS_GROUPS, "DESCRIBE", prefixed=True),
        Right("transactional id", OPERATORS_TRANSACTIONS, "WRITE"),
        Right("transactional id", FAQ_TRANSACTIONS, "WRITE"),
        Right("transactional id", RELEASE_TRANSACTIONS, "WRITE"),
    ),
    # Whoever decides how many workers there are (KEDA): sees how far they are.
    "scaler": (
        *(Right("topic", topic.name, "DESCRIBE") for topic in REQUESTS),
        Right("group", WORKERS_GROUP, "DESCRIBE"),
    ),
}
