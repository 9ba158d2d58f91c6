from __future__ import annotations

from pathlib import Path

import pytest

from deploy.evaluation.opinions import aspect_verdicts, figures, main, rated


def test_sentiment_is_compared_with_peoples_ratings(tmp_path: Path) -> None:
    rows = ["1\t3.1\tI love it, excellent.", "2\t-3.0\tIt broke, a waste of money.", "3\t0.1\tIt is blue.", "no row"]
    file = tmp_path / "rated.tsv"
    file.write_text("\n".join(rows), encoding="utf-8")
    assert rated(file)[0] == [3.1, -3.0, 0.1]
    found = dict(figures(tmp_path))
    assert found["rated.tsv: Pearson with people"].value > 0.9


def test_an_aspect_is_right_where_its_side_is_ours(tmp_path: Path) -> None:
    file = tmp_path / "aspects.txt"
    lines = ["[t] a title", "battery[+2]##the battery is excellent .", "price[+1]##the price is horrible .", "##blue ."]
    file.write_text("\n".join(lines), encoding="latin-1")
    assert list(aspect_verdicts(file)) == [True, False]


def test_sentiment_is_compared_with_stars(tmp_path: Path) -> None:
    text = "rev1\trating1\trev2\trating2\nI love it.\t5.0\tIt broke and I hate it.\t1.0\n"
    (tmp_path / "stars.csv").write_text(text, encoding="utf-8")
    assert dict(figures(tmp_path))["stars.csv: Pearson with stars"].value == pytest.approx(1)


def test_a_folder_with_nothing_to_read_is_said_to_have_nothing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no file"):
        main(["--data", str(tmp_path)])
