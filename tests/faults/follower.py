"""The second reader: follows the results with read_committed while everything around it breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka import TopicPartition

from schemas import topics
from schemas.codec import Codec
from schemas.ledger import GenerationOutcome
from tests.faults.books import RESULTS
from tests.faults.places import Bounds, Entry, Place, entries, reader, within


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome, and when this reader saw it (monotonic seconds)."""

    at: float
    record: GenerationOutcome


def disagreement(seen: Mapping[Place, Entry], repeated: Sequence[Place], offline: Iterable[Entry]) -> list[str]:
    """Say where a reader saw something else, or more often, than stands in the logs."""
    standing = {entry.place: entry for entry in offline}
    differing = [place for place in standing.keys() | seen.keys() if standing.get(place) != seen.get(place)]
    return [f"{place}: the second reader saw something else" for place in sorted(differing)] + [
        f"{place}: the second reader saw it twice" for place in repeated
    ]


class Follower:
    """Reads all results from where a run began, straight from the broker, never through a proxy."""

    def __init__(self, bootstrap: str, codec: Codec, since: Bounds) -> None:
        self.since = since
        self._codec = codec
        self._consumer = reader(bootstrap, "read_committed")
        self._consumer.assign([TopicPartition(*part, since[part]) for part in within(since, RESULTS)])
        self._entries: dict[Place, Entry] = {}
        self._repeated: list[Place] = []
        self._places: set[Place] = set()
        self.outcomes: list[Told] = []
        self.failure: str | None = None
        """Why it reads no more, if something other than `stop` ended it."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)
        self._thread.start()

    def places_seen(self) -> int:
        """Count the requests whose outcome this reader has seen."""
        return len(self._places)

    def entries_seen(self) -> int:
        """Count the messages that this reader has seen."""
        return len(self._entries)

    def disagrees(self, offline: Iterable[Entry]) -> list[str]:
        """Say where this reader saw something else than stands in the logs: all or nothing of each transaction."""
        return disagreement(self._entries, self._repeated, offline)

    def stop(self) -> None:
        """End the reading."""
        self._stopping.set()
        self._thread.join(30)

    def _follow(self) -> None:
        try:
            while not self._stopping.is_set():
                for entry in entries(self._consumer.consume(1_000, timeout=0.05)):
                    self._note(entry, time.monotonic())
        except Exception as error:  # whatever ends this thread, the run must hear of it
            self.failure = f"the second reader died of {type(error).__name__}: {error}"
        finally:
            self._consumer.close()

    def _note(self, entry: Entry, at: float) -> None:
        if entry.place in self._entries:
            self._repeated.append(entry.place)
        self._entries[entry.place] = entry
        if entry.place[0] == topics.GENERATION_OUTCOMES.name and entry.value:
            record = self._codec.decode(topics.GENERATION_OUTCOMES, entry.value)
            if isinstance(record, GenerationOutcome):
                self.outcomes.append(Told(at, record))
                self._places.add((record.topic, record.partition, record.offset))
