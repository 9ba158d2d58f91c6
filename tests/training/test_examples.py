"""Examples in files: what is written is what is read, and what is no example is refused with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.training.tiny import examples
from training.examples import DataError, digest, hidden, read, write

LINE = json.loads(examples(1)[0].line())


def refused(tmp_path: Path, line: str) -> str:
    path = tmp_path / "train.jsonl"
    path.write_text(f"{examples(1, start=9)[0].line()}\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError) as told:
        read(path)
    return str(told.value)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", examples(3))
    before = digest(tmp_path / "train.jsonl")
    assert read(tmp_path / "train.jsonl") == tuple(examples(3))
    write(tmp_path / "train.jsonl", examples(2))
    assert digest(tmp_path / "train.jsonl") != before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"answer": " "}, "`answer` is a text, and not empty"),
        ({"answer": 7}, "`answer` is a text"),
        ({"answer": "A mat.\u202e"}, "cannot be seen: RIGHT-TO-LEFT OVERRIDE"),
        ({"answer": "A mat.\x07"}, r"cannot be seen: U\+0007"),
        ({"prompt": [{"role": "assistant", "content": "x"}]}, "a message has a role"),
        ({"prompt": [{"role": "user", "content": "x"}] * 2}, "a prompt is a system and a user message"),
        ({"label": 1}, "an example has the fields answer, prompt, source, task, wanted"),
        ({"wanted": "yes"}, "`wanted` is true or false"),
    ],
)
def test_what_is_no_example_is_refused_with_its_line(tmp_path: Path, change: dict[str, object], told: str) -> None:
    with pytest.raises(AssertionError, match=f"train.jsonl, line 2: .*{told}"):
        raise AssertionError(refused(tmp_path, json.dumps(LINE | change)))


def test_a_source_is_there_once(tmp_path: Path) -> None:
    assert "a second example of the source '9'" in refused(tmp_path, json.dumps(LINE | {"source": "9"}))


def test_a_file_that_is_cut_off_or_no_text_is_refused(tmp_path: Path) -> None:
    assert "line 2" in refused(tmp_path, '{"task": "product-descr')
    (tmp_path / "train.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        read(tmp_path / "train.jsonl")
    with pytest.raises(DataError, match="there is no"):
        read(tmp_path / "dev.jsonl")


def test_joiners_of_honest_scripts_are_seen() -> None:
    assert hidden("\u0645\u06cc\u200c\u062e\n") is None
    assert hidden("mat\u200b") == "ZERO WIDTH SPACE"
