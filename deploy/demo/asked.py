"""Whether everything that was fed has asked for the texts that it calls for; each thing missing is one sentence.

What an event calls for is the streams' own rule, applied here to the events as they stand on the topics: so it is the
streams' delivery that is checked, event by event, and not the rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from typing import TypeVar

from deploy.demo.seen import Seen, place_of
from schemas import tasks, topics
from schemas.events import Activity, Product, Review
from schemas.record import Record
from schemas.request import GenerationRequest, ReviewFact
from schemas.tasks import TaskContract
from streams import review_state, shopper_state
from streams.product_state import Standing
from streams.recommend import MAX_CANDIDATE_CHARS
from streams.replies import question_of
from streams.review_state import EVERY_CHANGE_UP_TO, KnownReview, ReviewState, SummaryPolicy
from streams.shopper_state import ShopperState

R = TypeVar("R", bound=Record)
_Said = tuple[str, int, str | None, str]
"""What a summary reads of a review, and by which id."""


def unasked(what: Seen, *, policy: SummaryPolicy) -> tuple[str, ...]:
    """Give every text that the events of a run call for and that no request asks for.

    Only on topics without an earlier history: there, what is fed again asks for nothing.
    """
    return (
        *_unanswered_questions(what),
        *_outdated_summaries(what, policy),
        *_unread_reviews(what),
        *_missing_recommendations(what),
    )


def _unanswered_questions(what: Seen) -> list[str]:
    """Each question asked is a request for a reply, and each shopper's notes one for a draft."""
    served = {
        request.subject for task in (tasks.SUPPORT_REPLY, tasks.REVIEW_DRAFT) for request in _requests(what, task)
    }
    asked = {
        each.activity_id
        for each in _accepted(what, Activity)
        if question_of(each) or shopper_state.drafts_for(each, None, ("en",))
    }
    return [f"question {name} was not passed on" for name in sorted(asked - served)]


def _outdated_summaries(what: Seen, policy: SummaryPolicy) -> list[str]:
    """Each described product's last summary is about its reviews as they are, and there is none when they are few.

    With many reviews a summary may lag by a few: then it is enough that there is one.
    """
    described = {each.subject: each.action == "generate" for each in _requests(what, tasks.PRODUCT_DESCRIPTION)}
    last = {each.subject: each for each in _requests(what, tasks.REVIEW_SUMMARY)}
    problems = []
    for product_id, state in sorted(_reviews(what).items()):
        if not described.get(product_id):
            continue
        count, told = len(state.reviews), _reviews_told(last.get(product_id))
        if count < policy.min_reviews and told is not None:
            problems.append(f"product {product_id} has only {count} reviews, and yet a summary was asked for last")
        elif count >= policy.min_reviews and told is None:
            problems.append(f"product {product_id} has {count} reviews, and no summary was asked for")
        elif policy.min_reviews <= count <= EVERY_CHANGE_UP_TO and told != {_said(each) for each in state.reviews}:
            problems.append(f"product {product_id} has {count} reviews, and its last summary is about others")
    return problems


def _unread_reviews(what: Seen) -> list[str]:
    """Each review of a described product is read for what it thinks."""
    read = {each.subject for each in _requests(what, tasks.REVIEW_INSIGHT)}
    described = {each.subject for each in _requests(what, tasks.PRODUCT_DESCRIPTION) if each.action == "generate"}
    posted = {each.review_id for name in described for each in _reviews(what).get(name, ReviewState()).reviews}
    return [f"review {name} was not read" for name in sorted(posted - read)]


def _missing_recommendations(what: Seen) -> list[str]:
    """Each step that calls for a recommendation has asked for one: it bears the step's number as its version."""
    asked: dict[str, set[int]] = defaultdict(set)
    for request in _requests(what, tasks.RECOMMENDATION):
        asked[request.subject].add(request.source_version)
    activities: dict[str, list[Activity]] = defaultdict(list)
    for activity in _accepted(what, Activity):
        activities[activity.user_id].append(activity)
    products = _products(what)
    return [
        f"step {number} of shopper {user_id} calls for a recommendation, and none was asked for"
        for user_id, theirs in sorted(activities.items())
        for number in sorted(_telling_steps(theirs, products) - asked[user_id])
    ]


def _telling_steps(activities: list[Activity], products: Mapping[str, Product | None]) -> set[int]:
    """Give the numbers of a shopper's steps that call for a recommendation, as far as that is certain.

    It stops being so at a step whose product may or may not have been known by then, or after which there may be
    nothing to recommend.
    """
    state, telling = ShopperState(), set()
    for activity in activities:
        if shopper_state.is_repeat(activity, state):
            continue
        product = products.get(activity.product_id or "")
        if product is None and activity.product_id in products:
            break
        state = shopper_state.with_activity(state, activity, product)
        if shopper_state.is_recommendation_due(state, activity):
            if not _has_more_to_offer(state):
                break
            telling.add(state.version)
            state = shopper_state.asked(state)
    return telling


def _has_more_to_offer(state: ShopperState) -> bool:
    """Tell whether at least a product that the shopper met and did not buy can be recommended."""
    bought = {step.product_id for step in state.steps if step.kind == "purchase"}
    return any(step.categories and step.product_id not in bought for step in state.steps)


def _products(what: Seen) -> dict[str, Product | None]:
    """Give the products that shoppers met; None for one of which it matters when: deleted, moved, or too large."""
    versions: dict[str, list[Product | None]] = defaultdict(list)
    for each in what.inputs:
        is_news = each.topic == topics.PRODUCT_CREATED.name and place_of(each) not in what.letters
        if is_news and (each.record is None or isinstance(each.record, Product)):
            versions[each.key].append(each.record)
    return {name: found[0] if _is_certain(found) else None for name, found in versions.items()}


def _is_certain(versions: list[Product | None]) -> bool:
    known = [each for each in versions if each is not None and len(each.model_dump_json()) <= MAX_CANDIDATE_CHARS]
    return len(known) == len(versions) and len({each.categories for each in known}) == 1


def _reviews(what: Seen) -> dict[str, ReviewState]:
    states: dict[str, ReviewState] = defaultdict(ReviewState)
    for review in _accepted(what, Review):
        state = states[review.product_id]
        if review_state.standing(review, state) is Standing.NEW:
            states[review.product_id] = review_state.with_review(state, review)
    return states


def _reviews_told(request: GenerationRequest | None) -> Set[_Said] | None:
    """Give what a request for a summary is about, None when none is asked for or it is taken back."""
    if request is None or request.facts is None:
        return None
    return {_said(each) for each in request.facts.reviews}


def _said(review: KnownReview | ReviewFact) -> _Said:
    return review.review_id, review.rating, review.title, review.body


def _accepted(what: Seen, kind: type[R]) -> list[R]:
    """Give the events of a kind that were not refused, in their order."""
    return [each.record for each in what.inputs if isinstance(each.record, kind) and place_of(each) not in what.letters]


def _requests(what: Seen, task: TaskContract) -> list[GenerationRequest]:
    return [request for request in what.requests.values() if request is not None and request.task == task.name]
