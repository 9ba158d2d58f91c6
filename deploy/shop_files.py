"""A shop's files as events: `products.jsonl`, `reviews.jsonl` and `activity.jsonl`, one JSON object a line.

`docs/feed.md` has the table of fields and of the names accepted for them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeVar

from pydantic import ValidationError

from deploy import shop_fields as fields
from deploy.shop_fields import Unreadable
from deploy.shop_names import ACTIVITY_NAMES, PRODUCT_NAMES, REVIEW_NAMES, Json, Names, split
from schemas import topics
from schemas.events import Activity, Product, Review
from schemas.topics import EVENT_LIMIT_BYTES, Topic

Value = TypeVar("Value")
Part = Literal["products", "reviews", "activity"]
PARTS: Final[tuple[Part, ...]] = ("products", "reviews", "activity")
TOPICS: Final[dict[Part, Topic]] = {
    "products": topics.PRODUCT_CREATED,
    "reviews": topics.REVIEW_POSTED,
    "activity": topics.USER_ACTIVITY,
}

DEMO_SHOP = Path(__file__).parent / "demo_shop"
"""The folder of the shop that comes with the project."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a shop's files are read.

    `currency` holds for prices that name none. `strict` refuses lines with unknown fields. `only` reads one of the
    files. `first_products` keeps what concerns the first so many products and leaves out the rest.
    """

    currency: str = "EUR"
    strict: bool = False
    only: Part | None = None
    first_products: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a shop's file; lines are counted from 1."""

    part: Part
    number: int
    raw: bytes

    @property
    def place(self) -> str:
        """Give where the line stands: `reviews.jsonl:12`."""
        return f"{self.part}.jsonl:{self.number}"

    @property
    def topic(self) -> Topic:
        """Give the topic that the line's event belongs on."""
        return TOPICS[self.part]


@dataclass(frozen=True, slots=True)
class ShopEvent:
    """One event to send. `record` None deletes the product that the key names, as of a version if the line has one."""

    line: Line
    key: bytes
    record: Product | Review | Activity | None
    deleted_in_version: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is no event, and why. The key is the line's product or shopper, else the line's place."""

    line: Line
    key: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class _Shop:
    """What the lines of one file need to know of each other: how often an id has come, and the file's age."""

    reading: Reading
    as_of_unix_ms: int
    seen: Counter[str] = field(default_factory=Counter)

    def version(self, known: dict[str, Json], identifier: str) -> int:
        """Give the line's version: its own, else its time of change, else the file's age and the order in the file."""
        self.seen[identifier] += 1
        given = _own_version(known)
        return given if given is not None else self.as_of_unix_ms + self.seen[identifier] - 1


def _own_version(known: dict[str, Json]) -> int | None:
    """Give the version that a line names, else its time of change, else None."""
    given = fields.whole(known.get("source_version"))
    return fields.moment(known.get("updated_unix_ms")) if given is None else given


def _deletion_version(known: dict[str, Json]) -> int | None:
    """Give the version that a deletion makes, None where the line has none: the file's age may be beyond all others."""
    version = _own_version(known)
    if version is not None and not 0 <= version < 2**63:
        raise Unreadable("source_version: not from 0 to 2^63-1")
    return version


def events(folder: Path, reading: Reading) -> Iterator[ShopEvent | Refused]:
    """Give a shop's events in the order to send them: products, then reviews, then activity by time.

    A file that is not there has no events. Refused lines of a file come where they stand, those of activity first.
    """
    products = None if reading.first_products is None else _first_products(folder, reading)
    for part in PARTS:
        if reading.only in (None, part):
            found = _read(folder, part, reading)
            yield from (each for each in (_by_time(found) if part == "activity" else found) if _kept(each, products))


def parts_in(folder: Path) -> tuple[Part, ...]:
    """Give the parts of a shop that a folder has files for."""
    return tuple(part for part in PARTS if (folder / f"{part}.jsonl").is_file())


def _first_products(folder: Path, reading: Reading) -> frozenset[str]:
    ids = (each.key.decode() for each in _read(folder, "products", reading) if isinstance(each, ShopEvent))
    return frozenset(list(dict.fromkeys(ids))[: reading.first_products])


def _kept(found: ShopEvent | Refused, products: frozenset[str] | None) -> bool:
    if products is None or isinstance(found, Refused):
        return True
    return (found.key.decode() if found.record is None else found.record.product_id) in products


def _by_time(found: Iterator[ShopEvent | Refused]) -> Iterator[ShopEvent | Refused]:
    dated: list[tuple[int, ShopEvent]] = []
    for each in found:
        if isinstance(each, ShopEvent) and isinstance(each.record, Activity):
            dated.append((each.record.occurred_unix_ms, each))
        else:
            yield each
    yield from (event for _, event in sorted(dated, key=lambda pair: pair[0]))


