"""A run told message by message, as a read_committed reader would have seen it."""

from __future__ import annotations

from collections import Counter

from deploy.demo.accounting import Accounts, Fed, account
from deploy.demo.seen import Seen, seen
from deploy.show import Shown
from schemas import tasks, topics
from schemas.codec import ErrorClass, Undecodable
from schemas.keys import CopyKey
from schemas.ledger import ContentWithheld, DeadLetter, GenerationOutcome, OutcomeKind, RuleHit
from schemas.provenance import Origin
from schemas.record import Record
from schemas.request import Facts, GenerationRequest
from tests import factories
from tests.factories import NOW_MS


class Story:
    """Collects messages; each method adds those that the real processes would write."""

    def __init__(self) -> None:
        self.messages: list[Shown] = []
        self._next: Counter[str] = Counter()

    def put(self, topic: topics.Topic, key: str, record: Record | Undecodable | None) -> Shown:
        """Add one message."""
        shown = Shown(topic.name, 0, self._next[topic.name], NOW_MS, key, record)
        self._next[topic.name] += 1
        self.messages.append(shown)
        return shown

    def product(self, product_id: str, *, version: int = 1) -> Shown:
        """Add a product event."""
        return self.put(topics.PRODUCT_CREATED, product_id, factories.product(product_id, version=version))

    def malformed(self, key: str) -> Shown:
        """Add a product event that is none."""
        return self.put(topics.PRODUCT_CREATED, key, Undecodable(ErrorClass.BAD_MAGIC_BYTE, "no zero byte"))

    def request(
        self,
        request_id: str,
        subject: str = "P1",
        *,
        task: str = "product-description",
        version: int = 1,
        facts: Facts | None = None,
    ) -> Shown:
        """Add a request."""
        record = factories.request(request_id, subject=subject, task=task, version=version, facts=facts)
        return self.put(tasks.BY_NAME[task].requests, subject, record)

    def outcome(self, asked: Shown, kind: OutcomeKind, *, origin: Origin | None = None, rules: str = "") -> Shown:
        """Add only the ledger's entry of a request."""
        request = asked.record
        assert isinstance(request, GenerationRequest)
        record = GenerationOutcome(
            **request.model_dump(include={"request_id", "task", "subject", "locale", "source_version"}),
            topic=asked.topic,
            partition=asked.partition,
            offset=asked.offset,
            outcome=kind,
            origin=origin,
            rules=tuple(rules.split()),
            output_tokens=100 if kind in ("published", "withheld") else 0,
            seconds=2.0 if kind in ("published", "withheld") else 0.0,
            worker="w",
            finished_unix_ms=NOW_MS + 10_000,
        )
        return self.put(topics.GENERATION_OUTCOMES, request.subject, record)

    def published(self, asked: Shown, origin: Origin = "model", *, rules: str = "") -> None:
        """Add what publishing a text writes."""
        self.copy(asked, origin)
        self.outcome(asked, "published", origin=origin, rules=rules)

    def withheld(self, asked: Shown, rules: str = "unit-mismatch") -> None:
        """Add what withholding a text writes."""
        request = asked.record
        assert isinstance(request, GenerationRequest)
        record = ContentWithheld(
            **request.model_dump(include={"request_id", "task", "subject", "locale", "source_version"}),
            hits=tuple(RuleHit(rule=rule, detail="") for rule in rules.split()),
            ruleset_version="1",
            candidate="{}",
            model="m",
            model_revision="1",
            withheld_unix_ms=NOW_MS,
        )
        self.put(topics.CONTENT_WITHHELD, request.subject, record)
        self.tombstone(asked)
        self.outcome(asked, "withheld", rules=rules)

    def withdrawn(self, asked: Shown) -> None:
        """Add what taking a text back writes."""
        self.tombstone(asked)
        self.outcome(asked, "withdrawn")

    def copy(self, asked: Shown, origin: Origin = "model") -> None:
        """Add only the text of a request."""
        request = asked.record
        assert isinstance(request, GenerationRequest)
        provenance = factories.provenance(request.request_id, task=request.task, origin=origin)
        text = factories.COPY_BY_TASK[request.task](request.subject).model_copy(update={"provenance": provenance})
        self.put(tasks.BY_NAME[request.task].output, CopyKey(request.subject, "en").encode().decode(), text)

    def tombstone(self, asked: Shown) -> None:
        """Add only the null that takes a text back."""
        request = asked.record
        assert isinstance(request, GenerationRequest)
        key = CopyKey(request.subject, request.locale).encode().decode()
        self.put(tasks.BY_NAME[request.task].output, key, None)

    def letter(self, of: Shown, error_class: str = "bad-magic-byte") -> None:
        """Add a dead letter."""
        record = DeadLetter(
            topic=of.topic,
            partition=of.partition,
            offset=of.offset,
            timestamp_unix_ms=NOW_MS,
            key=of.key.encode(),
            value=b"?",
            error_class=error_class,
            error="",
            attempts=1,
            failed_by="streams",
            failed_unix_ms=NOW_MS,
        )
        self.put(topics.DEAD_LETTERS, of.key, record)

    def seen(self) -> Seen:
        """Give the story sorted."""
        return seen(self.messages)

    def account(self, fed: Fed | None = None) -> Accounts:
        """Give the story's account; by default all input messages were fed."""
        what = self.seen()
        return account(what, fed or Fed(events=len(what.inputs)))
