"""One line of `shelftalk check`: a record and a text about it, as the guard's verdict in one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, TypeVar

from deploy import shop_fields as fields
from deploy.shop_fields import Unreadable
from deploy.shop_names import PRODUCT_NAMES, REVIEW_NAMES, Json, split
from schemas.events import Money, ProductFacts
from schemas.provenance import Evidence
from schemas.request import Facts, GenerationRequest, ReviewFact
from workers.guard.guard import guard
from workers.guard.text import normalise, unescape
from workers.guard.verdict import Grounds, Passage, Source
from workers.tasks.catalogue import TASKS
from workers.tasks.hostile import harmless
from workers.tasks.product_facts import product_sources

Value = TypeVar("Value")

UNREADABLE: Final = "unreadable"
"""The rule of a line that could not be read: what was not checked is not allowed."""

_READ_REVIEWS: Final = frozenset(("review-summary", "review-insight", "support-reply"))
"""The tasks whose texts may say what reviewers say; a text of no known task may, too."""

_ANY_LENGTH: Final = 1_000_000
"""How long a text may be is its place's matter, and places differ between shops."""

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, default=str)


@dataclass(frozen=True, slots=True)
class How:
    """How lines are read and told: the currency of prices that name none, and whether each rule gives its reasons."""

    currency: str = "EUR"
    reasons: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one line: the JSON to write, the rules that refused it, and whether it could be read."""

    line: str
    rules: tuple[str, ...]
    readable: bool


@dataclass(frozen=True, slots=True)
class _Case:
    """A line that could be read."""

    passages: tuple[Passage, ...]
    grounds: Grounds


def check_line(raw: bytes, number: int, how: How) -> Checked:
    """Judge one line; never raises. A line without an id is called by its number."""
    case_id: Json = number
    try:
        row = fields.parse(raw)
        case_id = row["id"] if row.get("id") is not None else number
        case = _case(row, how)
    except (ValueError, RecursionError) as error:
        return _unreadable(case_id, str(error) or "nested too deeply")
    return _judged(case_id, case, how)


def _judged(case_id: Json, case: _Case, how: How) -> Checked:
    verdict = guard(case.passages, case.grounds)
    rules = tuple(dict.fromkeys(hit.rule for hit in verdict.hits))
    told = {"id": case_id, "allowed": verdict.allowed, "rules": rules, "evidence": [*map(_shown, verdict.evidence)]}
    if how.reasons:
        told["reasons"] = {rule: [hit.detail for hit in verdict.hits if hit.rule == rule] for rule in rules}
    return Checked(_json(told), rules, readable=True)


def _unreadable(case_id: Json, reason: str) -> Checked:
    told = {"id": case_id, "allowed": False, "rules": [UNREADABLE], "evidence": [], "reason": reason}
    return Checked(_json(told), (UNREADABLE,), readable=False)


def _json(told: dict[str, object]) -> str:
    return _ENCODER.encode(told)


def _shown(evidence: Evidence) -> dict[str, object]:
    claims = [{"text": one.text, "kind": one.kind, "source": one.source, "value": one.value} for one in evidence.claims]
    return {"sentence": evidence.sentence, "claims": claims}


def _case(row: dict[str, Json], how: How) -> _Case:
    record = row.get("facts") or {}
    if not isinstance(record, dict):
        raise Unreadable("`facts` is not an object")
    given = row.get("reviews") or record.get("reviews")
    inner = record.get("product")
    product = product_of(inner if isinstance(inner, dict) else _without_reviews(record), how.currency)
    locale = str(row.get("locale") or "en")
    sources = _sources(str(row.get("task") or ""), product, reviews_of(given), locale)
    return _Case(passages_of(row.get("text")), Grounds(sources, locale))


def _without_reviews(record: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in record.items() if name != "reviews"}


def passages_of(text: Json) -> tuple[Passage, ...]:
    """Give a text's passages: one named `text`, or those of an object by place, a list's entries numbered from 0.

    A shop's page says `&frac14;`; what is judged is what its reader sees. Raises Unreadable for what is neither.
    """
    if isinstance(text, str):
        return (Passage("text", unescape(text), _ANY_LENGTH),)
    if not isinstance(text, dict):
        raise Unreadable("`text` is neither a text nor an object of texts by place")
    return tuple(Passage(place, unescape(said), _ANY_LENGTH) for place, said in _placed("", text))


def _placed(place: str, said: Json) -> Iterator[tuple[str, str]]:
    if said is None or said == "":
        return
    if isinstance(said, str):
        yield place, said
        return
    if not isinstance(said, dict | list):
        raise Unreadable(f"`text.{place}` is not a text")
    inner = said.items() if isinstance(said, dict) else ((str(number), each) for number, each in enumerate(said))
    for name, each in inner:
        yield from _placed(f"{place}.{name}" if place else name, each)


def product_of(record: dict[str, Json], currency: str) -> ProductFacts:
    """Give a record as the feed would, but refuse nothing: what is not of its field's form is an attribute.

    Unknown fields are attributes, nested names are joined by dots, `{value, unit}` is one text.
    """
    known, rest = split(record, PRODUCT_NAMES)
    priced = str(known.get("currency") or currency).upper()
    price: Money | None = _read("price", known, rest, partial(fields.money, currency=priced))
    title = _read("title", known, rest, fields.text)
    brand = _read("brand", known, rest, fields.text)
    categories = _read("categories", known, rest, fields.categories)
    description = _read("description", known, rest, fields.text)
    attributes = _read("attributes", known, rest, fields.attributes)
    # Not validated: a record without a title, or with a very long text, is still ground for what it says.
    return ProductFacts.model_construct(
        product_id=str(known.get("product_id") or "-"),
        title=title or "",
        brand=brand,
        categories=categories or (),
        price=price,
        attributes=fields.attributes(rest) | (attributes or {}),
        description=description,
    )


def _read(
    name: str, known: dict[str, Json], rest: dict[str, Json], reader: Callable[[Json], Value | None]
) -> Value | None:
    """Read a field, or put it among the rest as it stands."""
    if name not in known:
        return None
    try:
        return reader(known[name])
    except ValueError:
        rest[name] = known[name]
        return None


def reviews_of(given: Json) -> tuple[ReviewFact, ...]:
    """Give the reviews of a list of objects as in `reviews.jsonl`, or of texts; what is neither is passed over."""
    found = (_review(each, number) for number, each in enumerate(given if isinstance(given, list) else [], 1))
    return tuple(each for each in found if each is not None)


def _review(given: Json, number: int) -> ReviewFact | None:
    if isinstance(given, str):
        given = {"body": given}
    if not isinstance(given, dict):
        return None
    known, rest = split(given, REVIEW_NAMES)
    return ReviewFact.model_construct(
        review_id=str(known.get("review_id") or number),
        rating=_read("rating", known, rest, fields.rating) or 0,
        title=_read("title", known, rest, fields.text),
        body=_read("body", known, rest, fields.text) or "",
        verified_purchase=bool(_read("verified_purchase", known, rest, fields.flag)),
    )


def _sources(task: str, product: ProductFacts, reviews: tuple[ReviewFact, ...], locale: str) -> tuple[Source, ...]:
    """Give the task's own grounds, or the product's record; and the reviews where the task reads them."""
    own = _own_sources(task, product, reviews, locale) or product_sources(product)
    if task in TASKS and task not in _READ_REVIEWS:
        return own
    return (*own, *_review_sources(reviews))


def _own_sources(task: str, product: ProductFacts, reviews: tuple[ReviewFact, ...], locale: str) -> tuple[Source, ...]:
    if task not in TASKS or not all(review.rating for review in reviews):
        return ()
    facts = Facts(product=product, reviews=reviews)
    request = _request(task, locale).model_copy(update={"subject": product.product_id, "facts": facts})
    try:
        return TASKS[task].grounds(request).sources
    except (ValueError, ArithmeticError):  # the task needs more than a line has: no review, no question
        return ()


@lru_cache(maxsize=64)
def _request(task: str, locale: str) -> GenerationRequest:
    """Give a request that is about nothing yet; not validated, since a line may have any locale."""
    return GenerationRequest.model_construct(
        request_id="-",
        action="generate",
        task=task,
        subject="-",
        locale=locale,
        source_version=0,
        fingerprint="",
        template_version=0,
        requested_unix_ms=0,
    )


def _review_sources(reviews: tuple[ReviewFact, ...]) -> Iterator[Source]:
    for review in reviews:
        said = normalise(f"{review.title or ''}\n{review.body}")
        if harm := harmless(said):
            yield Source(f"review:{review.review_id}", harm)
    if reviews:
        yield Source("review_count", f"{len(reviews)} reviews")
