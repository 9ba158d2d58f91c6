"""Augmentation: other words, units and orders, and still the same facts."""

from __future__ import annotations

from random import Random

from schemas.events import ProductFacts
from training.augment import AUGMENTATIONS, converted, dropped, paraphrased, shuffled

DICE = Random(3)  # noqa: S311


def product(**attributes: tuple[str, ...]) -> ProductFacts:
    return ProductFacts(product_id="P", title="Stool", attributes=attributes)


def test_measures_change_in_record_and_text_alike() -> None:
    changed = converted(product(height=("10 inches",), load=("200 pounds",)), "It is 10 inches high.", DICE)
    assert changed
    assert changed[0].attributes == {"height": ("25.4 cm",), "load": ("90.7 kg",)}
    assert changed[1] == "It is 25.4 cm high."


def test_a_measure_that_the_record_lacks_is_left_alone() -> None:
    assert converted(product(height=("10 inches",)), "It is 12 inches high.", DICE) is None


def test_only_what_the_text_does_not_say_is_dropped() -> None:
    changed = dropped(product(material=("Oak",), colour=("Red",)), "It is made of oak.", DICE)
    assert changed
    assert changed[0].attributes == {"material": ("Oak",)}
    assert dropped(product(material=("Oak",)), "A stool.", DICE) is None


def test_another_order_has_the_same_facts() -> None:
    some = product(a=("1x",), b=("2x",), c=("3x",))
    changed = next(found for seed in range(9) if (found := shuffled(some, "t", Random(seed))))  # noqa: S311
    assert changed[0].attributes == some.attributes
    assert list(changed[0].attributes) != list(some.attributes)


def test_a_paraphrase_says_an_attribute_and_nothing_else() -> None:
    changed = paraphrased(product(seat_colour=("Red", "Blue"), waterproof=("Yes",)), "", DICE)
    assert changed
    assert "seat colour" in changed[1]
    assert "Red and Blue" in changed[1]


def test_where_there_is_nothing_to_change_nothing_is_made() -> None:
    bare = product()
    assert [change(bare, "A stool.", DICE) for change in AUGMENTATIONS.values()] == [None] * len(AUGMENTATIONS)
