"""A shop's own texts as a set: what is learned and what is left out, old examples among them, a model that learns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.dataset.lesson import LeftOut
from deploy.dataset.texts import from_texts, main
from tests.training.tiny import a_set, tiny_model
from training.examples import DEV, TRAIN, DataError, read
from training.recipe import Recipe
from training.tune import Asked, tune

TEXTS = "\n\n".join(f"Lamp {number} throws a warm circle of light upon {number} square metres." for number in range(40))


def a_folder(folder: Path, text: str = TEXTS) -> Path:
    folder.mkdir()
    (folder / "lamps.txt").write_text(text, encoding="utf-8")
    return folder


def test_each_text_is_an_example_without_a_prompt_or_left_out_with_a_reason(tmp_path: Path) -> None:
    data = a_folder(tmp_path / "texts", "A lamp.\n \nWrite to mara@harbour.example.\n\n\n\nTwo\nlines.\n")
    first, second, third = from_texts([data])
    assert second == LeftOut("lamps.txt:1", "personal data")
    assert not isinstance(first, LeftOut)
    assert not isinstance(third, LeftOut)
    assert [(one.prompt, one.answer) for one in (first, third)] == [((), "A lamp."), ((), "Two\nlines.")]


def test_no_text_is_both_learned_and_looked_at(tmp_path: Path) -> None:
    main(["--data", str(a_folder(tmp_path / "texts")), "--out", str(tmp_path / "set"), "--dev-share", "0.3"])
    train, dev = ({one.answer for one in read(tmp_path / "set" / name)} for name in (TRAIN, DEV))
    assert train.isdisjoint(dev)
    assert len(train) > len(dev) > 0


def test_what_is_replayed_has_its_share(tmp_path: Path) -> None:
    flags = ["--data", str(a_folder(tmp_path / "texts")), "--replay", str(a_set(tmp_path / "old", train=400))]
    main([*flags, "--replay-share", "0.25", "--dev-share", "0", "--out", str(tmp_path / "set")])
    some = read(tmp_path / "set" / TRAIN)
    old = sum(len(one.answer) for one in some if one.prompt)
    assert old / sum(len(one.answer) for one in some) == pytest.approx(0.25, abs=0.02)
    assert json.loads((tmp_path / "set" / "card.json").read_text())["made"]["replay"] == sum(
        bool(one.prompt) for one in some
    )


def test_a_text_that_an_evaluation_file_has_stops_the_command(tmp_path: Path) -> None:
    data, out = a_folder(tmp_path / "texts"), tmp_path / "set"
    with pytest.raises(SystemExit, match="40 of 40 examples are in an evaluation set"):
        main(["--data", str(data), "--evaluation", str(data), "--out", str(out)])
    with pytest.raises(DataError, match=r"has no \.txt or \.md file"):
        list(from_texts([out]))


def test_a_model_goes_on_learning_from_texts(tmp_path: Path) -> None:
    main(["--data", str(a_folder(tmp_path / "texts")), "--out", str(tmp_path / "set")])
    recipe = Recipe(method="full", epochs=2, batch_tokens=64, learning_rate=0.02, check_every=99)
    tune(Asked(tmp_path / "set", tiny_model(tmp_path / "model"), tmp_path / "run", report_to="none"), recipe)
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["loss"] < json.loads(lines[0])["loss"] - 1
