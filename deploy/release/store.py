"""The folder of released models: each under its hash, complete or not at all, and never changed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from schemas.model_folder import content_hash, model_files, released_folder
from schemas.releases import ModelRevision
from training.release import ReleaseError


class NoSuchModel(ReleaseError):
    """There is no model in the folder that was named."""


def revision_of(folder: Path, name: str | None) -> ModelRevision:
    """Name a model by what its folder holds; raises NoSuchModel."""
    files = model_files(folder)
    if not any(path.suffix == ".safetensors" for path in files):
        raise NoSuchModel(f"{folder} holds no .safetensors file: save the model with save_pretrained() there")
    return ModelRevision(name=name or folder.resolve().name, content_hash=content_hash(files))


def keep(folder: Path, revision: ModelRevision, models: Path) -> Path:
    """Copy a model to where workers look for it, all of it or nothing; one that is there already is left as it is."""
    kept = released_folder(models, revision)
    if kept.is_dir():
        return kept
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=models) as drafts:
        draft = Path(drafts) / kept.name
        draft.mkdir(mode=0o755)
        for path in model_files(folder):
            shutil.copyfile(path, draft / path.name)
        if revision_of(draft, revision.name) != revision:
            raise NoSuchModel(f"{folder} changed while it was copied: is it still being written?")
        draft.rename(kept)
    return kept
