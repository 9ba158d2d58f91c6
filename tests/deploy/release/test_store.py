"""A released model is kept under its hash, whole, and never changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.release.store import NoSuchModel, keep, revision_of
from schemas.model_folder import released_folder


def model(folder: Path, weights: bytes = b"weights") -> Path:
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(weights)
    (folder / "config.json").write_text("{}")
    (folder / "notes.txt").write_text("no part of the model")
    return folder


def test_a_model_is_named_by_its_weights_and_settings_and_by_nothing_else(tmp_path: Path) -> None:
    one = revision_of(model(tmp_path / "one"), "tuned")
    (tmp_path / "one" / "notes.txt").write_text("changed")
    assert revision_of(tmp_path / "one", "tuned") == one
    assert revision_of(model(tmp_path / "other", b"other"), "tuned").content_hash != one.content_hash
    (tmp_path / "one" / "config.json").write_text('{"a": 1}')
    assert revision_of(tmp_path / "one", "tuned").content_hash != one.content_hash


def test_a_folder_without_weights_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(NoSuchModel, match="safetensors"):
        revision_of(tmp_path, None)


def test_what_is_kept_stays_when_the_training_s_folder_changes(tmp_path: Path) -> None:
    folder = model(tmp_path / "tuned")
    revision = revision_of(folder, None)
    kept = keep(folder, revision, tmp_path / "models")
    (folder / "model.safetensors").write_bytes(b"overwritten")
    assert (revision.name, kept) == ("tuned", released_folder(tmp_path / "models", revision))
    assert revision_of(kept, "tuned") == revision
    assert keep(folder, revision, tmp_path / "models") == kept


def test_a_model_that_changes_while_it_is_copied_is_not_kept(tmp_path: Path) -> None:
    revision = revision_of(model(tmp_path / "earlier"), None)
    with pytest.raises(NoSuchModel, match="changed"):
        keep(model(tmp_path / "later", b"later"), revision, tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []
