"""Whether a dead letter may go back: decided from what is known, without asking anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from deploy.dead_letters.content import TARGETS, Content
from deploy.dead_letters.letter import Letter
from schemas import tasks
from schemas.codec import ErrorClass
from schemas.events import Activity, Product, Review
from schemas.questions import ProductQuestion
from schemas.request import GenerationRequest
from schemas.topics import GENERATION_OUTCOMES, REQUESTS
from streams import product_state, review_state, shopper_state
from streams.decode import ProductDeleted, Rejection
from streams.product_state import ProductState, Standing
from streams.review_state import ReviewState
from streams.shopper_state import ShopperState

TextKey = tuple[str, str, str]
"""(output topic, subject, locale): one text, whichever task writes it."""

_REQUEST_TOPICS = frozenset(topic.name for topic in REQUESTS)
_DAY_MS = 24 * 60 * 60 * 1000


class Verdict(StrEnum):
    """What is to be done with a letter."""

    PUT_BACK = "put back"
    STILL_BAD = "still bad"
    STALE = "stale"
    TOO_OLD = "too old"
    ALREADY_REDRIVEN = "already redriven"
    NOT_OURS = "not ours"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and why; `may_force` says that `--force` puts the letter back all the same."""

    verdict: Verdict
    reason: str
    may_force: bool = False


@dataclass(frozen=True, slots=True)
class ProductEvent:
    """An event of a product at its place in the product topic; without a version it is a deletion."""

    partition: int
    offset: int
    version: int | None

    def is_behind(self, letter: Letter) -> bool:
        """Tell whether it came after a letter's original message; in another partition nobody knows, so it did."""
        return self.partition != letter.record.partition or self.offset > letter.record.offset


@dataclass(frozen=True, slots=True)
class KnownProduct:
    """What became of a product: the streams' state, when it last changed, and the later events in its topic.

    The streams may not have met those yet. `going_back` are the letters that go back, at their original places.
    """

    state: ProductState | None = None
    changed_unix_ms: int = 0
    events: tuple[ProductEvent, ...] = ()
    going_back: tuple[ProductEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """One sign of a version of a text: in the ledger, in a request, in the published copy (which has no place).

    It says nothing about the request `only_repeats`, of which it is a repetition that came to nothing.
    """

    version: int
    unix_ms: int
    what: str
    place: tuple[str, int, int] | None = None
    only_repeats: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the letters' products, reviews, shoppers and texts, and the marks of what was put back."""

    redriven: frozenset[bytes] = frozenset()
    products: Mapping[str, KnownProduct] = field(default_factory=dict)
    reviews: Mapping[str, ReviewState] = field(default_factory=dict)
    shoppers: Mapping[str, ShopperState] = field(default_factory=dict)
    texts: Mapping[TextKey, tuple[Sighting, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """A letter with its judgement, and whether it is put back."""

    letter: Letter
    judgement: Judgement
    goes_back: bool


def judge_all(
    found: Sequence[tuple[Letter, Content | None]],
    known: Known,
    *,
    now_unix_ms: int,
    force: bool = False,
    with_killers: bool = False,
) -> tuple[Judged, ...]:
    """Give the judgements in the order in which the messages first came; what goes back counts for those after it."""
    judged: list[Judged] = []
    products, texts = dict(known.products), dict(known.texts)
    requests: set[str] = set()
    known = replace(known, products=products, texts=texts)
    for letter, content in sorted(found, key=lambda each: _came(each[0])):
        judgement = judge(letter, content, known, now_unix_ms=now_unix_ms, with_killers=with_killers)
        if isinstance(content, GenerationRequest) and content.request_id in requests:
            judgement = Judgement(Verdict.ALREADY_REDRIVEN, "another letter of the same request goes back")
        goes_back = judgement.verdict is Verdict.PUT_BACK or (force and judgement.may_force)
        judged.append(Judged(letter, judgement, goes_back))
        # Of two versions in one batch the older must not come last.
        if goes_back and isinstance(content, Product | ProductDeleted):
            seen = products.get(content.product_id, KnownProduct())
            products[content.product_id] = _with_going_back(letter, content, seen)
        elif goes_back and isinstance(content, GenerationRequest):
            requests.add(content.request_id)
            key = text_key(content.task, content.subject, content.locale)
            texts[key] = (*texts.get(key, ()), _sighted(letter, content))
    return tuple(judged)


def judge(
    letter: Letter, content: Content | None, known: Known, *, now_unix_ms: int, with_killers: bool = False
) -> Judgement:
    """Say whether a letter may go back, and if not, why.

    `with_killers`: also one whose request ended the engine, which would end it again; a person must mean it.
    """
    if content is None:
        return Judgement(Verdict.NOT_OURS, f"{letter.record.topic} is no topic that letters go back to")
    if letter.id.mark in known.redriven:
        return Judgement(Verdict.ALREADY_REDRIVEN, f"it is in {letter.record.topic} again; a new failure has a new id")
    if isinstance(content, Rejection):
        return _still_bad(letter, content)
    # First what no force overcomes.
    if stale := _stale(letter, content, known):
        return stale
    if letter.record.error_class == ErrorClass.KILLS_ENGINE and not with_killers:
        return Judgement(Verdict.STILL_BAD, "it ended the engine: name its id to try it again", may_force=True)
    return _too_old(letter, now_unix_ms) or Judgement(Verdict.PUT_BACK, "")


def is_newer(sighting: Sighting, letter: Letter, request: GenerationRequest) -> bool:
    """Tell whether a sign of a text is newer than a letter's request.

    Of two requests with equal versions the later one in the partition is the newer: a withdrawal has no version of its
    own. What has no place in that partition is compared by time.
    """
    if sighting.only_repeats == request.request_id:
        return False
    if sighting.version != request.source_version:
        return sighting.version > request.source_version
    record = letter.record
    if sighting.place and sighting.place[:2] == (record.topic, record.partition):
        return sighting.place[2] > record.offset
    return sighting.unix_ms > record.failed_unix_ms


def _still_bad(letter: Letter, rejection: Rejection) -> Judgement:
    topic = TARGETS[letter.record.topic]
    # In a compacted topic the bytes would take the place of the newest good event of their key.
    takes_place = topic.cleanup_policy == "compact"
    # A worker would take it, and what is newer is looked for under the key.
    is_taken = topic in REQUESTS and rejection.error_class is ErrorClass.KEY_MISMATCH
    why = f"{rejection.error_class}: {rejection.detail}"
    return Judgement(Verdict.STILL_BAD, why, may_force=not takes_place and not is_taken)


def _too_old(letter: Letter, now_unix_ms: int) -> Judgement | None:
    kept_ms = GENERATION_OUTCOMES.retention_ms or 0
    if letter.record.topic not in _REQUEST_TOPICS or letter.record.failed_unix_ms > now_unix_ms - kept_ms:
        return None
    reason = f"the ledger keeps {kept_ms // _DAY_MS} days: whether the text was written or taken back is not known"
    return Judgement(Verdict.TOO_OLD, reason, may_force=True)


def _stale(letter: Letter, content: Content, known: Known) -> Judgement | None:
    match content:
        case Product():
            return _stale_product(letter, content, known.products.get(content.product_id, KnownProduct()))
        case ProductDeleted():
            return _stale_deletion(letter, content, known.products.get(content.product_id, KnownProduct()))
        case Review():
            return _stale_review(content, known.reviews.get(content.product_id, ReviewState()))
        case Activity():
            return _stale_activity(content, known.shoppers.get(content.user_id, ShopperState()))
        case GenerationRequest():
            text = text_key(content.task, content.subject, content.locale)
            return _stale_request(letter, content, known.texts.get(text, ()))
        case Rejection() | ProductQuestion():
            return None  # A question asked once more has the same request id: a worker drops the repetition.


def _stale_product(letter: Letter, product: Product, seen: KnownProduct) -> Judgement | None:
    version = product.source_version
    later = [each.version for each in (*seen.events, *seen.going_back) if each.is_behind(letter)]
    others = [*later, *(each.version for each in seen.going_back)]
    newest = max((each for each in others if each is not None), default=version)
    if newest > version:
        return _too_late(f"version {newest} came since, this is {version}")
    if None in later or _is_deleted_after(letter, seen):
        return _too_late("the product was deleted since")
    match product_state.standing(product, seen.state):
        case Standing.REPEAT:
            return _too_late(f"version {version} was processed since")
        case Standing.STALE if seen.state is not None:
            return _too_late(f"version {seen.state.version} is known, this is {version}")
    return None


def _stale_deletion(letter: Letter, gone: ProductDeleted, seen: KnownProduct) -> Judgement | None:
    match product_state.deletion_standing(gone.source_version, seen.state):
        case Standing.REPEAT if seen.state is not None:
            return _too_late("the product is deleted already")
        case Standing.STALE if seen.state is not None:
            return _too_late(f"version {seen.state.version} is known, the deletion is of {gone.source_version}")
    has_changed = seen.state is not None and seen.changed_unix_ms > letter.record.failed_unix_ms
    if has_changed or any(each.is_behind(letter) for each in (*seen.events, *seen.going_back)):
        return _too_late("the shop said more about the product since")
    return None


def _is_deleted_after(letter: Letter, seen: KnownProduct) -> bool:
    """Tell whether the streams took a deletion in after the letter was written; its own message may be compacted."""
    is_deleted = seen.state is not None and seen.state.deleted
    return is_deleted and seen.changed_unix_ms > letter.record.failed_unix_ms


def _stale_review(review: Review, state: ReviewState) -> Judgement | None:
    match review_state.standing(review, state):
        case Standing.REPEAT:
            return _too_late(f"version {review.source_version} was processed since")
        case Standing.STALE:
            return _too_late(f"a newer version of the review is known, this is {review.source_version}")
    return None


def _stale_activity(activity: Activity, state: ShopperState) -> Judgement | None:
    if shopper_state.is_repeat(activity, state):
        return _too_late("it was processed since")
    newest = max((step.occurred_unix_ms for step in state.steps), default=0)
    if activity.kind in shopper_state.HISTORY_KINDS and newest > activity.occurred_unix_ms:
        reason = "the shopper's history went on: it would count as the latest step"
        return Judgement(Verdict.STALE, reason, may_force=True)
    return None


def _stale_request(letter: Letter, request: GenerationRequest, sightings: Sequence[Sighting]) -> Judgement | None:
    found = [each for each in sightings if is_newer(each, letter, request)]
    if not found:
        return None
    newest = max(found, key=lambda each: (each.version, each.unix_ms))
    return _too_late(f"version {newest.version} {newest.what}, this is {request.source_version}")


def _too_late(reason: str) -> Judgement:
    return Judgement(Verdict.STALE, reason)


def text_key(task: str, subject: str, locale: str) -> TextKey:
    """Tell which text a request is about: a description and its localisation are one.

    The texts of a task that nobody knows any more are that task's alone.
    """
    known = tasks.BY_NAME.get(task)
    return known.output.name if known else task, subject, locale


def _came(letter: Letter) -> tuple[str, int, int, object]:
    record = letter.record
    return (record.topic, record.partition, record.offset, letter.id)


def _with_going_back(letter: Letter, event: Product | ProductDeleted, seen: KnownProduct) -> KnownProduct:
    version = event.source_version if isinstance(event, Product) else None
    added = ProductEvent(letter.record.partition, letter.record.offset, version)
    return replace(seen, going_back=(*seen.going_back, added))


def _sighted(letter: Letter, request: GenerationRequest) -> Sighting:
    record = letter.record
    place = (record.topic, record.partition, record.offset)
    return Sighting(request.source_version, record.failed_unix_ms, "goes back, too", place, request.request_id)
