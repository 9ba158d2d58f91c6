"""The page of samples shows what was published, the newest of each key, and counts who wrote it."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.quality_page import SHOWN, page, texts


def line(key: str, headline: str | None, origin: str = "model", *reasons: str) -> str:
    made = {"origin": origin, "reasons": reasons}
    value = (
        None if headline is None else {"locale": "en", "provenance": made, "headline": headline, "bullets": ["a", "b"]}
    )
    return json.dumps({"key": key, "value": value}) + "\n"


def written(folder: Path, *lines: str) -> Path:
    (folder / "product-descriptions.jsonl").write_text("".join(lines))
    return folder


def test_the_newest_text_of_a_key_is_shown_and_a_withdrawn_one_is_not(tmp_path: Path) -> None:
    folder = written(tmp_path, line("P1|en", "Old"), line("P1|en", "New"), line("P2|en", "Gone"), line("P2|en", None))
    (one,) = texts(folder / "product-descriptions.jsonl")
    assert one.said == (("headline", "New"), ("bullets", "a · b"))


def test_at_most_ten_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    lines = (line(f"P{number}|en", "Text", "model" if number % 2 else "template", "length") for number in range(14))
    told = page(written(tmp_path, *lines))
    assert told.count("headline: Text") == SHOWN
    assert "| product-descriptions | 14 | 7 | 0 | 7 | 50 % |" in told
    assert "| `length` | 14 |" in told


def test_which_texts_are_shown_does_not_hang_on_their_order(tmp_path: Path) -> None:
    lines = [line(f"P{number}|en", f"Text {number}") for number in range(20)]
    assert page(written(tmp_path, *lines)) == page(written(tmp_path, *reversed(lines)))


def test_markup_in_a_text_stays_text(tmp_path: Path) -> None:
    assert "\\<b>bold" in page(written(tmp_path, line("P1|en", "<b>bold")))


def test_withheld_texts_are_named_with_their_rules(tmp_path: Path) -> None:
    withheld = {
        "value": {"subject": "P9", "task": "ad-copy", "hits": [{"rule": "link"}, {"rule": "length"}]},
        "key": "P9",
    }
    (tmp_path / "content-withheld.jsonl").write_text(json.dumps(withheld) + "\n")
    assert "- **P9** (ad-copy): link, length" in page(tmp_path)
