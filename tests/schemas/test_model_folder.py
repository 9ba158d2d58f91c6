"""A model's name is what its folder holds."""

from __future__ import annotations

import hashlib
from pathlib import Path

from schemas.model_folder import content_hash, model_files, released_folder
from tests.factories import revision


def test_only_weights_settings_and_tokenizer_count_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.safetensors", "a.json", "run.py", "pickle.bin"):
        (tmp_path / name).write_bytes(name.encode())
    files = model_files(tmp_path)
    lines = "".join(f"{name}\0{hashlib.sha256(name.encode()).hexdigest()}\n" for name in ("a.json", "b.safetensors"))
    assert content_hash(files) == hashlib.sha256(lines.encode()).hexdigest()


def test_a_released_model_is_looked_for_under_the_name_that_its_texts_carry() -> None:
    assert released_folder(Path("models"), revision("c")) == Path("models/cccccccccccccccc")
