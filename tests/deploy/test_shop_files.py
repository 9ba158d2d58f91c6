"""A shop's files as events."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.shop_files import Reading, Refused, ShopEvent, events
from deploy.shop_names import ACTIVITY_KINDS, ACTIVITY_NAMES, PRODUCT_NAMES, REVIEW_NAMES, Names
from schemas.events import Activity, Product, Review

_AGE_MS = 1_700_000_000_000
_PLAIN = Reading()


def _write(folder: Path, part: str, *rows: Mapping[str, object] | bytes) -> Path:
    path = folder / f"{part}.jsonl"
    path.write_bytes(b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows))
    os.utime(path, ns=(_AGE_MS * 1_000_000, _AGE_MS * 1_000_000))
    return folder


def _records(folder: Path, reading: Reading = _PLAIN) -> list[Product | Review | Activity | None]:
    found = list(events(folder, reading))
    assert [each for each in found if isinstance(each, Refused)] == []
    return [each.record for each in found if isinstance(each, ShopEvent)]


def _refusal(folder: Path, reading: Reading = _PLAIN) -> Refused:
    (found,) = events(folder, reading)
    assert isinstance(found, Refused)
    return found


def test_a_product_is_read_under_its_usual_other_names(tmp_path: Path) -> None:
    row: dict[str, object] = {
        "sku": "P1",
        "name": "Caf&eacute; table",
        "manufacturer": {"name": "Oak &amp; Co"},
        "category": "Home > Tables",
        "price": "49,90 €",
        "specs": {"size": {"width": "50 cm"}},
        "body_html": "<p>Round.</p><p>Oiled.</p>",
        "image": "/a.jpg",
        "version": 7,
        "color": "brown",
        "upsell": ["P2"],
    }
    (product,) = _records(_write(tmp_path, "products", row))
    assert isinstance(product, Product)
    assert product.model_dump(exclude={"price", "updated_unix_ms"}) == {
        "product_id": "P1",
        "title": "Café table",
        "brand": "Oak & Co",
        "categories": ("Home/Tables",),
        "attributes": {"color": ("brown",), "size.width": ("50 cm",)},
        "description": "Round.\nOiled.",
        "source_version": 7,
        "images": ("/a.jpg",),
    }


def test_a_review_is_read_under_its_usual_other_names(tmp_path: Path) -> None:
    row: dict[str, object] = {"sku": "P1", "stars": "4", "title": "Fine", "text": "<b>Good</b>", "reviewer": "Mo"}
    (review,) = _records(_write(tmp_path, "reviews", row))
    assert isinstance(review, Review)
    assert (review.product_id, review.rating, review.body, review.author) == ("P1", 4, "Good", "Mo")


def test_an_activity_is_read_under_its_usual_other_names(tmp_path: Path) -> None:
    row: dict[str, object] = {"visitor_id": 12, "event": "add-to-cart", "timestamp": 1_777_881_600, "item_id": 9}
    (activity,) = _records(_write(tmp_path, "activity", row))
    assert isinstance(activity, Activity)
    assert (activity.user_id, activity.kind, activity.product_id) == ("12", "cart", "9")
    assert activity.occurred_unix_ms == 1_777_881_600_000


@pytest.mark.parametrize(
    ("part", "row", "key", "reason"),
    [
        ("products", b"{", b"products.jsonl:1", "not JSON"),
        ("products", {"title": "x"}, b"products.jsonl:1", "product_id is missing"),
        ("products", {"sku": "P1"}, b"P1", "title is missing"),
        ("products", {"sku": ["P1"], "title": "x"}, b"products.jsonl:1", "an id is"),
        ("products", {"sku": "P1", "title": "x", "price": "ask us"}, b"P1", "not an amount"),
        ("products", {"sku": "P1", "title": "x" * 1001}, b"P1", "title: String should have at most 1000"),
        ("products", {"sku": "P1", "title": "x", "version": "new"}, b"P1", "not a whole number"),
        ("reviews", {"sku": "P1", "rating": 9}, b"P1", "stars from 1 to 5"),
        ("reviews", {"sku": "P1", "text": "x"}, b"P1", "rating is missing"),
        ("reviews", {"rating": 4}, b"reviews.jsonl:1", "product_id is missing"),
        ("activity", {"user": "u", "kind": "fly"}, b"u", "kind 'fly' is none of"),
        ("activity", {"kind": "view", "sku": "P1"}, b"activity.jsonl:1", "user_id is missing"),
        ("activity", {"user": "u", "kind": "question"}, b"u", "a question needs its text"),
        ("activity", {"user": "u", "kind": "view"}, b"u", "a view needs its product_id"),
        ("activity", {"user": "a@b.example", "kind": "view", "sku": "P1"}, b"a@b.example", "give a pseudonym"),
        ("products", b'{"sku": "P1", "a": "' + b"x" * 1_100_000 + b'"}', b"products.jsonl:1", "bytes, at most"),
    ],
)
def test_a_line_that_is_no_event_is_refused_with_its_number_and_the_reason(
    tmp_path: Path, part: str, row: Mapping[str, object] | bytes, key: bytes, reason: str
) -> None:
    refused = _refusal(_write(tmp_path, part, row))
    assert (refused.line.place, refused.key) == (f"{part}.jsonl:1", key)
    assert reason in refused.reason


def test_unknown_fields_are_refused_when_asked_for(tmp_path: Path) -> None:
    folder = _write(tmp_path, "products", {"sku": "P1", "title": "x", "weight": None, "colour": "red"})
    assert _refusal(folder, Reading(strict=True)).reason == "unknown fields: colour"


def test_a_deleted_product_is_a_null(tmp_path: Path) -> None:
    assert _records(_write(tmp_path, "products", {"sku": "P1", "deleted": True})) == [None]


def test_lines_without_versions_count_up_from_the_file_s_age(tmp_path: Path) -> None:
    rows = [{"sku": sku, "title": "x"} for sku in ("P1", "P2", "P1")]
    versions = [
        each.source_version for each in _records(_write(tmp_path, "products", *rows)) if isinstance(each, Product)
    ]
    assert versions == [_AGE_MS, _AGE_MS, _AGE_MS + 1]


def test_the_time_of_a_change_is_a_version(tmp_path: Path) -> None:
    (product,) = _records(
        _write(tmp_path, "products", {"sku": "P1", "title": "x", "updated_at": "2026-05-04T08:00:00Z"})
    )
    assert isinstance(product, Product)
    assert product.source_version == product.updated_unix_ms == 1_777_881_600_000


def test_the_same_review_without_an_id_is_the_same_review(tmp_path: Path) -> None:
    one, other = {"sku": "P1", "rating": 4, "text": "Good"}, {"sku": "P1", "rating": 4, "text": "Bad"}
    found = [each for each in _records(_write(tmp_path, "reviews", one, one, other)) if isinstance(each, Review)]
    assert found[0] == found[1]
    assert found[0].review_id != found[2].review_id


def test_products_come_first_and_activity_in_the_order_of_time(tmp_path: Path) -> None:
    step = {"user": "u", "kind": "view", "sku": "P1"}
    _write(tmp_path, "activity", step | {"id": "late", "time": 200}, step | {"id": "early", "time": 100})
    _write(tmp_path, "reviews", {"id": "R1", "sku": "P1", "rating": 5})
    _write(tmp_path, "products", {"sku": "P1", "title": "x"})
    product, review, *steps = _records(tmp_path)
    assert isinstance(product, Product)
    assert isinstance(review, Review)
    assert [step.activity_id for step in steps if isinstance(step, Activity)] == ["early", "late"]


def test_the_first_products_bring_only_what_concerns_them(tmp_path: Path) -> None:
    _write(tmp_path, "products", *({"sku": sku, "title": "x"} for sku in ("P1", "P2", "P1", "P3")))
    _write(tmp_path, "reviews", *({"sku": sku, "rating": 5} for sku in ("P3", "P1")))
    _write(tmp_path, "activity", {"user": "u", "kind": "search", "q": "x"}, {"user": "u", "kind": "view", "sku": "P2"})
    found = [each for each in _records(tmp_path, Reading(first_products=2)) if each is not None]
    assert [(type(each).__name__, each.product_id) for each in found] == [
        ("Product", "P1"),
        ("Product", "P2"),
        ("Product", "P1"),
        ("Review", "P1"),
        ("Activity", "P2"),
    ]


def test_blank_lines_and_a_byte_order_mark_are_no_events(tmp_path: Path) -> None:
    folder = _write(tmp_path, "products", b'\xef\xbb\xbf{"sku": "P1", "title": "x"}', b"", b"  ")
    assert len(_records(folder)) == 1


@pytest.mark.parametrize("names", [PRODUCT_NAMES, REVIEW_NAMES, ACTIVITY_NAMES, ACTIVITY_KINDS])
def test_every_accepted_name_is_in_the_documentation(names: Names) -> None:
    page = (Path(__file__).parents[2] / "docs" / "feed.md").read_text()
    for field, accepted in names.items():
        row = f"| {'(none)' if field == 'links' else f'`{field}`'} | {', '.join(f'`{name}`' for name in accepted)} |"
        assert row in page
