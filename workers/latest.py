"""Latest wins: what a newly read request means for those before it in its partition. No Kafka in here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from schemas import tasks
from schemas.headers import text_name
from schemas.request import GenerationRequest
from schemas.topics import REDRIVEN_HEADER, REQUEST_ID_HEADER

K = TypeVar("K")
V = TypeVar("V")

_LONGEST_ID_BYTES = 1_024
"""An id has 256 characters; what is longer is none of ours, and is not kept in memory."""

TextKey = tuple[str, str, str]
"""(output topic, subject, locale): at most one text of these is wanted at a time, whichever task writes it."""


@dataclass(frozen=True, slots=True)
class Served:
    """A request that was served before, as its message's key and headers tell: which one, for which text, how new."""

    identity: str
    text: TextKey | None = None
    version: int = 0


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


class _Newest(NamedTuple):
    version: int
    request_id: str


_NONE = _Newest(-1, "")


def identity(request_id: str, redriven_from: str | None) -> str:
    """Name a request for telling repetitions: one that was put back is not the one that failed."""
    return f"{request_id} {redriven_from}" if redriven_from else request_id


def served(key: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> Served | None:
    """Give what a message's key and headers say of its request, None without an id; values are not decoded."""
    told = dict(headers)
    request_id, name = told.get(REQUEST_ID_HEADER), text_name(told.items())
    if request_id is None or len(request_id) > _LONGEST_ID_BYTES:
        return None
    named = identity(request_id.decode(errors="replace"), (told.get(REDRIVEN_HEADER) or b"").decode(errors="replace"))
    if key is None or len(key) > _LONGEST_ID_BYTES or name is None or name.task not in tasks.BY_NAME:
        return Served(named)
    return Served(named, _text_key(name.task, key.decode(errors="replace"), name.locale), name.source_version)


def _text_key(task: str, subject: str, locale: str) -> TextKey:
    return tasks.BY_NAME[task].output.name, subject, locale


class Latest:
    """Remembers the recent requests and the newest version per text of one partition.

    Memory is bounded: the `remembered` most recent requests and texts are kept.
    """

    def __init__(self, *, remembered: int = 50_000) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._versions: OrderedDict[TextKey, _Newest] = OrderedDict()
        self._in_flight: dict[TextKey, int] = {}
        self._remembered = remembered

    def remember(self, earlier: Served) -> None:
        """Note a request that was served before: it is a duplicate from now on, and an older version is stale."""
        if earlier.identity not in self._seen:
            _keep(self._seen, earlier.identity, None, self._remembered)
        if earlier.text is not None and earlier.version >= self._newest(earlier.text).version:
            self._note(earlier.text, _Newest(earlier.version, earlier.identity.partition(" ")[0]))

    def judge(
        self, request: GenerationRequest, offset: int, *, redriven_from: str | None = None
    ) -> Proceed | Duplicate | Stale:
        """Say what to do with the request read at an offset, and note it.

        Of equal versions the one read later counts as newer, but for one that was put back: it is an old one.
        """
        named = identity(request.request_id, redriven_from)
        if named in self._seen:
            return Duplicate()
        _keep(self._seen, named, None, self._remembered)
        text = _text_key(request.task, request.subject, request.locale)
        newest = self._newest(text)
        overtaken = redriven_from is not None and newest.request_id != request.request_id
        if request.source_version < newest.version + overtaken:
            return Stale()
        self._note(text, _Newest(request.source_version, request.request_id))
        older = self._in_flight.get(text)
        self._in_flight[text] = offset
        return Proceed(supersedes=older)

    def _newest(self, text: TextKey) -> _Newest:
        return self._versions.get(text, _NONE)

    def _note(self, text: TextKey, newest: _Newest) -> None:
        self._versions.pop(text, None)
        _keep(self._versions, text, newest, self._remembered)

    def done(self, request: GenerationRequest, offset: int) -> None:
        """Note that the request at an offset is no longer in flight."""
        text = _text_key(request.task, request.subject, request.locale)
        if self._in_flight.get(text) == offset:
            del self._in_flight[text]


def _keep(memory: OrderedDict[K, V], key: K, value: V, limit: int) -> None:
    """Put a key that is not there at the end; the oldest one goes when there are too many."""
    memory[key] = value
    if len(memory) > limit:
        memory.popitem(last=False)
