"""Words that no vocabulary has are held to the record as well, affirmed or denied."""

from __future__ import annotations

import pytest

from tests.workers.guard.reading import allowed, rules

LAMP = {
    "attributes.colour": "Teal Mist",
    "attributes.mounting": "Clip",
    "attributes.size": "Large",
    "attributes.mood": "Warm",
    "attributes.number_of_arms": "2",
    "attributes.bulb_included": "No",
    "attributes.has_dimmer_dial": "Yes",
    "description": "Clips to a shelf in seconds. The arms are not detachable. Installing it needs no tools.",
}


@pytest.mark.parametrize(
    "text",
    [
        "It comes in Teal Mist.",
        "It has a clip for mounting.",
        "A clip-on installation.",
        "The bulb is not included.",
        "It comes without a bulb.",
        "The arms cannot be detached.",
        "It has two arms and a dimmer dial.",
        "You need no tools to install it.",
        "Simply lovely, and easy to live with.",
        "You will not regret it.",
    ],
)
def test_what_the_record_has_in_any_form_or_other_words_is_allowed(text: str) -> None:
    assert rules(text, LAMP) == set()


def test_what_a_thing_fits_may_be_said_though_it_is_sold_apart() -> None:
    rail = {"description": "Compatible with Fennimore motorized engines (sold separately)."}
    assert not rules("It is compatible with Fennimore motorized engines.", rail)
    assert rules("It is not compatible with Fennimore motorized engines.", rail)
    assert rules("The engines are included.", rail)


def test_a_value_beside_its_attributes_name_is_held_to_the_record_though_elsewhere_it_is_idle_talk() -> None:
    keyboard = {"attributes.keyboard_description": "Multimedia"}
    assert rules("It has a gaming keyboard.", keyboard)
    assert not rules("A multimedia keyboard for gaming.", keyboard)


def test_nothing_of_something_is_said_in_numbers_or_in_words() -> None:
    bar = {"attributes.fat_total": "0 g", "attributes.protein": "4 g"}
    assert not rules("It has no fat.", bar)
    assert not rules("Zero fat.", bar)
    assert rules("It has no protein.", bar)
    assert rules("Zero protein.", bar)


def test_a_sentence_of_the_description_stands_unless_a_field_denies_something_in_it() -> None:
    said = "After all, no hiker can resist a warm waterproof lining."
    tank = {"attributes.sale": "No", "description": said}
    assert not rules(said, tank)
    assert rules(said, {**tank, "attributes.waterproof": "No"})


@pytest.mark.parametrize(
    "text",
    [
        "It comes in Coral Haze.",
        "It has a suction cup.",
        "It has a barometer and an alarm.",
        "The bulb is included.",
        "It comes with a bulb.",
        "It does not have a dimmer dial.",
        "It has no clip.",
        "The clip is not included.",
        "The arms are detachable.",
        "It clips to a shelf. It does not.",
        "This is a small one.",
        "The mood is cool.",
        "It has one arm.",
        "The capital of France is Paris.",
    ],
)
def test_what_the_record_lacks_or_says_otherwise_is_refused(text: str) -> None:
    assert rules(text, LAMP)


def test_a_denial_holds_to_the_end_of_its_list() -> None:
    facts = {"allergens": "no eggs, nuts, milk or wheat"}
    assert allowed("It has no nuts or wheat.", **facts)
    assert not allowed("It contains wheat.", **facts)


def test_a_name_of_an_attribute_is_no_ground_for_one_of_its_values() -> None:
    assert not allowed("The stove burns petrol.", kind="stove", gas_type="Propane")
    assert not allowed("It comes in a jar.", container_type="Tube")


def test_a_value_of_size_or_class_rules_out_its_opposite() -> None:
    assert not allowed("With a narrow brim and long life.", brim="Wide")
    assert allowed("With a narrow brim and long life.", brim="Narrow")


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("For ages 8 and up.", {"age_range": "8 years and up"}),
        ("It holds 480 screws.", {"details": "480 long and short screws"}),
        ("Four grey bolts, 6 cm long.", {"details": "four 6 cm long grey bolts"}),
        ("It seats five.", {"seating_capacity": "5"}),
        ("It is rated 3.2.", {"load_rating": "3.2 amps"}),
        ("It has short sleeves.", {"sleeve.type": "short_sleeve"}),
        ("It is high-waisted.", {"waist.style": "High"}),
    ],
)
def test_counts_and_attributes_are_read_as_they_are_said(text: str, facts: dict[str, str]) -> None:
    assert allowed(text, **facts)


