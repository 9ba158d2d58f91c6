"""The same question is known in other small words, in each of the shops' languages, and another one never is."""

# ruff: noqa: RUF001  (questions in Chinese)

from __future__ import annotations

import pytest

from streams.wording import asked, is_alike, telling


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is the lid dishwasher safe?", "is this lid dishwasher-safe"),
        ("Ist der Griff abnehmbar?", "Hallo, ist dieser Griff abnehmbar"),
        ("Kann man die Taschen waschen?", "Kann ich die Tasche waschen?"),
        ("Wie groß ist der Becher?", "Wie groß sind die Becher?"),
        ("Est-ce que le couvercle est lavable ?", "Le couvercle est lavable?"),
        ("L\u2019eau peut-elle bouillir ?", "L'eau peut bouillir, svp ?".replace(", svp", "")),
        ("Combien de poches ?", "Combien de poche ?"),
        ("\u00bfTiene puertos USB?", "Hola, \u00bftiene un puerto USB?"),
        ("\u00bfCuánto pesa la mochila?", "Cuánto pesa esta mochila, por favor"),
        ("请问这个杯子防水吗？", "这个杯子防水吗"),
        ("杯子防不防水？", "杯子防水吗？"),
        ("这款包有没有口袋？", "这款包有口袋吗"),
    ],
)
def test_small_words_and_endings_make_no_other_question(one: str, other: str) -> None:
    assert asked(one) == asked(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ist der Griff abnehmbar?", "Ist der Griff nicht abnehmbar?"),
        ("Wie groß ist der Becher?", "Wie schwer ist der Becher?"),
        ("Passt ein Laptop mit 13 Zoll?", "Passt ein Laptop mit 15 Zoll?"),
        ("Mit Zucker?", "Ohne Zucker?"),
        ("Ist es Leder?", "Ist es LED?"),
        ("Le couvercle est lavable ?", "Le couvercle n'est pas lavable ?"),
        ("Combien de poches ?", "Quelles poches ?"),
        ("\u00bfEs de plata?", "\u00bfEs de plato?"),
        ("\u00bfPierde agua?", "\u00bfNo pierde agua?"),
        ("\u00bfCon cable?", "\u00bfSin cable?"),
        ("杯子防水吗？", "杯子不防水吗？"),
        ("杯子多重？", "杯子多大？"),
        ("有2个口袋吗？", "有3个口袋吗？"),
    ],
)
def test_denials_numbers_and_what_is_asked_for_make_another_question(one: str, other: str) -> None:
    assert asked(one) != asked(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ist der Deckel spülmaschinenfest?", "Ist der Deckel auch nicht spülmaschinenfest?"),
        ("Le couvercle va au lave-vaisselle ?", "Le couvercle ne va pas au lave-vaisselle ?"),
        ("\u00bfLa tapa va al lavavajillas?", "\u00bfLa tapa no va al lavavajillas?"),
        ("盖子可以放洗碗机吗", "盖子不可以放洗碗机吗"),
    ],
)
def test_a_question_that_denies_is_never_shown_as_one_with_its_opposite(one: str, other: str) -> None:
    assert not is_alike(asked(one), asked(other))


def test_near_duplicates_are_found_in_each_language() -> None:
    for one, other in (
        ("Ist der Deckel in der Spülmaschine waschbar?", "Kann der Deckel in die Spülmaschine, ist er waschbar?"),
        ("Le couvercle passe au lave-vaisselle ?", "Est-ce que le couvercle passe bien au lave-vaisselle ?"),
        ("\u00bfLa tapa es apta para lavavajillas?", "\u00bfLa tapa es apta para el lavavajillas, hola?"),
        ("盖子可以放进洗碗机吗？", "请问盖子能放洗碗机吗？"),
    ):
        assert is_alike(asked(one), asked(other))


@pytest.mark.parametrize("text", ["Wie viel?", "Comment ?", "\u00bfCuánto es?", "多少？", "Und was ist das?"])
def test_a_question_of_small_words_alone_names_nothing(text: str) -> None:
    assert not telling(asked(text))
