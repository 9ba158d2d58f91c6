"""The suite of contradictions: true sentences, and the same made false, out of files of products and sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.contradiction_lies import LIES
from training.contradiction_score import EXACT, Judged, Score, as_json, scores, table
from training.contradiction_words import content, is_in_record
from training.contradictions import UNCHANGED, Case, cases
from training.nested_attributes import flat, parse

PRODUCTS = (
    {
        "sku": "T1",
        "title": "Harbour Lamp",
        "categories": ["Home/Lamps"],
        "price": "57",
        "attributes": {"material": "Brass", "finish": "Matte", "colour": "Green"},
        "description": "A green brass lamp with a cord of 3 feet. It has 2 arms.",
    },
    {
        "sku": "T2",
        "title": "Quay Stool",
        "attributes": {"material": ["Oak", "Cork"], "finish": "Waxed"},
        "description": "The oak stool carries 90 kg. Its feet are made of cork.",
    },
)
SENTENCES = (
    (
        '"shade: { material:[ { value:""Linen"" } ], width:[ { unit:inches, value:8.0 } ] }"',
        "The linen shade is 8 inches wide.",
    ),
    (
        '"shade: { material:[ { value:""Paper"" } ], width:[ { unit:inches, value:12.0 } ] }"',
        "It has a shade of paper.",
    ),
    ('"bulb_included: { value:false }"', "A bulb is not included."),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = "\n".join(json.dumps(product) for product in PRODUCTS)
    (tmp_path / "products.jsonl").write_text(lines, encoding="utf-8")
    rows = "\n".join("\t".join(row) for row in (("data", "text"), *SENTENCES))
    (tmp_path / "attribute_to_text_own.csv").write_text(rows, encoding="utf-8")
    return tmp_path


def suite(folder: Path, *, seed: int = 1) -> list[Case]:
    return list(cases(folder, seed=seed, most_per_kind=50))


def test_the_same_seed_makes_the_same_suite_and_another_another(folder: Path) -> None:
    lines = [case.line() for case in suite(folder)]
    assert lines == [case.line() for case in suite(folder)]
    assert lines != [case.line() for case in suite(folder, seed=2)]


def test_every_human_sentence_is_told_unchanged(folder: Path) -> None:
    told = [case.text for case in suite(folder) if case.kind == UNCHANGED]
    assert told[:3] == [text for _, text in SENTENCES]
    assert "It has 2 arms." in told


def test_a_lie_says_what_its_record_does_not(folder: Path) -> None:
    made = [case for case in suite(folder) if case.is_false and case.kind != "negation"]
    assert len(made) > 50
    assert all(not is_in_record(case.text, case.said.product.text()) for case in made)


def test_a_denial_is_put_in_or_taken_out(folder: Path) -> None:
    flipped = {case.said.text: case.text for case in suite(folder) if case.kind == "negation"}
    assert flipped["A bulb is not included."] == "A bulb is included."
    assert flipped["It has 2 arms."] == "It does not have 2 arms."


def test_every_kind_of_lie_but_sizes_is_made_of_two_products(folder: Path) -> None:
    assert {case.kind for case in suite(folder)} == {UNCHANGED, *LIES} - {"size"}


def test_a_line_is_what_the_check_reads(folder: Path) -> None:
    line = json.loads(next(case for case in suite(folder) if case.kind == "material").line())
    assert line.keys() == {"id", "task", "locale", "text", "kind", "expected", "in_record", "facts"}
    assert line["facts"].keys() >= {"sku", "title", "attributes", "description"}
    assert line["expected"] == "refused"


def test_nested_attributes_are_flattened_as_a_catalogue_shows_them() -> None:
    read = parse('{ unit:inches, normalized_value:{ unit:inches, value:5.1 }, value:13.0 }; { value:"A b" }')
    assert flat({"size": {"width": read}}) == {"size.width": ("5.1 inches", "13 inches", "A b")}
    assert flat({"plug": [{"value": True}], "serving_quantity": 2.0, "serving_unit": "ounces"}) == {
        "plug": ("Yes",),
        "serving_quantity": ("2 ounces",),
    }


def test_words_are_compared_without_their_endings_and_numbers_as_figures() -> None:
    assert content("It includes three printed bags of 8.0 oz.") == content("bag print 3 ounces 8")


def test_scores_have_wilson_intervals_and_false_alarms_apart() -> None:
    told = [Judged("number", false=True, in_record=False, refused=place != 0) for place in range(100)]
    told += [Judged(UNCHANGED, false=False, in_record=place < 10, refused=place in (0, 10)) for place in range(20)]
    found = {one.kind: one for one in scores(iter(told))}
    assert (found["number"].refused, found["false, exact kinds"].judged) == (99, 100)
    assert (found["true, in the record"].share, found["true, all"].share) == (0.1, 0.1)
    low, high = found["number"].interval()
    assert (round(low, 4), round(high, 4)) == (0.9455, 0.9982)
    assert json.loads(as_json(tuple(found.values())))["number"]["of"] == 100
    assert "99.00%" in table((found["number"],))


def test_of_nothing_nothing_is_known() -> None:
    assert Score("number", 0, 0).interval() == (0.0, 1.0)
    assert set(LIES) >= EXACT


def test_a_denial_is_in_no_record_without_one() -> None:
    assert is_in_record("The arms are not green.", "arms green ; not brass")
    assert not is_in_record("The arms are not green.", "arms green")
    assert not is_in_record("It is 10 inches wide.", "width 10 feet")


def test_a_value_that_may_be_true_beside_the_record_is_no_lie(tmp_path: Path) -> None:
    rows = (("seasons", "Year-round"), ("seasons", "Winter"), ("shell", "Soft"), ("shell", "Softshell"))
    lines = [
        {"sku": f"{place}", "title": "Coat", "attributes": {name: value}} for place, (name, value) in enumerate(rows)
    ]
    (tmp_path / "products.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    told = [case for case in cases(tmp_path, seed=1, most_per_kind=50) if case.kind == "enumerated"]
    assert {(case.said.text, case.text) for case in told} == {("The seasons is Winter.", "The seasons is Year-round.")}


def test_no_lie_is_made_of_a_value_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "products.jsonl").write_text('{"sku": "1", "attributes": {"body": "N/A"}}', encoding="utf-8")
    assert not [*cases(tmp_path, seed=1, most_per_kind=50)]
