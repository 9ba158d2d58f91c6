"""The offline checker: what the books must say when nothing was lost, nothing doubled and nothing out of order."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from schemas.codec import ErrorClass
from schemas.keys import CopyKey
from schemas.ledger import DeadLetter, GenerationOutcome, OutcomeKind
from schemas.request import GenerationRequest
from schemas.tasks import BY_NAME
from schemas.topics import REQUESTS
from tests.faults.books import Asked, Books
from tests.faults.orders import WITHHELD
from tests.faults.places import Place

_REQUEST_TOPICS = frozenset(topic.name for topic in REQUESTS)
_TAKES_BACK: frozenset[OutcomeKind] = frozenset({"withdrawn", "withheld", "dead-lettered"})

TextKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found. `problems` names each thing wrong in words, `wrong` counts them by kind."""

    kinds: Counter[OutcomeKind]
    wrong: Counter[str]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Problem:
    kind: str
    where: object
    what: str


def check(books: Books) -> Findings:
    """Find everything in the books that a run without faults could not have written."""
    outcomes = _by_place(books.outcomes)
    problems = [
        *_places(books, outcomes),
        *_kinds(books, outcomes),
        *_ids(books.asked, outcomes),
        *_superseded(books.asked, outcomes),
        *_dead_letters(books, outcomes),
        *_withheld(books),
        *_copies(books),
        *_order(books),
        *_last_word(books, outcomes),
    ]
    kinds: Counter[OutcomeKind] = Counter(told[0].outcome for told in outcomes.values())
    wrong = Counter(problem.kind for problem in problems)
    return Findings(kinds, wrong, tuple(f"{each.kind} {each.where}: {each.what}" for each in problems))


def _by_place(outcomes: Iterable[GenerationOutcome]) -> dict[Place, list[GenerationOutcome]]:
    told: defaultdict[Place, list[GenerationOutcome]] = defaultdict(list)
    for outcome in outcomes:
        told[_place(outcome)].append(outcome)
    return dict(told)


def _places(books: Books, outcomes: dict[Place, list[GenerationOutcome]]) -> Iterator[_Problem]:
    """Every request has one outcome, and every outcome its request."""
    asked = {each.place: each for each in books.asked}
    for place, each in asked.items():
        told = outcomes.get(place, [])
        if not told:
            yield _Problem("lost", place, "no outcome")
        for more in told[1:]:
            yield _Problem("duplicated", place, f"also {more.outcome}")
        for one in told:
            if _is_servable(each.request) and _named(one) != _named(each.request):
                yield _Problem("unasked", place, f"an outcome of {_named(one)}")
    for place in outcomes.keys() - asked.keys():
        yield _Problem("unasked", place, "an outcome without a request")


def _kinds(books: Books, outcomes: dict[Place, list[GenerationOutcome]]) -> Iterator[_Problem]:
    """Each request became what it asked for, or gave way to another one, or was taken for a killer.

    How many may be taken for killers depends on the kills, of which books know nothing.
    """
    killers = {_place(letter) for letter in books.dead_letters if letter.error_class == ErrorClass.KILLS_ENGINE}
    for each in books.asked:
        due = _due(each.request)
        allowed: set[OutcomeKind] = {due} if due == "dead-lettered" else {due, "superseded", "duplicate"}
        if due != "withdrawn" and each.place in killers:
            allowed.add("dead-lettered")
        for one in outcomes.get(each.place, []):
            if one.outcome not in allowed:
                yield _Problem("mistaken", each.place, f"{one.outcome}, though it should be {due}")


def _due(request: GenerationRequest | None) -> OutcomeKind:
    """Tell what the test worker makes of a request that nothing else concerns."""
    if not _is_servable(request):
        return "dead-lettered"
    if request.action == "withdraw":
        return "withdrawn"
    product = request.facts.product if request.facts else None
    return "withheld" if product and WITHHELD in product.title else "published"


def _is_servable(request: GenerationRequest | None) -> TypeGuard[GenerationRequest]:
    """Tell whether there is a request, of a task that there is."""
    return request is not None and request.task in BY_NAME


def _named(one: GenerationRequest | GenerationOutcome) -> tuple[str, str, str, str, int]:
    """Give what an outcome repeats of its request."""
    return one.request_id, one.task, one.subject, one.locale, one.source_version


def _ids(asked: Sequence[Asked], outcomes: dict[Place, list[GenerationOutcome]]) -> Iterator[_Problem]:
    """Of the messages with one request id exactly one was served, whichever, and only those others are duplicates."""
    served: Counter[str] = Counter()
    ids: set[str] = set()
    for each in asked:
        told = outcomes.get(each.place)
        if each.request is None or not told:
            continue
        ids.add(each.request.request_id)
        served[each.request.request_id] += told[0].outcome != "duplicate"
    for request_id in sorted(ids):
        if served[request_id] > 1:
            yield _Problem("duplicated", request_id, f"one request was served {served[request_id]} times")
        if served[request_id] == 0:
            yield _Problem("lost", request_id, "all its messages were dropped as duplicates")


def _superseded(asked: Sequence[Asked], outcomes: dict[Place, list[GenerationOutcome]]) -> Iterator[_Problem]:
    """What was dropped for something newer has something newer, in version or, with the same, in place."""
    newest = _newest(asked)
    for each in asked:
        told = outcomes.get(each.place)
        if each.request is None or not told or told[0].outcome != "superseded":
            continue
        newer = newest[text_key(each.request)]
        if (newer.source_version, newer.request_id) == (each.request.source_version, each.request.request_id):
            yield _Problem("lost", each.place, "superseded, though nothing newer was asked for")


