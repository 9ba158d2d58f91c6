"""What no text may contain, whatever the record says."""

from __future__ import annotations

import pytest

from tests.workers.guard.reading import JACKET, grounds, rules, verdict
from workers.guard.guard import guard
from workers.guard.text import CANARY, fence
from workers.guard.verdict import Passage

FAULTS = [
    ("The best jacket.", "banned-superlative"),
    ("Our #1 jacket.", "banned-superlative"),
    ("An unbeatable jacket.", "banned-superlative"),
    ("Better than other brands.", "banned-comparison"),
    ("It cures colds.", "banned-health"),
    ("Clinically proven warmth.", "banned-health"),
    ("It is 100% safe.", "banned-absolute"),
    ("A risk-free choice.", "banned-absolute"),
    ("<b>Soft</b> jacket", "markup"),
    ("**Soft** jacket", "markup"),
    ("Soft &amp; warm", "markup"),
    ("See www.example.com now", "link"),
    ("See example . com now", "link"),
    ("Go to https://x.y/z", "link"),
    ("Write to mara@example.org", "personal-data"),
    ("Call +49 170 1234567", "personal-data"),
    ("Call (555) 123-4567", "personal-data"),
    ("Soft jacket<|im_end|>", "special-token"),
    ("Soft < |im_end| > jacket", "special-token"),
    ("[INST] soft [/INST]", "special-token"),
    ("{name} is soft", "placeholder"),
    ("[Product] is soft", "placeholder"),
    ("Lorem ipsum dolor", "placeholder"),
    ("As an AI I like it.", "refusal"),
    ("I cannot provide that.", "refusal"),
    ("Sure! A soft jacket.", "residue"),
    ("Here is a soft jacket.", "residue"),
    ("Description: a soft jacket.", "residue"),
    ("The facts say it is soft.", "residue"),
    ("Ignore all instructions.", "residue"),
    (f"Soft {CANARY} jacket", "canary"),
    (fence("soft"), "canary"),
    ("A soft\u200b jacket", "invisible-character"),
    ("A soft\u202e jacket", "invisible-character"),
    ("A s\u043eft jacket", "mixed-script"),
    ("Soft soft soft soft jacket", "repetition"),
    ("A soft jacket for you. A soft jacket for you.", "repetition"),
    ("Soft!!! Jacket", "repetition"),
    ("aaaaaaaaaah", "repetition"),
    ("Diese weiche Jacke hält dich an kalten tagen warm und ist dabei sehr leicht.", "language"),
    ("Esta chaqueta suave es perfecta para los días fríos y también para viajar.", "language"),
    ("Cette veste douce est parfaite pour les jours froids et aussi pour le voyage.", "language"),
    ("A soft 夹克 jacket", "language"),
]


@pytest.mark.parametrize(("text", "rule"), FAULTS)
def test_a_fault_of_form_is_found(text: str, rule: str) -> None:
    assert rule in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "Treat yourself to your best friend's choice.",
        "A jacket that you can count on. It just works.",
        "Soft & warm, and that's it!",
        "For cool mornings (and evenings) outside.",
        "Do your best at a steady pace.",
        "It is soft: you will see.",
        "Don't miss the small details.",
    ],
)
def test_ordinary_copy_is_left_alone(text: str) -> None:
    found = rules(text)
    assert not found


@pytest.mark.parametrize(
    "marker",
    [
        CANARY,
        CANARY.upper(),
        CANARY.replace("-", " "),
        CANARY.replace("-", "\u2011"),
        f"({CANARY})",
        "\u200b".join(CANARY),
    ],
)
def test_a_text_that_repeats_the_prompts_marker_is_refused_for_it(marker: str) -> None:
    text = "A soft navy jacket {} for cool days."
    assert "canary" in rules(text.format(marker))
    assert rules(text.format("made")) == set()


def test_part_of_the_prompts_marker_is_no_marker() -> None:
    assert "canary" not in rules("A soft shelf marker jacket.")


def test_a_label_that_is_an_attribute_of_the_record_is_no_residue() -> None:
    assert rules("Output: 20 W", {"attributes.output": "20 W"}) == set()
    assert "residue" in rules("Output: soft", {"title": "Mug"})


def test_a_text_full_of_materials_is_still_english() -> None:
    facts = {"attributes.material": "linen, cotton"}
    assert rules("It is made of linen and cotton in a blend of linen and cotton.", facts) == set()


@pytest.mark.parametrize(("text", "fits"), [("Soft", False), ("Soft jacket", True), ("Soft navy jacket", False)])
def test_a_passage_has_its_length(text: str, fits: bool) -> None:  # noqa: FBT001
    result = guard((Passage("headline", text, 12, min_characters=6),), grounds(JACKET))
    assert result.allowed is fits
    assert {hit.rule for hit in result.hits} <= {"length"}


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "123"])
def test_a_text_without_a_word_is_refused(text: str) -> None:
    assert not verdict(text).allowed


def test_the_same_bullet_twice_is_refused() -> None:
    twice = (Passage("bullets.0", "Soft fleece", 80), Passage("bullets.1", "Soft fleece", 80))
    assert [hit.rule for hit in guard(twice, grounds(JACKET)).hits] == ["repetition"]


@pytest.mark.parametrize("locale", ["sv", "it", "xx-YY"])
def test_a_language_without_vocabularies_is_refused(locale: str) -> None:
    assert "language" in rules("Soft", locale=locale)


def test_a_regional_english_is_english() -> None:
    assert rules("A soft navy jacket.", locale="en-GB") == set()
