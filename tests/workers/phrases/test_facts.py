from __future__ import annotations

import pytest

from tests import factories
from tests.workers.guard.native_sentences import LANGUAGES
from workers.guard.text import normalise
from workers.phrases.facts import native_facts, native_name, native_value


@pytest.mark.parametrize(
    ("locale", "value", "said"),
    [
        ("de-DE", "80% Cotton, 20% Polyester", "80 % Baumwolle, 20 % Polyester"),
        ("fr", "Stainless steel / Glass", "Acier inoxydable / Verre"),
        ("es", "wool and silk", "lana y seda"),
        ("zh", "80% Cotton, 20% Polyester", "80%棉、20%聚酯纤维"),
        ("de", "30.5 x 20 cm", "30,5 x 20 cm"),
        ("de", "1,200 mAh", "1.200 mAh"),
        ("fr", "12.5 inches", "12,5 pouces"),
        ("es-MX", "1,200.5 g", "1.200,5 g"),
        ("es", "yes", "sí"),
        ("en", "12.5 inches", "12.5 inches"),
    ],
)
def test_a_value_is_said_in_the_locales_words_and_numbers(locale: str, value: str, said: str) -> None:
    assert normalise(native_value(value, locale)) == said


@pytest.mark.parametrize("value", ["Two brass rings", "IP67", "USB 3.0", "Teal Mist", "S, M, L", "2XL"])
@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_value_without_a_translation_stays_as_it_is(locale: str, value: str) -> None:
    assert native_value(value, locale) == value


def test_a_word_of_two_kinds_is_said_as_its_field_means_it() -> None:
    assert native_value("gold", "fr", name="material") == "or"
    assert native_value("gold", "fr", name="colour") == "doré"


def test_a_fields_name_is_said_in_the_language_or_stays() -> None:
    assert native_name("max load", "de") == "maximale Belastung"
    assert native_name("zorp index", "de") == "zorp index"


def test_facts_that_are_german_already_stay_as_they_are() -> None:
    product = factories.product(attributes={"gewicht": ("1.200 g",), "material": ("Schurwolle",)}, description=None)
    assert native_facts(product, "de") == (("gewicht", "1.200 g"), ("material", "Schurwolle"))