def _read(folder: Path, part: Part, reading: Reading) -> Iterator[ShopEvent | Refused]:
    path = folder / f"{part}.jsonl"
    if not path.is_file():
        return
    shop = _Shop(reading, as_of_unix_ms=path.stat().st_mtime_ns // 1_000_000)
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            content = (raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw).strip()
            if content:
                yield _event(Line(part, number, content), shop)


def _event(line: Line, shop: _Shop) -> ShopEvent | Refused:
    row: dict[str, Json] = {}
    if len(line.raw) > EVENT_LIMIT_BYTES:
        return Refused(line, line.place.encode(), f"{len(line.raw)} bytes, at most {EVENT_LIMIT_BYTES} are taken")
    try:
        row = fields.parse(line.raw)
        return _READERS[line.part](line, row, shop)
    except ValidationError as error:
        return Refused(line, _key_of(line, row), _places(error))
    except Unreadable as error:
        return Refused(line, _key_of(line, row), str(error))
    except RecursionError:
        return Refused(line, _key_of(line, row), "nested too deeply")


def _product(line: Line, row: dict[str, Json], shop: _Shop) -> ShopEvent:
    known, unknown = _known(row, PRODUCT_NAMES, shop)
    product_id = _required(fields.identifier(known.get("product_id")), "product_id")
    version = shop.version(known, product_id)
    if fields.flag(known.get("deleted")):
        return ShopEvent(line, product_id.encode(), None, _deletion_version(known))
    updated = fields.moment(known.get("updated_unix_ms"))
    product = Product(
        product_id=product_id,
        title=_required(fields.text(known.get("title")), "title"),
        brand=fields.text(known.get("brand")),
        categories=fields.categories(known.get("categories")),
        price=fields.money(known.get("price"), str(known.get("currency", shop.reading.currency)).upper()),
        attributes=fields.attributes(unknown) | fields.attributes(known.get("attributes", {})),
        description=fields.text(known.get("description")),
        images=fields.images(known.get("images")),
        source_version=version,
        updated_unix_ms=shop.as_of_unix_ms if updated is None else updated,
    )
    return ShopEvent(line, product_id.encode(), product)


def _review(line: Line, row: dict[str, Json], shop: _Shop) -> ShopEvent:
    known, _ = _known(row, REVIEW_NAMES, shop)
    product_id = _required(fields.identifier(known.get("product_id")), "product_id")
    deleted = fields.flag(known.get("deleted"))
    # A deletion says nothing about stars, but the record has the field: its value is never read.
    rating = _required(fields.rating(known.get("rating", 1 if deleted else None)), "rating")
    author, title = fields.text(known.get("author")), fields.text(known.get("title"))
    body = fields.text(known.get("body")) or ""
    given_id = fields.identifier(known.get("review_id"))
    posted = fields.moment(known.get("posted_unix_ms"))
    review = Review(
        review_id=given_id or _derived_id("r", product_id, author, title, body),
        product_id=product_id,
        # Without an id of its own a changed review is another review: the same one has but one version.
        source_version=shop.version(known, given_id) if given_id else 1,
        posted_unix_ms=shop.as_of_unix_ms if posted is None else posted,
        rating=rating,
        title=title,
        body=body,
        author=author,
        verified_purchase=fields.flag(known.get("verified_purchase")),
        deleted=deleted,
    )
    return ShopEvent(line, product_id.encode(), review)


def _activity(line: Line, row: dict[str, Json], shop: _Shop) -> ShopEvent:
    known, _ = _known(row, ACTIVITY_NAMES, shop)
    user_id = _required(fields.identifier(known.get("user_id")), "user_id")
    if "@" in user_id:
        raise Unreadable("user_id is an e-mail address: give a pseudonym")
    occurred = fields.moment(known.get("occurred_unix_ms"))
    said = {
        "kind": fields.activity_kind(_required(known.get("kind"), "kind")),
        "product_id": fields.identifier(known.get("product_id")),
        "query": fields.text(known.get("query")),
        "text": fields.text(known.get("text")),
        "rating": fields.rating(known.get("rating")),
    }
    content = (user_id, *said.values(), occurred if occurred is not None else line.number)
    activity = Activity.model_validate(
        said
        | {
            "activity_id": fields.identifier(known.get("activity_id")) or _derived_id("a", *content),
            "user_id": user_id,
            "occurred_unix_ms": shop.as_of_unix_ms + line.number if occurred is None else occurred,
        }
    )
    _says_enough(activity)
    return ShopEvent(line, user_id.encode(), activity)


_READERS: Final[dict[Part, Callable[[Line, dict[str, Json], _Shop], ShopEvent]]] = {
    "products": _product,
    "reviews": _review,
    "activity": _activity,
}


def _says_enough(activity: Activity) -> None:
    needed = {"search": activity.query, "question": activity.text}.get(activity.kind, activity.product_id)
    if needed is None:
        name = {"search": "query", "question": "text"}.get(activity.kind, "product_id")
        raise Unreadable(f"a {activity.kind} needs its {name}")


def _known(row: dict[str, Json], names: Names, shop: _Shop) -> tuple[dict[str, Json], dict[str, Json]]:
    known, unknown = split(row, names)
    if unknown and shop.reading.strict:
        raise Unreadable(f"unknown fields: {', '.join(unknown)}")
    return known, unknown


def _required(value: Value | None, name: str) -> Value:
    if value is None:
        raise Unreadable(f"{name} is missing")
    return value


_KEY_NAMES: Final[dict[Part, tuple[str, ...]]] = {
    "products": PRODUCT_NAMES["product_id"],
    "reviews": REVIEW_NAMES["product_id"],
    "activity": ACTIVITY_NAMES["user_id"],
}


def _key_of(line: Line, row: dict[str, Json]) -> bytes:
    known, _ = split(row, {"key": _KEY_NAMES[line.part]})
    try:
        return (fields.identifier(known.get("key")) or line.place).encode()
    except Unreadable:
        return line.place.encode()


def _derived_id(kind: str, *content: str | int | None) -> str:
    return f"{kind}-{hashlib.sha256(json.dumps(content).encode()).hexdigest()[:20]}"


def _places(error: ValidationError) -> str:
    found = error.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found)[:500]
