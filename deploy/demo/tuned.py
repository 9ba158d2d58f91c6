"""Which model the demo writes with where none is named: one that was tuned for it, else the default."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from schemas.model_folder import released_folder
from schemas.releases import ModelRevision
from workers.model import DEFAULT_MODEL

_POINTER: Final = "demo.json"


def demo_model(models: Path) -> str:
    """Give the tuned model's folder below the folder of all models, or the default model's name."""
    with suppress(OSError, ValidationError):
        chosen = ModelRevision.model_validate_json((models / _POINTER).read_bytes())
        folder = released_folder(models, chosen)
        if any(folder.glob("*.safetensors")):
            return str(folder)
    return DEFAULT_MODEL


def choose(models: Path, revision: ModelRevision) -> None:
    """Let the next demo write with a model that is kept below the folder of all models."""
    draft = models / f".{_POINTER}.part"
    draft.write_text(revision.model_dump_json(indent=2) + "\n", encoding="utf-8")
    draft.replace(models / _POINTER)


def go_back(models: Path) -> bool:
    """Let the next demo write with the default model; False when it does already."""
    pointer = models / _POINTER
    was_chosen = pointer.exists()
    pointer.unlink(missing_ok=True)
    return was_chosen
