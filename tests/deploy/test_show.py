"""What a message looks like, to eyes and to programs."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console

from deploy.show import Shown, json_line, panel
from schemas.codec import ErrorClass, Undecodable
from schemas.ledger import DeadLetter
from schemas.outputs import ProductDescription
from schemas.provenance import Claim, Evidence
from schemas.record import Record
from tests import factories

_WITHDRAWN = Shown("product-descriptions", 2, 17, factories.NOW_MS, "P1|en", None)


def _of(record: Record | Undecodable) -> Shown:
    return Shown("product-descriptions", 2, 17, factories.NOW_MS, "P1|en", record)


def _text(shown: Shown) -> str:
    console = Console(width=200, file=StringIO(), record=True, color_system=None)
    console.print(panel(shown))
    return console.export_text()


def test_a_line_of_json_has_the_place_the_key_and_the_whole_value() -> None:
    line = json.loads(json_line(_of(factories.description())))
    assert ProductDescription.model_validate(line.pop("value")) == factories.description()
    assert line == {
        "topic": "product-descriptions",
        "partition": 2,
        "offset": 17,
        "timestamp_unix_ms": factories.NOW_MS,
        "key": "P1|en",
    }


def test_a_withdrawn_text_is_a_null_and_says_so() -> None:
    assert json.loads(json_line(_WITHDRAWN))["value"] is None
    assert "withdrawn" in _text(_WITHDRAWN)


def test_bytes_and_amounts_fit_into_json() -> None:
    letter = DeadLetter(
        topic="t", partition=0, offset=1, timestamp_unix_ms=1, key=b"\xff", value=b"\x00\xff", error_class="x",
        error="y", attempts=1, failed_by="z", failed_unix_ms=1,
    )  # fmt: skip
    assert json.loads(json_line(_of(letter)))["value"]["value"] == "AP8="
    assert json.loads(json_line(_of(factories.product(price="9.90"))))["value"]["price"]["amount"] == "9.9000"


def test_bytes_that_are_no_record_are_shown_with_their_error() -> None:
    bad = _of(Undecodable(ErrorClass.TRUNCATED, "ends too early"))
    assert json.loads(json_line(bad))["error_class"] == "truncated"
    assert "truncated: ends too early" in _text(bad)


def test_a_text_is_shown_with_who_wrote_it_and_its_evidence() -> None:
    text = _text(_of(factories.description()))
    for part in (
        "Harbour Fleece Jacket",
        "by model (smollm2-135m-instruct)",
        "'fleece' <- attributes.material: Fleece",
    ):
        assert part in text


def test_evidence_is_one_line_a_field_however_often_it_is_used() -> None:
    claims = tuple(
        Claim(text=text, kind="name", source="title", value="Fleece Jacket") for text in ("Fleece", "fleece")
    )
    evidence = tuple(Evidence(sentence="s", claims=claims) for _ in range(3))
    provenance = factories.provenance(evidence=evidence)
    text = _text(_of(factories.description().model_copy(update={"provenance": provenance})))
    assert text.count("title: Fleece Jacket") == 1
    assert "'Fleece' <- title: Fleece Jacket" in text


@pytest.mark.parametrize(
    ("record", "parts"),
    [
        (factories.summary(), ("4.5 of 5 in 2 reviews", "+ Warm (R1, R2)", "- The zip sticks (R1)")),
        (factories.recommendation(), ("For you", "Cove Beanie: You viewed a jacket")),
        (factories.reply(), ("It is made of fleece and polyester.",)),
        (
            factories.reply().model_copy(update={"handover": True, "handover_reason": "an order"}),
            ("handed over: an order",),
        ),
    ],
)
def test_every_kind_of_copy_is_shown(record: Record, parts: tuple[str, ...]) -> None:
    assert all(part in _text(_of(record)) for part in parts)


def test_a_text_can_neither_steer_the_terminal_nor_turn_its_direction() -> None:
    hostile = factories.description().model_copy(update={"body": "a\x1b[2Jb\u202ec\x9b1m[red]d\rX"})
    assert "a[2Jbc1m[red]dX" in _text(_of(hostile))
