"""Whether the topics agree with each other about one run; each disagreement is one sentence."""

from __future__ import annotations

from collections import Counter

from deploy.demo.asked import unasked
from deploy.demo.seen import Place, Seen, deciding, place_of, standing_copy
from schemas import tasks, topics
from schemas.codec import Undecodable
from schemas.ledger import GenerationOutcome
from schemas.provenance import Copy
from streams.review_state import SummaryPolicy

_REQUESTS = frozenset(topic.name for topic in topics.REQUESTS)
_OUTPUTS = {task.name: task.output.name for task in tasks.ALL}


def disagreements(what: Seen, *, is_fresh: bool) -> tuple[str, ...]:
    """Give everything that does not fit together. On topics with an earlier history, repeats ask for nothing new."""
    return (
        *_unsettled_requests(what),
        *_miscounted_copy(what),
        *_miscounted_refusals(what),
        *_wrong_letters(what),
        *_wrong_copy(what),
        *(unasked(what, policy=SummaryPolicy()) if is_fresh else ()),
    )


def _unsettled_requests(what: Seen) -> list[str]:
    """Each request has one outcome, and each outcome its request."""
    problems = []
    for place in what.requests:
        count = len(what.outcomes.get(place, ()))
        if count != 1:
            problems.append(f"request {place} has {count or 'no'} outcome{'s' if count else ''}")
    strangers = sorted(what.outcomes.keys() - what.requests.keys())
    return problems + [f"an outcome speaks of {place}, where no request stands" for place in strangers]


def _miscounted_copy(what: Seen) -> list[str]:
    """Each published outcome has its text on the output topic once, and nothing else stands there."""
    problems = []
    for topic in dict.fromkeys(_OUTPUTS.values()):
        records = [each.record for each in what.copy[topic]]
        written = Counter(record.provenance.request_id for record in records if isinstance(record, Copy))
        told = Counter(each.request_id for each in _outcomes(what, "published") if _OUTPUTS.get(each.task) == topic)
        problems += _differences(told, written, f"{topic}: the text of request")
        taken_back = sum(record is None for record in records)
        reasons = [each for each in _outcomes(what, "withheld", "withdrawn") if _OUTPUTS.get(each.task) == topic]
        if taken_back != len(reasons):
            problems.append(f"{topic}: {len(reasons)} texts were taken back, {taken_back} tombstones stand")
        unread = sum(isinstance(record, Undecodable) for record in records)
        problems += [f"{topic}: {unread} messages cannot be read"] if unread else []
    return problems


def _miscounted_refusals(what: Seen) -> list[str]:
    """Each withheld outcome has its refused text on the restricted topic once."""
    told = Counter(each.request_id for each in _outcomes(what, "withheld"))
    shown = Counter(each.request_id for each in what.withheld)
    return _differences(told, shown, f"{topics.CONTENT_WITHHELD.name}: the text of request")


def _wrong_letters(what: Seen) -> list[str]:
    """Each dead letter is of a message that was there, once; each message that is no record has one."""
    there = {place_of(each) for each in what.inputs} | what.requests.keys()
    problems = [f"{place} has {len(found)} dead letters" for place, found in what.letters.items() if len(found) != 1]
    problems += [
        f"a dead letter speaks of {place}, where nothing stands" for place in what.letters if place not in there
    ]
    bad = {place_of(each) for each in what.inputs if isinstance(each.record, Undecodable)}
    problems += [f"{place} is no event and has no dead letter" for place in sorted(bad - what.letters.keys())]
    told = {Place(each.topic, each.partition, each.offset) for each in _outcomes(what, "dead-lettered")}
    shown = {place for place in what.letters if place.topic in _REQUESTS}
    return problems + [f"request {place} is dead-lettered in one topic only" for place in sorted(told ^ shown)]


def _wrong_copy(what: Seen) -> list[str]:
    """What stands under a key is what the deciding outcome says."""
    problems = []
    standing = standing_copy(what)
    for name, outcome in sorted(deciding(what).items()):
        copy = standing.get(name)
        label = f"{_OUTPUTS.get(name.task, name.task)} {name.key}"
        if outcome is None:
            problems.append(f"{label}: no request decides about it")
        elif outcome.outcome == "published" and (copy is None or copy.provenance.request_id != outcome.request_id):
            problems.append(f"{label}: not the text of request {outcome.request_id}, which decides")
        elif outcome.outcome in ("withheld", "withdrawn") and copy is not None:
            problems.append(f"{label}: {outcome.outcome}, and yet a text stands")
    return problems


def _outcomes(what: Seen, *kinds: str) -> list[GenerationOutcome]:
    return [each for found in what.outcomes.values() for each in found if each.outcome in kinds]


def _differences(told: Counter[str], shown: Counter[str], label: str) -> list[str]:
    return [
        f"{label} {name} stands {shown[name]} times, its outcome {told[name]} times"
        for name in sorted(told.keys() | shown.keys())
        if told[name] != shown[name]
    ]
