"""The model's folder: what is passed on, what is refused, and the hash that names it."""

from __future__ import annotations

import os
from fnmatch import fnmatch
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


@pytest.mark.parametrize("name", ["owner/model", "owner/model@main", "owner/model@v1.0", "owner/model@0123abc"])
def test_a_model_on_a_hub_is_named_with_its_commit_since_a_name_alone_may_change(name: str) -> None:
    with pytest.raises(ModelNotFound, match="names no commit"):
        prepare_model(name)


def test_of_a_model_on_a_hub_only_that_commit_and_nothing_that_runs_code_is_fetched(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, object] = {}

    def fetch(repository: str, **how: object) -> str:
        asked.update(how, repository=repository)
        return str(folder)

    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    assert prepare_model(f"owner/model@{'0a' * 20}") == folder
    assert (asked["repository"], asked["revision"]) == ("owner/model", "0a" * 20)
    patterns = asked["allow_patterns"]
    assert isinstance(patterns, list)
    assert not [one for one in patterns if fnmatch("modeling.py", one) or fnmatch("pytorch_model.bin", one)]


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
