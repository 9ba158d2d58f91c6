# ruff: noqa: RUF001  (Chinese punctuation is meant)

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workers.guard.native_sentences import LANGUAGES
from workers.guard.gloss import is_native, native_texts, read_field, read_row
from workers.guard.glossary import glossary
from workers.guard.known import is_known
from workers.guard.languages import lexicon_of
from workers.guard.lexicon import VOCABULARY, lexicon
from workers.guard.text import normalise

NO_TERMS = {"attribute", "function", "number", "unit"}
LISTS = {"capitalised", "clitics", "counters", "elisions", "endings", "links", "plain", "refusal", "residue", "words"}


def glossed(text: str, language: str) -> str:
    return " ".join(token.text for token in read_row(normalise(text), language))


def terms(text: str, language: str) -> set[str]:
    found = lexicon_of(language)
    assert found is not None
    row = read_row(normalise(text), language)
    return {term.key for one in found.find(row, in_record=False) for term in one.terms}


def forms(language: str) -> Iterator[tuple[str, str, str]]:
    """Give (kind, English name, form) of every term's form that is a word of its own."""
    for file in sorted((VOCABULARY / language).glob("*.txt")):
        lines = () if file.stem in NO_TERMS | LISTS else file.read_text(encoding="utf-8").splitlines()
        for line in lines:
            name, _, listed = line.partition(":")
            own = (one.strip() for one in listed.split(",") if one.strip("- ") == one.strip())
            yield from ((file.stem, name, form.lstrip("=")) for form in own if not line.startswith("#"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_of_a_vocabulary_is_read_as_its_term(language: str) -> None:
    english = lexicon("en")
    assert english is not None
    names = {form.term.key for some in english.forms.values() for form in some}
    wrong = [
        (kind, name, form)
        for kind, name, form in forms(language)
        if f"{kind}:{name}" in names and f"{kind}:{name}" not in terms(form, language)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_of_a_vocabulary_is_english_that_the_guard_knows(language: str) -> None:
    unknown = [name for kind, name, _ in forms(language) if not terms(name, "en")]
    assert unknown == []


@pytest.mark.parametrize(
    ("language", "text", "english"),
    [
        ("de", "wasserdichte Baumwolljacken", "waterproof cotton jacket"),
        ("de", "bis zu fünfundzwanzig Stunden", "up to twenty - five hour"),
        ("de", "zwei Taschen", "two pockets"),
        ("fr", "L'acier n'est pas imperméable", "the steel is not waterproof"),
        ("fr", "des vestes blanches", "of jacket white"),
        ("es", "camisas rojas sin bolsillos", "shirt red without pockets"),
        ("zh", "不防水，有两个口袋", "not waterproof , has two pockets"),
        ("zh", "容量为500毫升", "capacity is 500 ml"),
    ],
)
def test_words_are_read_in_any_form_and_place(language: str, text: str, english: str) -> None:
    assert glossed(text, language) == english


def test_a_word_of_several_meanings_has_them_all_until_it_is_counted() -> None:
    assert terms("Eine Tasche", "de") == {"feature:pocket", "product:bag"}
    assert terms("3 Taschen", "de") == {"feature:pocket"}


def test_a_unit_is_one_only_after_a_number() -> None:
    assert glossed("5 Zoll", "de") == "5 inch"
    assert glossed("Der Zoll", "de") == "the Zoll"


def test_what_is_not_surely_german_keeps_words_that_could_be_english() -> None:
    row = read_field("Garden hose", "de", sure=False)
    assert [token.text for token in row] == ["Garden", "hose"]


def test_the_place_of_a_word_is_where_it_stands_in_the_text() -> None:
    text = "Die Baumwolljacke"
    assert [text[token.start : token.end] for token in read_row(text, "de")] == [
        "Die",
        "Baumwolljacke",
        "Baumwolljacke",
    ]


def test_a_records_short_values_are_in_the_language_of_the_rest() -> None:
    assert is_native("Rot", "de") is None
    assert native_texts(("Rot", "Eine Jacke für den Sommer"), "de") == (True, True)
    assert native_texts(("Rot", "A jacket for the summer"), "de") == (False, False)


@pytest.mark.parametrize(
    ("language", "word"), [("de", "Lieblingsbegleiter"), ("es", "disfrútela"), ("fr", "découvrez"), ("en", "discover")]
)
def test_words_of_a_language_are_known_in_their_forms(language: str, word: str) -> None:
    assert is_known(word, language)
    assert not is_known("Zephyrion", language)


def test_a_language_without_vocabularies_has_no_glossary() -> None:
    assert glossary("it") is None
    assert glossary("en") is None
    assert glossary("../de") is None
