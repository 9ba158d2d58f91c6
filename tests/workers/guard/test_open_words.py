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
