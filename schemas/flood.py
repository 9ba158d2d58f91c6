"""When so many messages are bad that the deployment is to blame, not the messages: stop instead of draining a topic."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_WINDOW = 1_000
_LEAST_SEEN = 200

EX_FLOOD = 65
"""The exit code of a process that stops for a flood: `EX_DATAERR` of sysexits.h. Starting again alone will not help."""


@dataclass(frozen=True, slots=True)
class FloodLimits:
    """What is too much: so many bad messages in a row, or a larger share than `ratio` of the last `window` ones.

    The ratio counts once `least_seen` messages were seen. A limit of 0 is off. A ratio of 1 or more is never passed.
    """

    consecutive: int = 100
    ratio: float = 0.5
    window: int = _WINDOW
    least_seen: int = _LEAST_SEEN

    def __post_init__(self) -> None:
        if self.consecutive < 0 or self.ratio < 0 or not 0 < self.least_seen <= self.window:
            raise ValueError(f"limits that cannot be: {self}")


@dataclass(frozen=True, slots=True)
class FloodSeen:
    """What was too much: `bad` of the last `seen` messages."""

    bad: int
    seen: int

    def __str__(self) -> str:
        return f"{self.bad} of the last {self.seen} messages were bad"


class Flood:
    """Remembers of the last messages which were bad, and says when they are too many."""

    def __init__(self, limits: FloodLimits) -> None:
        self._limits = limits
        self._recent: deque[bool] = deque(maxlen=limits.window)
        self._bad = 0
        self._in_a_row = 0

    def note(self, *, bad: bool) -> FloodSeen | None:
        """Take in one message; gives what was seen when this bad one is too many. A good one never is.

        After a flood was seen every further bad message gives it again, until good ones outweigh it.
        """
        if len(self._recent) == self._limits.window:
            self._bad -= self._recent[0]
        self._recent.append(bad)
        self._bad += bad
        self._in_a_row = self._in_a_row + 1 if bad else 0
        return self._seen() if bad else None

    def _seen(self) -> FloodSeen | None:
        limits, seen = self._limits, len(self._recent)
        if limits.consecutive and self._in_a_row >= limits.consecutive:
            return FloodSeen(self._in_a_row, self._in_a_row)
        if limits.ratio and seen >= limits.least_seen and self._bad > limits.ratio * seen:
            return FloodSeen(self._bad, seen)
        return None
