"""What a read_committed reader saw of one run, sorted by what it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from deploy.show import Shown
from schemas import tasks, topics
from schemas.keys import CopyKey
from schemas.ledger import ContentWithheld, DeadLetter, GenerationOutcome
from schemas.provenance import Copy
from schemas.request import GenerationRequest

UNKNOWN_TASK = "unknown"
"""The task of a request that could not be read, as the worker's outcome names it."""

DROPPED = ("superseded", "duplicate")
"""Outcomes of requests that changed nothing: another request decides about their text."""

_INPUTS = frozenset(topic.name for topic in topics.INPUTS)
_REQUESTS = frozenset(topic.name for topic in topics.REQUESTS)
_COPY = frozenset(topic.name for topic in topics.COPY)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a message stands."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}@{self.offset}"


@dataclass(frozen=True, slots=True, order=True)
class TextName:
    """Which text is meant: at most one of a name is published at a time."""

    task: str
    subject: str
    locale: str

    @property
    def key(self) -> str:
        """Give the key of the text on its output topic."""
        return CopyKey(self.subject, self.locale).encode().decode()


@dataclass(frozen=True, slots=True)
class Seen:
    """The messages of one run by what they are; each sequence is in the order of offsets within a partition.

    `requests` holds None for a request that could not be read. `outcomes` and `letters` are lists by the place that
    they speak of: one entry each when all is well.
    """

    inputs: Sequence[Shown]
    requests: Mapping[Place, GenerationRequest | None]
    outcomes: Mapping[Place, Sequence[GenerationOutcome]]
    letters: Mapping[Place, Sequence[DeadLetter]]
    copy: Mapping[str, Sequence[Shown]]
    withheld: Sequence[ContentWithheld]


def seen(messages: Iterable[Shown]) -> Seen:
    """Sort the messages of one run; those of other topics are left out."""
    in_order = sorted(messages, key=place_of)
    outcomes: dict[Place, list[GenerationOutcome]] = defaultdict(list)
    letters: dict[Place, list[DeadLetter]] = defaultdict(list)
    copy: dict[str, list[Shown]] = {topic.name: [] for topic in topics.COPY}
    for each in in_order:
        match each.record:
            case GenerationOutcome() as outcome:
                outcomes[Place(outcome.topic, outcome.partition, outcome.offset)].append(outcome)
            case DeadLetter() as letter:
                letters[Place(letter.topic, letter.partition, letter.offset)].append(letter)
            case _ if each.topic in _COPY:
                copy[each.topic].append(each)
    return Seen(
        inputs=[each for each in in_order if each.topic in _INPUTS],
        requests={place_of(each): _request(each) for each in in_order if each.topic in _REQUESTS},
        outcomes=outcomes,
        letters=letters,
        copy=copy,
        withheld=[each.record for each in in_order if isinstance(each.record, ContentWithheld)],
    )


def place_of(shown: Shown) -> Place:
    """Give where a message stands."""
    return Place(shown.topic, shown.partition, shown.offset)


def name_of(request: GenerationRequest) -> TextName:
    """Give which text a request asks for, or takes back."""
    return TextName(request.task, request.subject, request.locale)


def deciding(what: Seen) -> dict[TextName, GenerationOutcome | None]:
    """Give for each text that was asked for the outcome that decides about it; None where nothing does.

    It is the one of the last request that was neither superseded nor a duplicate.
    """
    decided: dict[TextName, GenerationOutcome | None] = {}
    for place, request in what.requests.items():
        if request is None:
            continue
        decided.setdefault(name_of(request), None)
        for outcome in what.outcomes.get(place, ()):
            if outcome.outcome not in DROPPED:
                decided[name_of(request)] = outcome
    return decided


def standing_copy(what: Seen) -> dict[TextName, Copy | None]:
    """Give what each output topic says last under each key, by the task that wrote it; None is a tombstone.

    Where tasks share a topic, a tombstone is one for each of them.
    """
    standing: dict[TextName, Copy | None] = {}
    for task in tasks.ALL:
        for each in what.copy[task.output.name]:
            subject, _, locale = each.key.rpartition("|")
            if not isinstance(each.record, Copy):
                standing[TextName(task.name, subject, locale)] = None
            elif each.record.provenance.task == task.name:
                standing[TextName(task.name, subject, locale)] = each.record
    return standing


def _request(shown: Shown) -> GenerationRequest | None:
    return shown.record if isinstance(shown.record, GenerationRequest) else None
