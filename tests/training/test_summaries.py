from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.summaries import OURS, Reviewed, by_chance, compare, lead, main, most_central, read

_REVIEWS = ("The chair is sturdy and soft.", "A sturdy and soft chair.", "Arrived on a Monday in rain.")


def _file(folder: Path) -> Path:
    file = folder / "some.csv"
    rows = ["group_id\trev1\trev2\trev3\tsumm1\trating1", "P\t" + "\t".join(_REVIEWS) + "\tA sturdy, soft chair.\t5.0"]
    file.write_text("\n".join(rows), encoding="utf-8")
    return file


def test_a_file_of_reviews_and_summaries_is_read(tmp_path: Path) -> None:
    assert read(_file(tmp_path)) == read(tmp_path) == (Reviewed("some-0", _REVIEWS, ("A sturdy, soft chair.",)),)


def test_the_most_central_review_is_like_the_others() -> None:
    assert most_central(_REVIEWS) in _REVIEWS[:2]


def test_the_first_sentences_are_as_long_as_a_summary() -> None:
    assert lead(("One. Two.", "Three.")) == "One. Three."
    assert len(lead(("word " * 100,)).split()) == 60


def test_chance_is_the_same_each_time() -> None:
    assert by_chance(_REVIEWS) == by_chance(_REVIEWS)


def test_ours_is_compared_with_each_other_writer() -> None:
    products = (Reviewed("some-0", _REVIEWS, ("A sturdy, soft chair.",)),)
    table = compare(products, {"some-0": "A sturdy, soft chair."})
    assert table[OURS]["rouge1"].value == pytest.approx(100)
    assert table["above review by chance"]["rouge1"].value > 0


def test_the_command_prints_a_line_a_writer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours = tmp_path / "ours.jsonl"
    ours.write_text(json.dumps({"subject": "some-0", "text": "A chair."}) + "\n", encoding="utf-8")
    main(["--data", str(_file(tmp_path)), "--ours", str(ours)])
    printed = capsys.readouterr().out
    assert "most central review" in printed
    assert "above first sentences" in printed


def test_a_file_without_reviews_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="no reviews"):
        main(["--data", str(tmp_path)])
