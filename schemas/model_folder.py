"""A model on disk: what of its folder counts, how that is named, and where workers look for a released one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from schemas.releases import ModelRevision

MODEL_FILES: Final = ("*.safetensors", "*.json", "*.jinja", "*.model", "merges.txt")
"""Weights are safetensors only: a pickle can run code. Settings and tokenizer are JSON, Jinja or sentencepiece."""

ADAPTER_FILE: Final = "adapter_config.json"
"""What a folder has that holds an adapter (LoRA) and not a whole model."""


def model_files(folder: Path) -> list[Path]:
    """Give the files that make a model what it is, by name."""
    return sorted({path for pattern in MODEL_FILES for path in folder.glob(pattern)})


def content_hash(files: Sequence[Path]) -> str:
    """Give the sha256 over names and contents: it changes when weights, tokenizer or settings do. Raises OSError."""
    total = hashlib.sha256()
    for path in files:
        with path.open("rb") as handle:
            content = hashlib.file_digest(handle, "sha256").hexdigest()
        total.update(f"{path.name}\0{content}\n".encode())
    return total.hexdigest()


def released_folder(models: Path, revision: ModelRevision) -> Path:
    """Give where a released model is looked for: below the folder of all models, under its hash."""
    return models / revision.revision
