"""Examples out of what a shop's topics hold: texts that people let stand, wrote anew, refused, or never saw.

| from | example |
|---|---|
| published copy in the model's words, approved or unjudged | wanted |
| feedback `edited` | the person's text wanted, the judged one not |
| feedback `rejected`, and what the guard withheld | not wanted |

Each is joined with the request that it answers, which has its facts; where that is no longer kept, it is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from deploy.dataset.answers import Places, answer_of, places_of_copy
from deploy.dataset.lesson import LeftOut, lesson
from schemas.feedback import OVERALL, ContentFeedback
from schemas.ledger import ContentWithheld
from schemas.provenance import Copy
from schemas.record import Record
from schemas.request import CopyPassage, GenerationRequest
from training.examples import Example

NO_REQUEST = "its request is no longer kept"
NO_TEXT = "no text of the model's"


@dataclass(slots=True)
class Kept:
    """What was read of one task, joined by request; of several verdicts on a text the latest counts."""

    task: str
    requests: dict[str, GenerationRequest] = field(default_factory=dict)
    published: dict[str, Copy] = field(default_factory=dict)
    withheld: dict[str, ContentWithheld] = field(default_factory=dict)
    judged: dict[str, ContentFeedback] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        """Take in one record of any topic; what is of another task is passed over."""
        match record:
            case GenerationRequest(task=self.task, action="generate"):
                self.requests[record.request_id] = record
            case ContentWithheld(task=self.task):
                self.withheld[record.request_id] = record
            case ContentFeedback(task=self.task) if record.kind in OVERALL:
                known = self.judged.get(record.content_id)
                if known is None or known.given_unix_ms <= record.given_unix_ms:
                    self.judged[record.content_id] = record
            case Copy() if record.provenance.task == self.task:
                self.published[record.provenance.request_id] = record


def from_records(records: Iterable[Record], task: str) -> Iterator[Example | LeftOut]:
    """Give the examples for a task in the records of a shop's topics, each named by its request."""
    kept = Kept(task)
    for record in records:
        kept.take(record)
    for name in {**kept.published, **kept.judged, **kept.withheld}:
        request = kept.requests.get(name)
        told = list(_told(name, kept))
        if request is None:
            yield LeftOut(name, NO_REQUEST)
        elif not told:
            yield LeftOut(name, NO_TEXT)
        else:
            for source, places, wanted in told:
                answer = answer_of(task, places)
                yield lesson(request, answer, wanted=wanted, source=source) if answer else LeftOut(source, NO_TEXT)


def _told(name: str, kept: Kept) -> Iterator[tuple[str, Places, bool]]:
    """Give the texts for one request, each with its name and whether it is wanted."""
    if refused := kept.withheld.get(name):
        yield f"{name}!withheld", _places(refused.candidate), False
    verdict, copy = kept.judged.get(name), kept.published.get(name)
    if verdict and verdict.kind in ("edited", "rejected"):
        before = {one.place: one.text for one in verdict.judged} or (places_of_copy(copy) if copy else {})
        yield f"{name}!{verdict.kind}", before, False
        if verdict.kind == "edited":
            yield f"{name}+edited", {**before, **_by_place(verdict.edited)}, True
    elif copy and copy.provenance.origin != "template":
        yield name, places_of_copy(copy), True


def _by_place(passages: Iterable[CopyPassage]) -> dict[str, str]:
    return {one.place: one.text for one in passages}


def _places(candidate: str) -> Places:
    """Give a refused candidate's texts by place; none of one that was never read."""
    try:
        told = json.loads(candidate)
    except ValueError:
        return {}
    return {str(place): str(text) for place, text in told.items()} if isinstance(told, dict) else {}