def test_a_count_of_one_thing_is_no_count_of_another() -> None:
    assert not allowed("It has three pockets.", details="two pockets and three buttons")
    assert not allowed("It has two buttons.", details="two pockets and three buttons")


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("It is worked by a foot pedal or touch.", {"control": "Foot pedal and voice"}),
        ("It comes with a rope and a case.", {"parts": "Rope, hook"}),
        ("It is mounted with a twist-on.", {"mounting": "Clamp"}),
        ("The rim is clear.", {"rim_colour": "Grey"}),
        ("These are for work wear.", {"lifestyle": "Travel"}),
        ("The shell type is firm and it weighs 2 kg.", {"shell_type": "Padded", "weight": "2 kg"}),
    ],
)
def test_an_idle_word_in_the_place_of_a_value_needs_the_record(text: str, facts: dict[str, str]) -> None:
    assert not allowed(text, **facts)


@pytest.mark.parametrize(
    "facts",
    [{"description": "Made in our own workshop. Italian leather."}, {"origin": "Made in Portugal", "hide": "Italian"}],
)
def test_a_place_is_no_ground_for_saying_that_a_thing_is_made_there(facts: dict[str, str]) -> None:
    assert not allowed("Made in Italy.", **facts)


@pytest.mark.parametrize(
    "facts", [{"description": "Sewn in Italy and Spain."}, {"country_of_origin": "Italy"}, {"details": "Italian-made"}]
)
def test_a_place_of_making_is_supported_where_the_record_says_it_of_that(facts: dict[str, str]) -> None:
    assert allowed("Made in Italy.", **facts)


def test_what_a_record_says_comes_apart_may_be_said_not_to_be_included() -> None:
    facts = {"details": "Powered by a 12 V adapter (not included)."}
    assert allowed("The adapter is not included.", **facts)
    assert not allowed("It works without an adapter.", **facts)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("It comes in a jar.", {"container_type": "Bottle"}),
        ("A paperback.", {"binding": "Hardcover"}),
        ("It is square.", {"shape": "Rectangular"}),
        ("For toddlers.", {"age_group": "Child"}),
    ],
)
def test_one_of_two_narrower_words_is_no_ground_for_the_other(text: str, facts: dict[str, str]) -> None:
    assert not allowed(text, **facts)


def test_a_narrower_word_is_ground_for_the_broader_one() -> None:
    assert allowed("It comes in a container.", container_type="Bottle")
    assert allowed("It has a metal lid.", lid="Steel")


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("It does not have a pull handle.", {"handle_type": "Pull handle"}),
        ("It does not need full sun.", {"sunlight": "Full sun"}),
        ("The lid can not flip up.", {"description": "The lid can flip up."}),
        ("It is not meant to be used while hiking.", {"sport": "Hiking"}),
        ("It does not have one handle.", {"number_of_handles": "1"}),
        ("The price is not $30.", {"description": "It has a price of $30."}),
        ("It works without other tubes.", {"description": "It works with other tubes."}),
        ("It runs with no operating system.", {"platform": "Linux"}),
    ],
)
def test_what_the_record_affirms_may_not_be_denied_in_idle_words(text: str, facts: dict[str, str]) -> None:
    assert not allowed(text, **facts)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("The cards are identical.", {"description": "The cards are not identical, but alike."}),
        ("It has an operating system.", {"platform": "No operating system"}),
        ("There is a chain.", {"chain_type": "no-chain-type"}),
        (
            "The adapter is included.",
            {"description": "Powered by four batteries (not included) or adapter (not included)."},
        ),
    ],
)
def test_what_the_record_only_denies_may_not_be_affirmed_in_idle_words(text: str, facts: dict[str, str]) -> None:
    assert not allowed(text, **facts)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("It has a point type collar.", {"collar_style": "Mandarin"}),
        ("It has a twist on type fastener.", {"fastener_type": "Clip on"}),
        ("The wide is 4 cm long.", {"belt.width": "4 cm", "belt.style": "Ratchet belt"}),
        ("The belt is wide.", {"belt.width": "4 cm", "belt.style": "Ratchet belt"}),
    ],
)
def test_an_idle_word_used_as_a_kind_of_thing_needs_the_record(text: str, facts: dict[str, str]) -> None:
    assert not allowed(text, **facts)


def test_a_sentence_that_the_record_has_word_for_word_is_allowed() -> None:
    said = "The steering wheel has no connection to the wheels."
    assert allowed(said, description=f"It rolls well. {said} It has a horn.")
    assert not allowed("Nothing is more waterproof.", description="Nothing is more waterproof.")
    assert not allowed(said.replace("no", "a"), description=f"It rolls well. {said} It has a horn.")


def test_a_denying_attribute_outweighs_a_sentence_of_the_description() -> None:
    assert not allowed("The coat is fully waterproof.", description="The coat is fully waterproof.", waterproof="No")


def test_instructions_that_the_record_has_may_be_named() -> None:
    assert allowed("It comes with the instructions.", description="It comes with instructions.")
    assert not allowed("It follows the instructions.", description="It comes with a lamp.")
