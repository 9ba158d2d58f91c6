"""Latest wins: what a newly read request means for those before it in its partition. No Kafka in here."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeVar

from schemas.request import GenerationRequest

K = TypeVar("K")
V = TypeVar("V")

TextKey = tuple[str, str, str]
"""(task, subject, locale): at most one text of these is wanted at a time."""


def text_key(request: GenerationRequest) -> TextKey:
    """Tell which text a request is about."""
    return (request.task, request.subject, request.locale)


@dataclass(frozen=True, slots=True)
class Proceed:
    """Do it; `supersedes` is the offset of an older request still in flight for the same text, which must stop."""

    supersedes: int | None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same request was already seen: do nothing."""


@dataclass(frozen=True, slots=True)
class Stale:
    """A newer request for the same text was already seen: do nothing."""


class Latest:
    """Remembers the recent request ids and the newest version per text of one partition.

    Memory is bounded: the `remembered` most recent ids and texts are kept.
    """

    def __init__(self, *, remembered: int = 50_000) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._versions: OrderedDict[TextKey, int] = OrderedDict()
        self._in_flight: dict[TextKey, int] = {}
        self._remembered = remembered

    def remember(self, request_id: str) -> None:
        """Note an id that was served before: a request with this id is a duplicate from now on."""
        _keep(self._ids, request_id, None, self._remembered)

    def judge(self, request: GenerationRequest, offset: int) -> Proceed | Duplicate | Stale:
        """Say what to do with the request read at an offset, and note it."""
        if request.request_id in self._ids:
            return Duplicate()
        self.remember(request.request_id)
        key = text_key(request)
        if request.source_version < self._versions.get(key, -1):
            return Stale()
        _keep(self._versions, key, request.source_version, self._remembered)
        older = self._in_flight.get(key)
        self._in_flight[key] = offset
        return Proceed(supersedes=older)

    def done(self, request: GenerationRequest, offset: int) -> None:
        """Note that the request at an offset is no longer in flight."""
        if self._in_flight.get(text_key(request)) == offset:
            del self._in_flight[text_key(request)]


def _keep(memory: OrderedDict[K, V], key: K, value: V, limit: int) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > limit:
        memory.popitem(last=False)
