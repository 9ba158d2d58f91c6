"""How far a run is, counted message by message as it becomes visible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.demo.seen import Place, place_of
from deploy.show import Shown
from schemas import topics
from schemas.ledger import DeadLetter, GenerationOutcome

_INPUTS = frozenset(topic.name for topic in topics.INPUTS)
_ON_THE_WAY = topics.PRODUCT_QUESTIONS.name
"""Questions are handed on once more before they are requests: no events, but waited for as they are."""

_REQUESTS = frozenset(topic.name for topic in topics.REQUESTS)


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a run at one moment; `outcomes` are counted by kind, published ones by who wrote the text."""

    events: int = 0
    events_to_go: int = 0
    requests: int = 0
    finished: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    dead_letters: int = 0
    output_tokens: int = 0
    generating_seconds: float = 0.0

    @property
    def requests_to_go(self) -> int:
        """Give the number of requests that have no outcome yet."""
        return self.requests - self.finished

    @property
    def is_done(self) -> bool:
        """Tell whether every event is acknowledged and every request has its outcome."""
        return not self.events_to_go and not self.requests_to_go

    @property
    def tokens_per_second(self) -> float:
        """Give the tokens written per second of wall time since the first generation began."""
        return self.output_tokens / self.generating_seconds if self.generating_seconds else 0.0


class Tally:
    """Counts the messages of one run."""

    def __init__(self) -> None:
        self._events = 0
        self._to_settle: Counter[tuple[str, int]] = Counter()
        self._ends: dict[tuple[str, int], int] = {}
        self._requests: set[Place] = set()
        self._finished: set[Place] = set()
        self._outcomes: Counter[str] = Counter()
        self._dead_letters = 0
        self._tokens = 0
        self._span_ms: tuple[float, float] | None = None

    def add(self, shown: Shown) -> None:
        """Count one message."""
        if shown.topic in _INPUTS or shown.topic == _ON_THE_WAY:
            self._events += shown.topic in _INPUTS
            self._to_settle[shown.topic, shown.partition] += 1
            self._ends[shown.topic, shown.partition] = shown.offset + 1
        elif shown.topic in _REQUESTS:
            self._requests.add(place_of(shown))
        elif isinstance(shown.record, DeadLetter):
            self._dead_letters += 1
        elif isinstance(shown.record, GenerationOutcome):
            self._finish(shown.record)

    def progress(self, committed: Mapping[tuple[str, int], int]) -> Progress:
        """Give the state of the run; `committed` is how far the streams have acknowledged each input partition."""
        to_go = sum(
            min(max(end - committed.get(spot, 0), 0), self._to_settle[spot]) for spot, end in self._ends.items()
        )
        return Progress(
            events=self._events,
            events_to_go=to_go,
            requests=len(self._requests),
            finished=len(self._finished & self._requests),
            outcomes=dict(self._outcomes),
            dead_letters=self._dead_letters,
            output_tokens=self._tokens,
            generating_seconds=(self._span_ms[1] - self._span_ms[0]) / 1000 if self._span_ms else 0.0,
        )

    def _finish(self, outcome: GenerationOutcome) -> None:
        self._finished.add(Place(outcome.topic, outcome.partition, outcome.offset))
        self._outcomes[outcome.origin if outcome.outcome == "published" and outcome.origin else outcome.outcome] += 1
        self._tokens += outcome.output_tokens
        if outcome.seconds:
            start, end = outcome.finished_unix_ms - outcome.seconds * 1000, float(outcome.finished_unix_ms)
            first, last = self._span_ms or (start, end)
            self._span_ms = (min(first, start), max(last, end))
