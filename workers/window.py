"""Which offsets of one partition are finished: what may be committed, what a restart may skip. No Kafka in here.

Work finishes out of order. What is committed is the low watermark (`base`: everything below is finished) and, packed
into the offset's metadata, the offsets above it that are not finished (`holes`) up to the highest one that was started.
A restart skips what lies between the holes, and takes up what lies above. Offsets need not be contiguous: transaction
markers and compaction leave gaps.

The metadata also says which holes were being worked on, and by whom. When somebody else finds that mark, its owner
died at that work, and the request counts one death more: this is how a request that kills its worker is found.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise, zip_longest

METADATA_LIMIT = 4_000
"""Characters; the broker's own limit is 4,096 (offset.metadata.max.bytes)."""

MOST_DEATHS = 7
"""Deaths are counted up to here."""

_FORMAT = "2"
_OURS = re.compile(r"\d+:")
_SEVEN_BITS = 0x7F
_MORE = 0x80
_UNDER_WAY = 0x8
_NIBBLE = 0xF


class OtherRelease(Exception):
    """The progress was written by a release that this one does not understand: start that one again, or a newer one."""


@dataclass(frozen=True, slots=True)
class Hole:
    """An unfinished offset: how many owners died while it was under way, and whether it is under way now."""

    offset: int
    deaths: int = 0
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """What one commit says: `base` and `high` bound the window, `holes` are the unfinished offsets in between.

    Everything below `base` and everything in [base, high) that is no hole is finished. `owner` is the process that
    works on it, empty when the last one ended in order.
    """

    base: int
    high: int
    holes: tuple[Hole, ...] = ()
    owner: str = ""

    def finished(self, offset: int) -> bool:
        """Tell whether the message at an offset is done with."""
        return bool(self.finished_of((offset,)))

    def finished_of(self, offsets: Iterable[int]) -> list[int]:
        """Give those of the offsets whose messages are done with."""
        holes = {hole.offset for hole in self.holes}
        return [offset for offset in offsets if offset < self.high and offset not in holes]

    def encode(self) -> str:
        """Give the metadata that goes with `base`: the owner, the distances as variable-length integers, the marks."""
        if not self.holes and self.high == self.base and not self.owner:
            return ""
        places = (self.base, *(hole.offset for hole in self.holes))
        distances = [self.high - self.base, *(after - before for before, after in pairwise(places))]
        packed = (b"".join(map(_varint, distances)), _nibbles(map(_mark, self.holes)))
        return ":".join((_FORMAT, self.owner, *(base64.b64encode(each).decode() for each in packed)))

    @classmethod
    def decode(cls, base: int, metadata: str) -> Progress:
        """Read a commit; metadata that is not ours (a reset by hand) says nothing above base.

        Raises OtherRelease for ours in a form that this release does not know: guessing would do finished work again.
        """
        if _OURS.match(metadata) and not metadata.startswith(f"{_FORMAT}:"):
            raise OtherRelease(f"progress in form {metadata.partition(':')[0]}, this release knows {_FORMAT}")
        try:
            written_as, owner, distances, marks = metadata.split(":")
            spans = _varints(base64.b64decode(distances, validate=True))
            codes = _codes(base64.b64decode(marks, validate=True))
        except (ValueError, binascii.Error):
            return cls(base, base)
        if written_as != _FORMAT or not spans:
            return cls(base, base)
        holes, place = [], base
        for distance, code in zip_longest(spans[1:], codes[: len(spans) - 1], fillvalue=0):
            place += distance
            holes.append(_hole(place, code))
        return cls(base, base + spans[0], tuple(holes), owner)


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much a window takes in. The defaults need at most 3,200 characters of metadata, whatever the pattern.

    A hole costs a byte and a half, and one byte more for each 128 offsets of distance; four characters say three bytes.
    """

    unfinished: int = 1_000
    span: int = 100_000


class Window:
    """The offsets of one partition between the low watermark and the newest one seen, as process `owner` has them."""

    def __init__(self, progress: Progress, owner: str = "", capacity: Capacity = Capacity()) -> None:
        self._owner = owner
        self._capacity = capacity
        self._high = self._top = progress.high
        self._orphaned = progress.owner not in ("", owner)
        self._unfinished = OrderedDict(
            (hole.offset, _taken_over(hole, orphaned=self._orphaned)) for hole in progress.holes
        )
        self._awaited = deque(self._unfinished)
        """Holes of an earlier owner that were not read again yet; ascending, like all that is unfinished."""
        self.starts = 0
        """How often work was started."""

    @property
    def cautious(self) -> bool:
        """Say whether a start must be recorded before it happens, so that a death at it is counted.

        After an owner that died, until everything that it can have had under way was started again.
        """
        return self._orphaned and self.starts <= self._capacity.unfinished

    @property
    def unfinished(self) -> int:
        """Count the admitted messages that are not done with, and the holes that were not read again yet."""
        return len(self._unfinished)

    @property
    def fill(self) -> float:
        """Say how full it is, by count or by span, whichever is more; 1 is full."""
        span = self._high - self._base()
        return max(len(self._unfinished) / self._capacity.unfinished, span / self._capacity.span)

    def not_finished_below(self, end: int) -> int:
        """Count the offsets below the partition's end that are not done with; gaps above what was read count."""
        return max(0, end - self._high) + len(self._unfinished)

    def has_room_for(self, offset: int) -> bool:
        """Tell whether the next message may be admitted without outgrowing what a commit can record.

        What an earlier owner left unfinished always may: it is recorded already, and only doing it makes room.
        """
        self._give_up_below(offset)
        if offset < self._high or not self._unfinished:
            return True
        return len(self._unfinished) < self._capacity.unfinished and offset - self._base() < self._capacity.span

    def admit(self, offset: int) -> bool:
        """Take in the next message of the partition, offsets ascending; False when it is finished or here already."""
        self._give_up_below(offset)
        if self._awaited and self._awaited[0] == offset:
            self._awaited.popleft()
            return True
        if offset < self._high:
            return False
        self._unfinished[offset] = 0
        self._high = offset + 1
        return True

    def deaths(self, offset: int) -> int:
        """Count the owners that died while an admitted message was under way."""
        return self._unfinished[offset] & ~_UNDER_WAY

    def start(self, offset: int) -> None:
        """Mark an admitted message as under way."""
        self._unfinished[offset] |= _UNDER_WAY
        self.starts += 1
        self._top = max(self._top, offset + 1)

    def stop(self, offset: int) -> None:
        """Take back the mark of an admitted message that was not under way after all."""
        self._unfinished[offset] &= ~_UNDER_WAY

    def finish(self, offset: int) -> None:
        """Mark an admitted message as done with; raises KeyError when it is not unfinished here."""
        del self._unfinished[offset]
        self._top = max(self._top, offset + 1)

    def progress(self) -> Progress:
        """Give what a commit may say now. What only waits, above all that was started, need not be recorded."""
        holes = []
        for offset, code in self._unfinished.items():
            if offset >= self._top:
                break
            holes.append(_hole(offset, code))
        return Progress(min(self._base(), self._top), self._top, tuple(holes), self._owner)

    def handed_over(self) -> Progress:
        """Give what the last commit of an owner says that ends in order: nothing is under way."""
        now = self.progress()
        return Progress(now.base, now.high, tuple(Hole(hole.offset, hole.deaths) for hole in now.holes))

    def _give_up_below(self, offset: int) -> None:
        """Forget holes that reading has gone past: the broker no longer has them."""
        while self._awaited and self._awaited[0] < offset:
            del self._unfinished[self._awaited.popleft()]

    def _base(self) -> int:
        return next(iter(self._unfinished), self._high)


def _taken_over(hole: Hole, *, orphaned: bool) -> int:
    return min(hole.deaths + (orphaned and hole.under_way), MOST_DEATHS)


def _hole(offset: int, code: int) -> Hole:
    return Hole(offset, code & ~_UNDER_WAY, bool(code & _UNDER_WAY))


def _mark(hole: Hole) -> int:
    return hole.deaths | (_UNDER_WAY if hole.under_way else 0)


def _nibbles(codes: Iterable[int]) -> bytes:
    """Pack codes two to a byte, without the zeros at the end."""
    every = list(codes)
    while every and not every[-1]:
        every.pop()
    return bytes(low | high << 4 for low, high in zip_longest(every[::2], every[1::2], fillvalue=0))


def _codes(packed: bytes) -> list[int]:
    return [code for byte in packed for code in (byte & _NIBBLE, byte >> 4)]


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > _SEVEN_BITS:
        out.append((number & _SEVEN_BITS) | _MORE)
        number >>= 7
    out.append(number)
    return bytes(out)


def _varints(packed: bytes) -> list[int]:
    numbers, number, shift = [], 0, 0
    for byte in packed:
        number |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if not byte & _MORE:
            numbers.append(number)
            number, shift = 0, 0
    return numbers
