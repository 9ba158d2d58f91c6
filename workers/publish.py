"""Outcome to messages: what finishing a request publishes. Pure but for the codec's cached schema ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from schemas import tasks, topics
from schemas.codec import Codec, ErrorClass
from schemas.dead_letter import bounded
from schemas.keys import CopyKey
from schemas.ledger import DeadLetter, GenerationOutcome, Header, OutcomeKind
from schemas.request import GenerationRequest
from schemas.topics import Topic
from workers.messages import Consumed, Entry, Produced, Result, place_id
from workers.outcome import Outcome, Undeliverable, Withheld, Written
from workers.tracing import traced

_RECORD_OVERHEAD_BYTES = 1_024
"""More than the broker counts for a record beside its value."""

_UNKNOWN = "unknown"
_UNDETERMINED = "und"
"""The BCP 47 tag for an undetermined language: a message that could not be read has none."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Turns what became of a request into the messages that say so, one ledger entry among them, always."""

    codec: Codec
    worker: str
    now_ms: Callable[[], int]
    is_traced: bool = False

    def generated(self, source: Consumed, request: GenerationRequest, outcome: Outcome, *, seconds: float) -> Result:
        """Give the messages of a request that was generated and checked.

        A text that is withheld or cannot be made also takes back what was published before: it stated facts that
        have changed since.
        """
        match outcome:
            case Written(copy=copy, cost=cost):
                output = tasks.BY_NAME[request.task].output
                text = Produced(output.name, _copy_key(request), self.codec.encode(output, copy))
                if len(text.value or b"") > output.max_message_bytes - _RECORD_OVERHEAD_BYTES:
                    return self.generated(source, request, _too_large(output), seconds=seconds)
                by = copy.provenance
                entry = Entry("published", request.task, cost, seconds, by.origin, by.reasons)
                return self._result(source, request, entry, text)
            case Withheld(record=record, cost=cost):
                withheld = topics.CONTENT_WITHHELD
                refused = Produced(withheld.name, request.subject.encode(), self.codec.encode(withheld, record))
                rules = tuple(hit.rule for hit in record.hits)
                entry = Entry("withheld", request.task, cost, seconds, rules=rules)
                return self._result(source, request, entry, refused, _tombstone(request))
            case Undeliverable(error_class=error_class, detail=detail, attempts=attempts):
                letter = self._dead_letter(source, error_class, detail, attempts=attempts)
                entry = Entry("dead-lettered", request.task, seconds=seconds, error_class=error_class)
                return self._result(source, request, entry, letter, _tombstone(request))

    def withdrawn(self, source: Consumed, request: GenerationRequest) -> Result:
        """Give the messages that take a published text back."""
        return self._result(source, request, Entry("withdrawn", request.task), _tombstone(request))

    def dropped(self, source: Consumed, request: GenerationRequest, why: OutcomeKind) -> Result:
        """Give the ledger entry of a request that publishes nothing: `superseded` or `duplicate`."""
        return self._result(source, request, Entry(why, request.task))

    def unreadable(self, source: Consumed, error_class: ErrorClass, detail: str) -> Result:
        """Give the messages of bytes that are no request."""
        entry = Entry("dead-lettered", _UNKNOWN, error_class=error_class)
        return self._result(source, None, entry, self._dead_letter(source, error_class, detail))

    def _result(self, source: Consumed, request: GenerationRequest | None, entry: Entry, *messages: Produced) -> Result:
        is_bad = entry.kind == "dead-lettered"
        result = Result(source.offset, (*messages, self._ledger(source, request, entry)), is_bad, entry)
        return traced(result, source, request, self.now_ms()) if self.is_traced else result

    def _ledger(self, source: Consumed, request: GenerationRequest | None, entry: Entry) -> Produced:
        record = GenerationOutcome(
            request_id=request.request_id if request else place_id(source.partition, source.offset),
            topic=source.partition.topic,
            partition=source.partition.number,
            offset=source.offset,
            task=entry.task,
            subject=request.subject if request else _UNKNOWN,
            locale=request.locale if request else _UNDETERMINED,
            source_version=request.source_version if request else 0,
            outcome=entry.kind,
            origin=entry.origin,
            rules=entry.rules,
            prompt_tokens=entry.cost.prompt_tokens,
            cached_tokens=entry.cost.cached_tokens,
            output_tokens=entry.cost.output_tokens,
            seconds=entry.seconds,
            worker=self.worker,
            finished_unix_ms=self.now_ms(),
        )
        topic = topics.GENERATION_OUTCOMES
        return Produced(topic.name, record.subject.encode(), self.codec.encode(topic, record))

    def _dead_letter(self, source: Consumed, error_class: ErrorClass, detail: str, *, attempts: int = 1) -> Produced:
        letter = DeadLetter(
            topic=source.partition.topic,
            partition=source.partition.number,
            offset=source.offset,
            timestamp_unix_ms=source.timestamp_unix_ms,
            key=source.key,
            value=source.value,
            headers=tuple(Header(name=name, value=value) for name, value in source.headers),
            error_class=error_class,
            error=detail[:2_000],
            attempts=attempts,
            failed_by=f"workers/{self.worker}",
            failed_unix_ms=self.now_ms(),
        )
        kept = bounded(letter)
        return Produced(topics.DEAD_LETTERS.name, kept.key, self.codec.encode(topics.DEAD_LETTERS, kept))


def _copy_key(request: GenerationRequest) -> bytes:
    return CopyKey(request.subject, request.locale).encode()


def _tombstone(request: GenerationRequest) -> Produced:
    return Produced(tasks.BY_NAME[request.task].output.name, _copy_key(request), None)


def _too_large(output: Topic) -> Undeliverable:
    return Undeliverable(ErrorClass.TOO_LARGE, f"the text is larger than {output.name} takes")
