"""A claim passes when the record makes it, and only then."""

from __future__ import annotations

import pytest

from tests.workers.guard.reading import JACKET, allowed, rules, verdict
from workers.guard.guard import guard
from workers.guard.verdict import Grounds, Passage, Source


@pytest.mark.parametrize(
    "text",
    [
        "A soft navy fleece jacket.",
        "A blue jacket for cool days.",
        "This outerwear is breathable.",
        "It is not waterproof.",
        "Wear it over a tee, or pair it with jeans.",
        "Northwind made it of polyester.",
        "The Harbour Fleece Jacket costs 57 EUR.",
        "A NAVY JACKET",
        "Harbour Fleece Jacket: Soft and Easy for Cool Mornings",
    ],
)
def test_what_the_record_says_is_allowed(text: str) -> None:
    assert verdict(text).hits == ()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("A cotton jacket.", "unsupported-material"),
        ("A red jacket.", "unsupported-colour"),
        ("A warm hoodie.", "unsupported-product"),
        ("This parka keeps you warm.", "unsupported-product"),
        ("A waterproof jacket.", "unsupported-feature"),
        ("It is water-resistant.", "unsupported-feature"),
        ("It is not breathable.", "unsupported-feature"),
        ("It is bluesign approved.", "unsupported-certification"),
        ("Made in Italy.", "unsupported-origin"),
        ("A jacket for men.", "unsupported-audience"),
        ("With free shipping.", "unsupported-offer"),
        ("An eco-friendly jacket.", "unsupported-green"),
        ("As good as nike.", "unsupported-brand"),
        ("As good as N\u0456ke.", "unsupported-brand"),
        ("With CoolTech inside.", "unsupported-name"),
        ("The new Summit line.", "unsupported-name"),
        ("Zephyrion keeps you warm.", "unsupported-name"),
        ("Soft Jacket for Cozy Zephyrion Nights", "unsupported-name"),
    ],
)
def test_what_the_record_does_not_say_is_refused(text: str, rule: str) -> None:
    assert rule in rules(text)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("It is backed by a 2 year warranty.", {"warranty_years": "2", "warranty": "Yes"}),
        ("Woollen.", {"material": "Wool"}),
        ("A wool scarf.", {"material": "merino", "kind": "scarf"}),
        ("It has pockets.", {"details": "Zip pocket"}),
        ("It is machine washable.", {"care": "machine wash at 30 \u00b0C"}),
        ("With a hood.", {"hood": "detachable"}),
        ("For women and men.", {"target": "unisex"}),
        ("For hot summer days.", {"climate": "Warm"}),
        ("For hot summer days.", {"kind": "mug"}),
        ("It has a bold coconut flavour.", {"flavour": "Coconut"}),
        ("The weave is soft and comfortable.", {"weave_type": "Twill"}),
        ("Three drawers, one door.", {"number_of_drawers": "3", "number_of_doors": "1"}),
        ("Made for children.", {"details": "For children from 4 years. Not for children under 3 years."}),
    ],
)
def test_a_synonym_or_a_broader_word_is_supported(text: str, facts: dict[str, str]) -> None:
    assert allowed(text, **facts)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Merino.", {"material": "Wool"}),
        ("It is waterproof.", {"details": "water-resistant"}),
        ("It is waterproof.", {"details": "not waterproof"}),
        ("It is waterproof.", {"details": "Waterproof, it is not"}),
        ("It is waterproof.", {"waterproof": "No", "details": "a waterproof hood"}),
        ("It is waterproof.", {"waterproof": "n/a"}),
        ("It is wool.", {"details": "wool-free"}),
        ("It is leather.", {"material": "faux leather"}),
        ("It is silk.", {"details": "feels like silk"}),
        ("It is cotton.", {"details": "instead of cotton"}),
        ("This tee is soft.", {"details": "fits over a tee"}),
        ("It is recycled.", {"recycled_share": "0 %"}),
        ("Nothing is more waterproof.", {"waterproof": "No"}),
        ("No other coat is this waterproof.", {"waterproof": "No", "kind": "coat"}),
        ("If you want waterproof, take it.", {"waterproof": "No"}),
        ("Without a hood.", {"hood": "detachable"}),
        ("Apple makes it.", {"kind": "apple slicer"}),
        ("It is made by zephyrion.", {"kind": "mug"}),
        ("In sizes S to XXL.", {"size": "S, M"}),
        ("It has an espresso flavour.", {"flavour": "Coconut"}),
        ("The weave is open.", {"weave_type": "Twill"}),
        ("It comes with a magnetic clasp-like closure.", {"closure": "Zip"}),
        ("For hot summer days.", {"climate": "Cold, Wintry"}),
        ("For yoga and long runs.", {"sport": "Swimming"}),
    ],
)
def test_a_narrower_denied_or_only_mentioned_word_is_no_support(text: str, facts: dict[str, str]) -> None:
    assert not allowed(text, **facts)


PARTS = {"handle": "Wood", "body_material": "Stainless steel", "frame_colour": "Black", "seat_colour": "Dark red"}


@pytest.mark.parametrize(
    "text",
    [
        "It has a wooden handle and a stainless steel body.",
        "The handle is made of wood, the body of steel.",
        "A black frame and a red seat.",
        "Wood and steel in black and red.",
    ],
)
def test_what_a_part_is_made_of_is_said_of_that_part(text: str) -> None:
    assert allowed(text, **PARTS)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("It has a steel handle.", "unsupported-material"),
        ("With a steel-handle design.", "unsupported-material"),
        ("It has a wood body.", "unsupported-material"),
        ("The handle is made of stainless steel.", "unsupported-material"),
        ("A body of wood.", "unsupported-material"),
        ("A red frame.", "unsupported-colour"),
        ("The seat is black.", "unsupported-colour"),
    ],
)
def test_what_one_part_is_made_of_is_not_said_of_another(text: str, rule: str) -> None:
    assert rule in rules(text, {f"attributes.{name}": value for name, value in PARTS.items()})


def test_a_part_without_a_colour_of_its_own_has_the_colour_of_the_whole() -> None:
    assert allowed("A black strap.", colour="Black", strap="Leather")


def test_a_review_that_denies_something_does_not_silence_one_that_says_it() -> None:
    facts = {"review:R1": "Not waterproof at all.", "review:R2": "Really waterproof."}
    assert verdict("Some buyers found it waterproof.", facts).allowed


def test_each_sentence_has_its_claims_with_the_field_that_supports_them() -> None:
    first, second = verdict("A navy jacket. It weighs 0.42 kg.").evidence
    assert [(claim.text, claim.source, claim.value) for claim in first.claims] == [
        ("navy", "attributes.colour", "Navy"),
        ("jacket", "title", JACKET["title"]),
    ]
    assert [(claim.text, claim.kind, claim.source) for claim in second.claims] == [
        ("0.42 kg", "number", "attributes.weight")
    ]


def test_a_hit_says_what_to_take_out() -> None:
    (hit,) = verdict("A waterproof jacket.").hits
    assert hit.detail == "'waterproof' is not in the facts"


def test_html_entities_in_a_record_are_read_as_characters() -> None:
    assert allowed("With a \u00bc zip.", style="&frac14; zip")


def test_sizes_that_stand_one_by_one_in_the_record_may_be_listed() -> None:
    sizes = Grounds(tuple(Source("attributes.sizes", size) for size in ("XS", "S", "M")), "en")
    assert guard((Passage("body", "Sizes: XS, S, M.", 99),), sizes).allowed
    assert not guard((Passage("body", "Sizes: XS, S, M, L.", 99),), sizes).allowed
