from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.workers.guard.native_sentences import FALSE, LANGUAGES, TRUE, cases, grounds, native_lies, native_truths
from tests.workers.guard.records import items
from workers.guard.guard import guard
from workers.guard.verdict import Grounds, Passage, Source, Verdict

SEEDS = (1, 2)


def judged(text: str, about: Grounds) -> Verdict:
    return guard((Passage("body", text, 600),), about)


def record(*pairs: tuple[str, str], locale: str) -> Grounds:
    return Grounds(tuple(Source(field, text) for field, text in pairs), locale)


@pytest.mark.parametrize(("language", "about", "text"), cases(TRUE))
def test_what_an_english_record_says_may_be_said_in_another_language(language: str, about: str, text: str) -> None:
    assert judged(text, grounds(about, language)).hits == ()


@pytest.mark.parametrize(("language", "about", "text"), cases(FALSE))
def test_what_an_english_record_does_not_say_is_refused_in_another_language(
    language: str, about: str, text: str
) -> None:
    assert not judged(text, grounds(about, language)).allowed


@pytest.mark.parametrize("language", LANGUAGES)
def test_true_facts_of_a_whole_shop_pass_in_each_language(language: str) -> None:
    told = [(text, item.grounds()) for item in items() for text in native_truths(item, language)]
    refused = [text for text, about in told if not judged(text, Grounds(about.sources, language)).allowed]
    assert len(refused) <= len(told) // 50, refused


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_wrong_fact_of_a_whole_shop_passes_in_any_language(language: str, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    told = [(text, item.grounds()) for item in items() for text in native_lies(item, language, random)]
    assert [text for text, about in told if judged(text, Grounds(about.sources, language)).allowed] == []


@pytest.mark.parametrize(
    ("locale", "name", "value", "text"),
    [
        ("de", "Material", "Baumwolle", "Aus weicher Baumwolle."),
        ("fr", "matière", "coton", "En coton doux."),
        ("es", "material", "algodón", "De algodón suave."),
        ("zh", "材质", "纯棉", "由纯棉制成。"),
    ],
)
def test_a_record_may_be_in_the_texts_own_language(locale: str, name: str, value: str, text: str) -> None:
    assert judged(text, record((f"attributes.{name}", value), locale=locale)).allowed
    assert not judged(text, record((f"attributes.{name}", "Wool"), locale=locale)).allowed


def test_the_evidence_names_the_english_field_that_a_german_word_rests_on() -> None:
    verdict = judged("Eine Baumwolljacke.", record(("attributes.material", "Cotton"), ("title", "Jacket"), locale="de"))
    claims = {(claim.kind, claim.source, claim.value) for one in verdict.evidence for claim in one.claims}
    assert claims == {("material", "attributes.material", "Cotton"), ("product", "title", "Jacket")}


@pytest.mark.parametrize(("locale", "said"), [("de", "1.200 mAh"), ("fr", "1 200 mAh"), ("es", "1.200 mAh")])
def test_thousands_of_an_english_record_are_read_in_english(locale: str, said: str) -> None:
    about = record(("title", "The charger for your car"), ("attributes.charge", "1,200 mAh"), locale=locale)
    assert judged(said, about).allowed
    assert not judged("1,2 mAh", about).allowed


def test_a_german_noun_is_no_name_and_an_unknown_word_is_one() -> None:
    about = record(("title", "Brook Kettle"), locale="de")
    assert judged("Ein Begleiter für lange Abende mit Freunden.", about).allowed
    assert [hit.rule for hit in judged("Ein Begleiter von Zephyrion.", about).hits] == ["unsupported-name"]


def test_an_english_title_in_a_german_text_is_not_read_as_german() -> None:
    about = record(("title", "Meadow Tee"), ("categories", "Tops/Tees"), locale="de")
    assert judged("Meadow Tee auf einen Blick.", about).allowed
    assert not judged("Ein Tee für jeden Tag.", about).allowed


@pytest.mark.parametrize("locale", LANGUAGES)
def test_english_copied_from_the_record_is_no_text_in_another_language(locale: str) -> None:
    copied = "This jacket is made of cotton, and it has two pockets for your hands, so that you can take it along."
    verdict = judged(copied, record(("title", "Jacket"), ("description", copied), locale=locale))
    assert "language" in [hit.rule for hit in verdict.hits]


@pytest.mark.parametrize("written", LANGUAGES)
@pytest.mark.parametrize("asked", ["en", *LANGUAGES])
def test_a_text_is_in_the_language_that_was_asked_for_or_refused(asked: str, written: str) -> None:
    told = [text for language, about, text in cases(TRUE) if (language, about) == (written, "jacket")]
    texts = [" ".join(told[at : at + 3]) for at in range(0, len(told) - 2, 3)]
    said = ["language" in [hit.rule for hit in judged(text, grounds("jacket", asked)).hits] for text in texts]
    assert set(said) == {asked != written}


@given(text=some.text(max_size=200), language=some.sampled_from(LANGUAGES))
@settings(max_examples=200)
def test_the_guard_reads_anything_in_any_language(text: str, language: str) -> None:
    assert "guard-error" not in [hit.rule for hit in judged(text, grounds("jacket", language)).hits]
