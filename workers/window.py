"""Which offsets of one partition are finished: what may be committed, what a restart may skip. No Kafka in here.

Work finishes out of order. What is committed is the low watermark (`base`: everything below is finished) and, packed
into the offset's metadata, the offsets above it that are not finished (`holes`) up to the highest one seen. A restart
skips what lies between the holes. Offsets need not be contiguous: transaction markers and compaction leave gaps.
"""

from __future__ import annotations

import base64
import binascii
from collections import deque
from dataclasses import dataclass
from itertools import pairwise

METADATA_LIMIT = 4_000
"""Characters; the broker's own limit is 4,096 (offset.metadata.max.bytes)."""

_FORMAT = "1:"
_SEVEN_BITS = 0x7F
_MORE = 0x80


@dataclass(frozen=True, slots=True)
class Progress:
    """What one commit says: `base` and `high` bound the window, `holes` are the unfinished offsets in between.

    Everything below `base` and everything in [base, high) that is no hole is finished.
    """

    base: int
    high: int
    holes: tuple[int, ...] = ()

    def finished(self, offset: int) -> bool:
        """Tell whether the message at an offset is done with."""
        return offset < self.high and offset not in self.holes

    def encode(self) -> str:
        """Give the metadata that goes with `base`: distances as variable-length integers, base64."""
        if not self.holes and self.high == self.base:
            return ""
        marks = (self.base, *self.holes)
        distances = [self.high - self.base, *(after - before for before, after in pairwise(marks))]
        return _FORMAT + base64.b64encode(b"".join(map(_varint, distances))).decode()

    @classmethod
    def decode(cls, base: int, metadata: str) -> Progress:
        """Read a commit; metadata that is not ours (a reset by hand) says nothing above base."""
        if not metadata.startswith(_FORMAT):
            return cls(base, base)
        try:
            distances = _varints(base64.b64decode(metadata.removeprefix(_FORMAT), validate=True))
        except binascii.Error:
            return cls(base, base)
        if not distances:
            return cls(base, base)
        holes, mark = [], base
        for distance in distances[1:]:
            mark += distance
            holes.append(mark)
        return cls(base, base + distances[0], tuple(holes))


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much a window takes in. The defaults need at most 2,500 characters of metadata, whatever the pattern.

    A hole costs one byte, and one more for each 128 offsets of distance: (unfinished + span / 128) * 4 / 3 characters.
    """

    unfinished: int = 1_000
    span: int = 100_000


class Window:
    """The offsets of one partition between the low watermark and the newest one seen."""

    def __init__(self, progress: Progress, capacity: Capacity = Capacity()) -> None:
        self._high = progress.high
        self._unfinished = dict.fromkeys(progress.holes)
        self._awaited = deque(progress.holes)
        """Holes of an earlier owner that were not read again yet; ascending, like all that is unfinished."""
        self._capacity = capacity

    def has_room_for(self, offset: int) -> bool:
        """Tell whether the next message may be admitted without outgrowing what a commit can record.

        What an earlier owner left unfinished always may: it is recorded already, and only doing it makes room.
        """
        if offset < self._high:
            return True
        return len(self._unfinished) < self._capacity.unfinished and offset - self._base() < self._capacity.span

    def admit(self, offset: int) -> bool:
        """Take in the next message of the partition, offsets ascending; False when it is finished or here already."""
        while self._awaited and self._awaited[0] < offset:  # the broker no longer has it: reading went past
            del self._unfinished[self._awaited.popleft()]
        if self._awaited and self._awaited[0] == offset:
            self._awaited.popleft()
            return True
        if offset < self._high:
            return False
        self._unfinished[offset] = None
        self._high = offset + 1
        return True

    def finish(self, offset: int) -> None:
        """Mark an admitted message as done with; raises KeyError when it is not unfinished here."""
        del self._unfinished[offset]

    def progress(self) -> Progress:
        """Give what a commit may say now."""
        return Progress(self._base(), self._high, tuple(self._unfinished))

    def _base(self) -> int:
        return next(iter(self._unfinished), self._high)


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
