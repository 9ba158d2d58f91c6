"""The events of a run: products with their changes, questions and reviews, and each way in which an event is bad."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass
from random import Random

import fastavro

from schemas import avsc
from schemas.codec import Codec, ErrorClass
from schemas.events import Activity, Product, Review
from schemas.topics import PRODUCT_CREATED, REVIEW_POSTED, USER_ACTIVITY, Topic
from tests.factories import NOW_MS, activity, product, review

Event = Product | Review | Activity

_PRODUCTS = 0.6
_QUESTIONS = 0.2
_UPDATES = 0.25
_REVIEWED_OF = 30
"""One product in so many events has reviews: about six. Up to ten, each one is in the next summary."""
_UNKNOWN_SCHEMA = 99_999
_OVERSIZE_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """One message to an input: the event in it, or why it must end as a dead letter."""

    topic: Topic
    key: str | None
    value: bytes | None
    event: Event | None = None
    error: ErrorClass | None = None


def shop_events(mark: str, count: int, random: Random) -> list[Event]:
    """Give so many events in the order in which a shop has them; the same mark, count and chance give the same ones."""
    events: list[Event] = []
    versions: dict[str, int] = {}
    reviewed, reviews = max(1, count // _REVIEWED_OF), 0
    for number in range(count):
        names, chance = list(versions), random.random()
        if len(names) < reviewed or chance < _PRODUCTS:
            name = random.choice(names) if names and random.random() < _UPDATES else f"{mark}-P{number}"
            versions[name] = versions.get(name, 0) + 1
            events.append(described(name, versions[name]))
        elif chance < _PRODUCTS + _QUESTIONS:
            events.append(_question(f"{mark}-Q{number}", f"{mark}-U{number % 50}", random.choice(names)))
        else:
            events.append(review(f"{mark}-R{number}", names[reviews % reviewed], posted_unix_ms=NOW_MS + number))
            reviews += 1
    return events


def _question(name: str, user: str, about: str) -> Activity:
    return activity(name, user, kind="question", product_id=about, text="Is it warm?")


def described(product_id: str, version: int, *, title: str = "Harbour Fleece Jacket") -> Product:
    """Give a version of a product of which every text is out of date with the version before."""
    return product(product_id, version=version, title=f"{title} {version}")


def sent(codec: Codec, event: Event, *, error: ErrorClass | None = None) -> Sent:
    """Give the message for an event, under its key, `error` saying why it will be dead-lettered all the same."""
    match event:
        case Product():
            topic, key = PRODUCT_CREATED, event.product_id
        case Review():
            topic, key = REVIEW_POSTED, event.product_id
        case Activity():
            topic, key = USER_ACTIVITY, event.user_id
    return Sent(topic, key, codec.encode(topic, event), event, error)


def newer_schema() -> str:
    """Give the products' schema with one more field, which has a default: readers of today can read it."""
    schema = json.loads(avsc.text_of(Product))
    schema["fields"].append({"name": "season", "type": ["null", "string"], "default": None})
    return json.dumps(schema)


def sent_newer(product: Product, schema_id: int) -> Sent:
    """Give the message of a shop that already writes with the newer schema, registered under this id."""
    body = io.BytesIO()
    body.write(struct.pack(">bI", 0, schema_id))
    fastavro.schemaless_writer(body, avsc.parse(newer_schema()), product.model_dump() | {"season": "autumn"})
    return Sent(PRODUCT_CREATED, product.product_id, body.getvalue(), product)


def bad_events(codec: Codec, mark: str) -> list[Sent]:
    """Give a message of each kind that is no event; its bytes or its key bear the mark."""
    name = f"{mark}-P"
    good = codec.encode(PRODUCT_CREATED, product(name))
    about = codec.encode(REVIEW_POSTED, review(product_id=name))
    unknown = struct.pack(">bI", 0, _UNKNOWN_SCHEMA) + good[5:]
    return [
        Sent(PRODUCT_CREATED, name, b"no magic " + name.encode(), error=ErrorClass.BAD_MAGIC_BYTE),
        Sent(PRODUCT_CREATED, name, good[:-9], error=ErrorClass.TRUNCATED),
        Sent(PRODUCT_CREATED, name, unknown, error=ErrorClass.UNKNOWN_SCHEMA_ID),
        Sent(PRODUCT_CREATED, name, about, error=ErrorClass.WRONG_SCHEMA),
        Sent(PRODUCT_CREATED, name, good + bytes(_OVERSIZE_BYTES), error=ErrorClass.TOO_LARGE),
        # A compacted topic takes no null key, so it cannot happen to a product.
        Sent(REVIEW_POSTED, None, about, error=ErrorClass.NULL_KEY),
        Sent(PRODUCT_CREATED, name, good.replace(b"Harbour", b"Harb\xff\xfer"), error=ErrorClass.BAD_UTF8),
        Sent(PRODUCT_CREATED, f"{mark}-other", good, error=ErrorClass.KEY_MISMATCH),
        Sent(REVIEW_POSTED, name, None, error=ErrorClass.NULL_VALUE),
        Sent(USER_ACTIVITY, f"{mark}-U", b"", error=ErrorClass.BAD_MAGIC_BYTE),
    ]
