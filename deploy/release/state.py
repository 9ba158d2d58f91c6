"""How the releases stand on their topic, and the writer that takes them one step further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from deploy.endpoints import Endpoints
from deploy.kafka_writer import DecisionWriter
from deploy.reader import Reader
from schemas.codec import Codec
from schemas.releases import EVERY_TASK, ModelRelease, ModelRevision
from schemas.rights import RELEASE_TRANSACTIONS
from schemas.tasks import BY_NAME
from schemas.topics import MODEL_RELEASES
from training.release import NotNow, unreleased


class Writes(Protocol):
    """Puts a release on its topic."""

    def write(self, release: ModelRelease) -> None:
        """Write one task's release; returns when it is committed. Raises NotWritten."""
        ...


class ReleaseWriter:
    """Writes releases; made before what stands on the topic is read. Raises NotWritten."""

    def __init__(self, endpoints: Endpoints, codec: Codec) -> None:
        self._codec = codec
        self._writer = DecisionWriter(endpoints, RELEASE_TRANSACTIONS)

    def write(self, release: ModelRelease) -> None:
        """Write one task's release; returns when it is committed."""
        self._writer.write(MODEL_RELEASES, release.task, self._codec.encode(MODEL_RELEASES, release))


@dataclass(frozen=True, slots=True)
class Releasing:
    """One task's release as it was read, what is live for all tasks, and the writer that may take it further."""

    current: ModelRelease
    everywhere: ModelRevision | None
    writer: Writes

    @property
    def live(self) -> ModelRevision | None:
        """Give the revision that is live for the task; None is the model that each worker's settings name."""
        return self.current.live or self.everywhere


def releases_of(source: Reader, codec: Codec) -> dict[str, ModelRelease]:
    """Give the newest release of each task; raises CannotRead and RegistryUnavailable."""
    newest = {message.key(): message.value() for message in source.read(source.beginnings(MODEL_RELEASES.name))}
    records = (codec.decode(MODEL_RELEASES, value) for value in newest.values() if value is not None)
    return {each.task: each for each in records if isinstance(each, ModelRelease)}


def releasing(found: Mapping[str, ModelRelease], task: str, writer: Writes) -> Releasing:
    """Give where a task's release stands among all. Raises NotNow for a task that there is not."""
    if task != EVERY_TASK and task not in BY_NAME:
        raise NotNow(f"there is no task {task!r}: it is one of {', '.join(BY_NAME)}, or '*' for all")
    everywhere = found[EVERY_TASK].live if EVERY_TASK in found else None
    return Releasing(found.get(task, unreleased(task)), everywhere, writer)
