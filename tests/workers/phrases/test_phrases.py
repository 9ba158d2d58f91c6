from __future__ import annotations

from string import Formatter

import pytest

from workers.guard.guard import guard
from workers.guard.verdict import Grounds, Passage, Source
from workers.phrases.phrases import FOLDER, Phrases, phrases

LANGUAGES = tuple(sorted(file.stem for file in FOLDER.glob("*.txt")))


def language(code: str) -> Phrases:
    found = phrases(code)
    assert found is not None
    return found


def parts(text: str) -> list[str]:
    return sorted(part for _, part, _, _ in Formatter().parse(text) if part)


def test_german_french_spanish_and_chinese_stand_beside_english() -> None:
    assert {"de", "en", "es", "fr", "zh"} <= set(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_language_has_every_phrase_with_the_same_parts(code: str) -> None:
    here, english = language(code).texts, language("en").texts
    assert {name: parts(text) for name, text in here.items()} == {name: parts(text) for name, text in english.items()}


@pytest.mark.parametrize("name", sorted(language("en").texts.keys() - {"no", "fact-no"}))  # they do state something
def test_our_own_english_states_nothing_that_a_record_must_have(name: str) -> None:
    text = language("en").say(name, **dict.fromkeys(parts(language("en").texts[name]), "Harbour"))
    grounds = Grounds((Source("title", "Harbour"),), "en")
    found = guard((Passage("text", text, 400),), grounds)
    assert [hit.detail for hit in found.hits if hit.rule in ("unsupported-word", "unsupported-name")] == []


def test_a_phrase_takes_its_parts_as_they_are() -> None:
    assert language("de-AT").say("fact", name="Farbe", value="{blau}") == "Farbe: {blau}"


def test_running_text_has_spaces_only_where_the_language_has_them() -> None:
    assert language("en").joined(["One.", "Two."]) == "One. Two."
    assert language("zh").joined(["一。", "二。"]) == "一。二。"
    assert language("de").joined(["a", "b"], by="between-facts") == "a; b"


def test_a_language_without_a_file_has_no_phrases() -> None:
    assert phrases("it") is None
    assert phrases("../en") is None