def _dead_letters(books: Books, outcomes: dict[Place, list[GenerationOutcome]]) -> Iterator[_Problem]:
    """Each dead-lettered request has one dead letter with its bytes, and each dead letter such an outcome."""
    values = {each.place: each.value for each in books.asked}
    letters = Counter(_place(letter) for letter in _of_workers(books.dead_letters))
    for place, told in outcomes.items():
        if told[0].outcome == "dead-lettered" and letters[place] != 1:
            yield _Problem("unaccounted", place, f"{letters[place]} dead letters")
    for letter in _of_workers(books.dead_letters):
        place = _place(letter)
        if not any(one.outcome == "dead-lettered" for one in outcomes.get(place, [])):
            yield _Problem("unaccounted", place, "a dead letter without an outcome")
        if place in values and values[place] != letter.value:
            yield _Problem("unaccounted", place, "a dead letter with other bytes")


def _withheld(books: Books) -> Iterator[_Problem]:
    """The withheld texts are those that the ledger says."""
    told = Counter(outcome.request_id for outcome in books.outcomes if outcome.outcome == "withheld")
    shown = Counter(record.request_id for record in books.withheld)
    for request_id in told.keys() | shown.keys():
        if told[request_id] != shown[request_id]:
            yield _Problem("unaccounted", request_id, f"withheld {told[request_id]}, shown {shown[request_id]} times")


def _copies(books: Books) -> Iterator[_Problem]:
    """The texts and tombstones of each key are those that the ledger says."""
    told = Counter(
        (_output_of(one), _key_of(one), one.request_id) for one in books.outcomes if one.outcome == "published"
    )
    shown = Counter((text.place[0], text.key, text.request_id) for text in books.copies if text.request_id)
    for name in told.keys() | shown.keys():
        if shown[name] > told[name]:
            yield _Problem("duplicated", name, f"{shown[name]} texts, {told[name]} outcomes")
        if shown[name] < told[name]:
            yield _Problem("lost", name, f"{shown[name]} texts, {told[name]} outcomes")
    back = Counter((_output_of(one), _key_of(one)) for one in books.outcomes if _takes_back(one))
    tombs = Counter((text.place[0], text.key) for text in books.copies if text.request_id is None)
    for key in back.keys() | tombs.keys():
        if back[key] != tombs[key]:
            yield _Problem("unaccounted", key, f"{tombs[key]} tombstones, {back[key]} outcomes that take a text back")


def _order(books: Books) -> Iterator[_Problem]:
    """No text or tombstone follows a text that was made, or taken back, from a newer version."""
    newest: dict[tuple[str, bytes], int] = {}
    taken_back: dict[tuple[str, bytes], deque[int]] = defaultdict(deque)
    for outcome in filter(_takes_back, books.outcomes):
        taken_back[_output_of(outcome), _key_of(outcome)].append(outcome.source_version)
    for text in books.copies:
        name = (text.place[0], text.key)
        version = text.version
        if version is None:  # a tombstone has none: the ledger has them in the order of the tombstones
            if not taken_back[name]:
                continue  # it has no outcome, which is a problem of its own
            version = taken_back[name].popleft()
        if version < newest.get(name, version):
            yield _Problem("stale", text.place, f"version {version} after version {newest[name]}")
        newest[name] = max(version, newest.get(name, version))


def _last_word(books: Books, outcomes: dict[Place, list[GenerationOutcome]]) -> Iterator[_Problem]:
    """What stands last for each text is what came of the newest request for it."""
    last = {(text.place[0], text.key): text for text in books.copies}
    newest = _newest(books.asked)
    for each in books.asked:
        told = outcomes.get(each.place)
        if each.request is None or not told or newest[text_key(each.request)] is not each.request:
            continue
        stands = last.get((_output_of(told[0]), _key_of(told[0]))) if told[0].task in BY_NAME else None
        if told[0].outcome == "published" and (stands is None or stands.request_id != each.request.request_id):
            yield _Problem("stale", each.place, "the newest text does not stand last")
        if _takes_back(told[0]) and (stands is None or stands.request_id is not None):
            yield _Problem("stale", each.place, "a text stands that was taken back")


def _newest(asked: Sequence[Asked]) -> dict[TextKey, GenerationRequest]:
    """Give the newest request for each text: the largest version, and of those the one that was asked for last.

    A repeated id does not count again, wherever it stands.
    """
    newest: dict[TextKey, GenerationRequest] = {}
    seen: set[str] = set()
    for each in asked:
        if each.request is None or each.request.request_id in seen:
            continue
        seen.add(each.request.request_id)
        now = newest.get(text_key(each.request))
        if now is None or each.request.source_version >= now.source_version:
            newest[text_key(each.request)] = each.request
    return newest


def text_key(request: GenerationRequest) -> TextKey:
    """Tell which text a request is about."""
    return request.task, request.subject, request.locale


def _of_workers(letters: Sequence[DeadLetter]) -> Iterator[DeadLetter]:
    return (letter for letter in letters if letter.topic in _REQUEST_TOPICS)


def _place(record: GenerationOutcome | DeadLetter) -> Place:
    return record.topic, record.partition, record.offset


def _takes_back(outcome: GenerationOutcome) -> bool:
    """Tell whether a tombstone belongs to an outcome: what could not be read has no text to take back."""
    return outcome.outcome in _TAKES_BACK and outcome.task in BY_NAME


def _output_of(outcome: GenerationOutcome) -> str:
    """Give the topic of a task's texts; an outcome of no known task is mistaken, and has none."""
    return BY_NAME[outcome.task].output.name if outcome.task in BY_NAME else "none"


def _key_of(outcome: GenerationOutcome) -> bytes:
    return CopyKey(outcome.subject, outcome.locale).encode()
