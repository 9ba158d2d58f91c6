from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.guard import frames, gloss, glossary, languages
from workers.guard.guard import guard
from workers.guard.verdict import Grounds, Passage, Source

ITALIAN = {
    "material": "cotton: cotone\nwool: lana\n",
    "product": "jacket: giacca\n",
    "feature": "waterproof: impermeabile\npocket: tasca\n",
    "function": "not: non\nof: di, della\nthe: la\na: una\nhas: ha\nis: è\nand: e\nthis: questa\n",
    "number": "two: due\nthree: tre\n",
    "unit": "kg: chilogrammo, chilogrammi\n",
    "attribute": "weigh: pesa\n",
    "endings": "e>a he>a i>o\n",
    "refusal": "come intelligenza artificiale\n",
}
ASKED_ONCE = (glossary.glossary, languages.lexicon_of, frames.listed, gloss._is_english, gloss._tells)


@pytest.fixture
def italian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "it"
    folder.mkdir()
    for name, lines in ITALIAN.items():
        (folder / f"{name}.txt").write_text(lines, encoding="utf-8")
    for module in (glossary, languages, frames):
        monkeypatch.setattr(module, "VOCABULARY", tmp_path)
    for asked in ASKED_ONCE:
        asked.cache_clear()
    yield
    for asked in ASKED_ONCE:
        asked.cache_clear()


def allowed(text: str) -> bool:
    record = (("title", "Harbour Jacket"), ("attributes.material", "Cotton"), ("attributes.weight", "1.3 kg"))
    more = (("attributes.pockets", "2"), ("attributes.waterproof", "No"), ("categories", "Jackets"))
    grounds = Grounds(tuple(Source(field, said) for field, said in record + more), "it")
    return guard((Passage("body", text, 200),), grounds).allowed


@pytest.mark.usefixtures("italian")
@pytest.mark.parametrize("text", ["La giacca di cotone pesa 1,3 chilogrammi.", "Ha due tasche e non è impermeabile."])
def test_a_folder_of_text_files_is_all_that_a_new_language_needs(text: str) -> None:
    assert allowed(text)


@pytest.mark.usefixtures("italian")
@pytest.mark.parametrize(
    "text",
    [
        "Una giacca di lana.",
        "La giacca pesa 1,5 chilogrammi.",
        "Ha tre tasche.",
        "Questa giacca è impermeabile.",
        "Come intelligenza artificiale.",
    ],
)
def test_a_new_languages_wrong_facts_are_refused(text: str) -> None:
    assert not allowed(text)
