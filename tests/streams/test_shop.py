"""A shop's file says what is wanted and in which voice, or is refused in plain words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.request import Facts, Voice
from schemas.tasks import PRODUCT_DESCRIPTION, REVIEW_DRAFT, SUPPORT_REPLY
from streams.shop import Shop, ShopFileWrong, read_shop

_WHOLE = """
locales = ["en", "fr-CA"]
localise_to = ["de"]
tasks = ["product-description"]

[voice]
tone = "warm"
banned_words = ["cheap"]
competitors = ["Bigmart"]
reading_level = 8

[voice.max_characters]
body = 400

[voices.de]
banned_words = ["billig"]
"""


def _shop(tmp_path: Path, text: str) -> Shop:
    file = tmp_path / "shop.toml"
    file.write_text(text)
    return read_shop(file, locales=("en",))


def test_a_shop_without_a_file_wants_everything_in_the_languages_set() -> None:
    assert read_shop(None, locales=("de",)) == Shop(("de",))


def test_a_file_says_which_texts_are_wanted_where(tmp_path: Path) -> None:
    shop = _shop(tmp_path, _WHOLE)
    assert shop.locales_for(PRODUCT_DESCRIPTION) == ("en", "fr-CA")
    assert shop.locales_for(SUPPORT_REPLY) == ()
    assert shop.localise_to == ("de",)


def test_a_languages_voice_says_what_it_says_and_else_what_the_shops_voice_does(tmp_path: Path) -> None:
    shop = _shop(tmp_path, _WHOLE)
    english, german = (shop.spoken(Facts(), PRODUCT_DESCRIPTION, locale).voice for locale in ("en", "de-AT"))
    assert english == Voice(
        tone="warm",
        banned_words=("cheap",),
        competitors=("Bigmart",),
        max_characters={"body": 400},
        reading_level=8,
    )
    assert german == english.model_copy(update={"banned_words": ("billig",)})


def test_a_shopper_does_not_speak_with_the_shops_voice(tmp_path: Path) -> None:
    assert _shop(tmp_path, _WHOLE).spoken(Facts(), REVIEW_DRAFT, "en").voice is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tasks = ['poem']", "no task poem; there are product-description"),
        ("[voice]\ntune = 'warm'", "voice.tune"),
        ("[voice]\nreading_level = 0", "voice.reading_level"),
        ("[voice.max_characters]\nbody = 0", "voice.max_characters.body"),
        ("locales = ['english']", "locales.0"),
        ("locales = ['en']\nlocalise_to = ['en']", "one of the two"),
        ("locales = [", "shop.toml"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_that_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ShopFileWrong, match=told):
        _shop(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShopFileWrong, match=r"nowhere\.toml"):
        read_shop(tmp_path / "nowhere.toml", locales=("en",))


def test_a_process_with_a_wrong_file_ends_at_once_and_says_why(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text("tasks = ['poem']")
    environment = os.environ | {"SHELFTALK_SHOP": str(file), "SHELFTALK_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "streams"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == os.EX_CONFIG
    assert "no task poem" in done.stdout + done.stderr
