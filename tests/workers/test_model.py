"""The model's folder: what is passed on, what is refused, and the hash that names it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workers.model import ModelNotFound, model_revision, prepare_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "tokenizer.json").write_text("{}")
    return folder


def test_a_folder_is_served_as_it_is(folder: Path) -> None:
    assert prepare_model(str(folder)) == folder


def test_a_folder_without_safetensors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelNotFound, match="safetensors"):
        prepare_model(str(tmp_path))


@pytest.mark.parametrize("changed", ["model.safetensors", "tokenizer.json"])
def test_the_revision_changes_with_the_weights_and_with_the_tokenizer(folder: Path, changed: str) -> None:
    before = model_revision(folder)
    (folder / changed).write_bytes(b"others")
    assert model_revision(folder) != before


def test_the_revision_of_the_same_content_elsewhere_is_the_same(folder: Path, tmp_path: Path) -> None:
    moved = folder.rename(tmp_path / "elsewhere")
    folder.mkdir()
    for path in moved.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    assert model_revision(folder) == model_revision(moved)


def test_a_folder_that_has_not_changed_is_not_read_again(folder: Path) -> None:
    before, weights = model_revision(folder), folder / "model.safetensors"
    times = (weights.stat().st_atime_ns, weights.stat().st_mtime_ns)
    weights.write_bytes(b"WEIGHTS")  # as long as before, and its time set back: only reading would notice
    os.utime(weights, ns=times)
    assert model_revision(folder) == before


def test_a_revision_needs_no_place_to_write(folder: Path) -> None:
    known = folder.with_name("model.revision.json")
    known.mkdir()
    assert model_revision(folder) == model_revision(folder) != ""
