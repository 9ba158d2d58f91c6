"""Which model writes a text, by what people have released. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from schemas.releases import EVERY_TASK, ModelRelease, ModelRevision

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Releases:
    """The newest release of each task, and the one of all tasks under `*`."""

    by_task: Mapping[str, ModelRelease] = field(default_factory=dict)

    def writers(self, task: str, subject: str) -> Iterator[ModelRevision]:
        """Give who may write a text, the first choice first; after them comes the model that the settings name.

        A task's own release is asked first, then that of all tasks. A subject that is a canary's stays so while the
        share grows.
        """
        for release in self._of(task):
            if release.stage == "canary" and release.candidate and is_canary(release, subject):
                yield release.candidate
            if release.live is not None:
                yield release.live
                return

    def shadow(self, task: str) -> ModelRevision | None:
        """Give the candidate that is tried beside what is published for a task."""
        for release in self._of(task):
            if release.stage == "shadow":
                return release.candidate
            if release.live is not None:
                return None
        return None

    def served(self) -> dict[str, ModelRevision]:
        """Give every revision that somebody writes or is tried with, by its hash."""
        return {one.content_hash: one for release in self.by_task.values() for one in _served(release)}

    def advanced(self, newest: Releases, is_ready: Callable[[ModelRevision], bool]) -> Releases:
        """Go over to each task's newest release of which all that writes is ready; any other task's stays as it is."""
        ready = {task: release for task, release in newest.by_task.items() if all(map(is_ready, _writing(release)))}
        kept = {task: release for task, release in self.by_task.items() if task in newest.by_task}
        return Releases({**kept, **ready})

    def _of(self, task: str) -> Iterator[ModelRelease]:
        return (self.by_task[name] for name in (task, EVERY_TASK) if name in self.by_task)


def is_canary(release: ModelRelease, subject: str) -> bool:
    """Say whether a subject belongs to the share of a canary: always the same ones, others for another candidate."""
    name = release.candidate.content_hash if release.candidate else ""
    place = int.from_bytes(hashlib.sha256(f"{name}|{subject}".encode()).digest()[:8], "big") / 2**64
    return place * _WHOLE < release.canary_percent


def _writing(release: ModelRelease) -> Iterator[ModelRevision]:
    if release.live is not None:
        yield release.live
    if release.stage == "canary" and release.candidate is not None:
        yield release.candidate


def _served(release: ModelRelease) -> Iterator[ModelRevision]:
    yield from _writing(release)
    if release.stage == "shadow" and release.candidate is not None:
        yield release.candidate
